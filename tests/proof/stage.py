"""`make run` on a folder of its own, to be killed: the real supervisor with all it looks after.

Unlike the servers of other tests these are ended without asking. This process uses the same
Postgres and Redis, so that they stay as long as it does.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

from flightbooking import processes
from flightbooking.local.embedded import Postgres, Redis
from flightbooking.local.server import LocalServer
from tests.running import free_port, wait_until

READY_SECONDS = 90
# Nobody listens there: how Redis is when it is off from start to end.
NO_REDIS = "redis://127.0.0.1:1/0"
# The simulated one by another name, so that no month of made-up flights is loaded.
GATEWAY = "tests.people.AnotherGateway"
# As `make run` has them, whatever the environment of a test or a benchmark says.
NOT_INHERITED = (
    *("DATABASE_URL", "REDIS_URL", "DEBUG", "LOG_LEVEL", "SEAT_HOLD_SECONDS"),
    *("HOLD_LIMIT_SECONDS", "SWEEP_SECONDS", "PAYMENT_LATENCY_SECONDS", "PAYMENT_FAILURE_RATE"),
    *("PAYMENT_TIMEOUT_SECONDS", "PAYMENT_RETRY_SECONDS", "PAYMENT_MAX_ATTEMPTS"),
)


def prepare(var_dir: Path, variables: Mapping[str, str], *, redis_off: bool = False) -> None:
    """Empty the folder and set the environment of this process and of all that it starts.

    Before Django reads its settings. Ends servers that a killed run left there.
    """
    for name in NOT_INHERITED:
        os.environ.pop(name, None)
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "flightbooking.settings",
            "VAR_DIR": str(var_dir),
            "STATIC_FROM_SOURCE": "true",
            "PAYMENT_GATEWAY": GATEWAY,
            **variables,
            **({"REDIS_URL": NO_REDIS} if redis_off else {}),
        }
    )
    (var_dir / "static").mkdir(parents=True, exist_ok=True)
    for server in (Postgres(var_dir), Redis(var_dir)):
        server.stop()
        shutil.rmtree(server.data, ignore_errors=True)


def keep_commit_times(var_dir: Path) -> None:
    """Let the folder's Postgres know of each transaction when it committed, also after kill -9."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ALTER SYSTEM SET track_commit_timestamp = on")
    connection.close()
    server = Postgres(var_dir)
    server.stop()
    server.ensure()


class Stage:
    """The supervisor, and whom it looks after by name."""

    def __init__(self, var_dir: Path) -> None:
        self.var_dir = var_dir
        self.port = free_port()
        self.names = tuple(processes.commands())
        servers: tuple[LocalServer, LocalServer] = (Postgres(var_dir), Redis(var_dir))
        self.postgres, self.redis = servers
        self.redis_off = os.environ.get("REDIS_URL") == NO_REDIS
        self.terminal = var_dir / "terminal"
        self._supervisor: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """As somebody types `make run`; does not wait."""
        with self.terminal.open("ab") as terminal:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-m", "flightbooking.local.supervisor"],
                cwd=processes.BASE_DIR,
                env={**os.environ, "PORT": str(self.port)},
                stdin=subprocess.DEVNULL,
                stdout=terminal,
                stderr=terminal,
            )

    def wait(self) -> None:
        """Come back when every process runs and the web server answers."""
        where = f"the stack; see {self.terminal} and {self.var_dir / 'log'}"
        wait_until(self.is_whole, where, seconds=READY_SECONDS)

    def is_whole(self) -> bool:
        if self._supervisor is None or self._supervisor.poll() is not None:
            self.start()
        return all(map(_runs, self.groups().values())) and self.serves()

    def serves(self) -> bool:
        """Whether /health answers, and finds Postgres well."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200 or self.redis_off
        except OSError:
            return False
        finally:
            connection.close()

    def groups(self) -> dict[str, int]:
        """The process group of each process of the stack; 0 for one that does not run."""
        listed = self.var_dir / "locks" / "stack.children"
        groups = [int(group) for group in listed.read_text().split()] if listed.exists() else []
        if len(groups) < len(self.names):
            # While one is down the list does not say which.
            return dict.fromkeys(self.names, 0)
        return dict(zip(self.names, groups, strict=True))

    def signal(self, name: str, number: signal.Signals) -> bool:
        """Send a signal to a process and its children; whether it was there."""
        group = self.groups()[name]
        if not group:
            return False
        try:
            os.killpg(group, number)
        except ProcessLookupError:
            return False
        return True

    def cut_power(self) -> None:
        """End everything at once: supervisor, processes, Postgres and Redis, all with -9."""
        assert self._supervisor
        groups = [group for group in self.groups().values() if group]
        self._supervisor.kill()
        for group in groups:
            processes.kill_group(group)
        for server in (self.postgres, self.redis):
            end_at_once(server)
        self._supervisor.wait()

    def stop(self) -> None:
        if self._supervisor and self._supervisor.poll() is None:
            self._supervisor.terminate()
            self._supervisor.wait()


def end_at_once(server: LocalServer) -> bool:
    """kill -9 of a server's main process and, for Postgres, of its children; whether it ran."""
    pid = server.pid()
    if pid is None:
        return False
    for each in [pid, *_children_of(pid)]:
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)
    # Somebody may have started another one by now.
    wait_until(lambda: server.pid() != pid, f"the end of {server.name}")
    return True


@contextmanager
def running(var_dir: Path) -> Iterator[Stage]:
    """The whole stack at work, on a migrated and empty database."""
    from django.core.management import call_command

    from tests.people import a_flight

    call_command("migrate", interactive=False, verbosity=0)
    a_flight()
    stage = Stage(var_dir)
    stage.start()
    try:
        stage.wait()
        yield stage
    finally:
        stage.stop()


def _children_of(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def _runs(group: int) -> bool:
    if not group:
        return False
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
