"""One run: everything started, each work measured in turn, everything checked and stopped."""

import signal
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType

from django.core.management import call_command
from django.db import connection

from flightbooking.local.embedded import Postgres, Redis
from tests.load.alone import PostgresAlone
from tests.load.databases import ALONE, FEW, SCHEDULE, ask, copy_database
from tests.load.environment import VAR_DIR, Refused, short
from tests.load.meters import Others
from tests.load.report import Report, Row
from tests.load.setting import Setting, Sizes
from tests.load.stack import LOG, Stack, server_pids
from tests.load.works import (
    bookings,
    doubled,
    due,
    growth,
    holds,
    idle,
    imports,
    pages,
    rush,
    search,
    seat_map,
    sweep,
    wait,
)
from tests.people import a_layout

# In the order they are run: without holds before with them, the many flights last.
MEASURES: dict[str, Callable[[Setting], Report]] = {
    "bookings": bookings.measure,
    "wait": wait.measure,
    "pages": pages.measure,
    "sweep": sweep.measure,
    "doubled": doubled.measure,
    "map": seat_map.measure,
    "rush": rush.measure,
    "idle": idle.measure,
    "holds": holds.measure,
    "due": due.measure,
    "growth": growth.measure,
    "search": search.measure,
    "import": imports.measure,
}
# A work that takes longer is ended, and the others go on.
USUAL_SECONDS, MOST_SECONDS = 10 * 60, {"growth": 4 * 60 * 60}
FAILURES = LOG / "failures.log"


class TookTooLong(Exception):
    """A work did not end by itself."""


def measure(works: Sequence[str], sizes: Sizes) -> Report:
    """The reports of these works, in their order; one that fails says why in its row.

    Raises Refused when the stack cannot be started.
    """
    start_servers()
    a_layout()  # The works' flights have it, and the copies must know it by the same id.
    for name in (ALONE, FEW, SCHEDULE):
        copy_database(name)
    with Stack() as stack:
        setting = Setting(stack, sizes, PostgresAlone(stack, count=sizes.alone))
        found: dict[str, Report] = {}
        others: dict[str, float] = {}
        for work in (name for name in MEASURES if name in works):
            found[work], others[work] = _measured(work, setting)
        report = sum((found[work] for work in works), Report())
        return report + _others(others) + _checked(stack)


def start_servers() -> None:
    """Postgres and Redis, with the data of `make run`."""
    print("Starting…", flush=True)
    for server in (Postgres(VAR_DIR), Redis(VAR_DIR)):
        server.use()
    call_command("prepare")
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        if ask(f"SHOW {name}") != "on":
            raise Refused(f"{name} is off: figures without it would be worth nothing.")


def _measured(work: str, setting: Setting) -> tuple[Report, float]:
    """What a work found out, and how many cores were busy with something else meanwhile."""
    print(f"{work}… ", end="", flush=True)
    started, cores = time.monotonic(), 0.0
    try:
        setting.stack.complete()
        others = Others(server_pids().values())
        with _at_most(MOST_SECONDS.get(work, USUAL_SECONDS)):
            report = MEASURES[work](setting)
        setting.stack.must_be_complete()
        cores = others.cores()
    except Exception as error:
        report = _failed(work, error)
        # Whatever it left behind: the next one starts them anew.
        setting.stack.stop()
        connection.close()
    print(f"{time.monotonic() - started:.0f} s; others used {cores:.2f} cores", flush=True)
    return report, cores


def _failed(work: str, error: Exception) -> Report:
    why = f"{type(error).__name__}: {error}".split("\n")[0][:200].replace("|", "/")
    print(f"failed: {why}; see {short(FAILURES)}. ", end="")
    FAILURES.parent.mkdir(parents=True, exist_ok=True)
    with FAILURES.open("a") as log:
        log.write(f"{work}\n{''.join(traceback.format_exception(error))}\n")
    return Report([Row(work=work, seen=f"failed: {why}", reached=False)], failed=[work])


@contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    """Raises TookTooLong inside, wherever it is by then."""

    def end(number: int, frame: FrameType | None) -> None:
        raise TookTooLong(f"it did not end within {seconds} s")

    signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def _others(cores: Mapping[str, float]) -> Report:
    each = ", ".join(f"{work} {used:.2f}" for work, used in cores.items())
    return Report(notes=[f"Cores that whatever else runs on the machine used meanwhile: {each}."])


def _checked(stack: Stack) -> Report:
    """Figures of a system that lost a seat are worth nothing."""
    try:
        stack.complete()
        call_command("check_bookings")
    except Exception as error:
        return _failed("check_bookings", error)
    return Report()
