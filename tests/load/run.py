"""One run: everything started, each work measured in turn, everything checked and stopped."""

import time
from collections.abc import Callable, Sequence

from django.core.management import CommandError, call_command

from flightbooking.local.embedded import Postgres, Redis
from tests.load.alone import PostgresAlone
from tests.load.databases import ALONE, FEW, SCHEDULE, ask, copy_database
from tests.load.environment import VAR_DIR, Refused
from tests.load.report import Report
from tests.load.setting import QUICK, Setting, Sizes
from tests.load.stack import Stack
from tests.load.works import bookings, due, holds, idle, imports, rush, search, seat_map

# In the order they are run: without holds before with them, the many flights last.
MEASURES: dict[str, Callable[[Setting], Report]] = {
    "bookings": bookings.measure,
    "map": seat_map.measure,
    "rush": rush.measure,
    "idle": idle.measure,
    "holds": holds.measure,
    "due": due.measure,
    "search": search.measure,
    "import": imports.measure,
}


def measure(works: Sequence[str], *, quick: bool) -> Report:
    """The reports of these works, in their order.

    Raises Refused, also when `check_bookings` finds a broken promise at the end.
    """
    sizes = QUICK if quick else Sizes()
    start_servers()
    for name in (ALONE, FEW, SCHEDULE):
        copy_database(name)
    with Stack() as stack:
        setting = Setting(stack, sizes, PostgresAlone(stack, count=sizes.alone))
        found: dict[str, Report] = {}
        for work in (name for name in MEASURES if name in works):
            started = time.monotonic()
            print(f"{work}… ", end="", flush=True)
            found[work] = MEASURES[work](setting)
            stack.must_be_complete()
            print(f"{time.monotonic() - started:.0f} s", flush=True)
        _check()
    return sum((found[work] for work in works), Report())


def start_servers() -> None:
    """Postgres and Redis, with the data of `make run`."""
    print("Starting…", flush=True)
    for server in (Postgres(VAR_DIR), Redis(VAR_DIR)):
        server.use()
    call_command("prepare")
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        if ask(f"SHOW {name}") != "on":
            raise Refused(f"{name} is off: figures without it would be worth nothing.")


def _check() -> None:
    try:
        call_command("check_bookings")
    except CommandError as error:
        raise Refused(f"check_bookings: {error}") from error
