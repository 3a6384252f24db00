"""`make run`'s supervisor, with all its real processes on a folder of its own."""

import fcntl
import importlib.util
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.request import urlopen

import pytest

from flightbooking.local.embedded import Postgres, Redis
from flightbooking.local.server import LocalServer
from flightbooking.processes import BASE_DIR
from tests.running import free_port, wait_until

pytestmark = pytest.mark.xdist_group("stack")


COMMAND = [sys.executable, "-m", "flightbooking.local.supervisor"]


def environment(var_dir: Path, *, port: int) -> dict[str, str]:
    given = {"DATABASE_URL", "REDIS_URL", "STATIC_FROM_SOURCE"}
    ours = {name: value for name, value in os.environ.items() if name not in given}
    return ours | {"VAR_DIR": str(var_dir), "PORT": str(port)}


class Supervisor:
    """One start of the stack; what it prints is in `output`."""

    def __init__(self, var_dir: Path, *, port: int) -> None:
        self.var_dir = var_dir
        self.port = port
        self._terminal = var_dir / "terminal"
        with self._terminal.open("wb") as terminal:
            self.process = subprocess.Popen(
                COMMAND,
                cwd=BASE_DIR,
                env=environment(var_dir, port=port),
                stdin=subprocess.DEVNULL,
                stdout=terminal,
                stderr=terminal,
            )

    @property
    def output(self) -> str:
        return self._terminal.read_text()

    def wait_until_it_says(self, text: str) -> None:
        # Making a database takes its time on a busy disk.
        wait_until(lambda: text in self.output, f"{text!r}; see {self._terminal}", seconds=90)

    def children(self) -> list[int]:
        listed = (self.var_dir / "locks" / "stack.children").read_text()
        return [int(group) for group in listed.split()]

    def serves(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/", timeout=5) as answer:
                return int(answer.status) == 200
        except OSError:
            return False


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stack")


@pytest.fixture(scope="module")
def stack(folder: Path) -> Iterator[Supervisor]:
    """A running stack for the tests that leave it running."""
    supervisor = Supervisor(folder, port=free_port())
    try:
        supervisor.wait_until_it_says("To stop")
        wait_until(lambda: len(supervisor.children()) == 5, "all five processes")
        yield supervisor
    finally:
        supervisor.process.kill()
        supervisor.process.wait()
        for server in (Postgres(folder), Redis(folder)):
            server.stop()


def refusal(var_dir: Path, *, port: int) -> str:
    """The line of a start that is refused."""
    start = subprocess.run(
        COMMAND,
        cwd=BASE_DIR,
        env=environment(var_dir, port=port),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (start.returncode, start.stdout) == (1, "")
    return start.stderr


def has_another_process(server: LocalServer, pid: int | None) -> bool:
    return server.pid() not in (None, pid)


def children_are_gone(var_dir: Path) -> bool:
    """Whether no process holds the lock that every child inherits."""
    with (var_dir / "locks" / "stack.children").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def test_it_serves_and_says_where_and_how_to_log_in(stack: Supervisor) -> None:
    assert stack.serves()
    password = (stack.var_dir / "operator_password").read_text()
    assert f"http://127.0.0.1:{stack.port}/admin/  operator / {password}\n" in stack.output
    assert (stack.var_dir / "operator_password").stat().st_mode & 0o777 == 0o600


def test_a_child_that_dies_is_started_again(stack: Supervisor) -> None:
    before = stack.children()
    os.kill(before[1], signal.SIGKILL)
    stack.wait_until_it_says("work ended (SIGKILL), starting it again")
    wait_until(lambda: len(set(stack.children()) - set(before)) == 1, "a new worker")


def test_a_killed_web_server_takes_its_own_children_along(stack: Supervisor) -> None:
    os.kill(stack.children()[0], signal.SIGKILL)
    stack.wait_until_it_says("web ended (SIGKILL), starting it again")
    wait_until(stack.serves, "the web server")


def test_postgres_and_redis_are_started_again(stack: Supervisor) -> None:
    for server in (Postgres(stack.var_dir), Redis(stack.var_dir)):
        killed = server.pid()
        server.send(signal.SIGKILL)
        wait_until(partial(has_another_process, server, killed), server.name)
    wait_until(stack.serves, "a page from the new PostgreSQL")


def test_a_second_start_on_the_same_folder_is_refused(stack: Supervisor) -> None:
    message = refusal(stack.var_dir, port=free_port())
    assert re.fullmatch(rf"It already runs on .*: http://127.0.0.1:{stack.port}/\n", message)


def test_a_taken_port_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        message = refusal(tmp_path, port=port)
    assert re.fullmatch(rf"Cannot listen on 127.0.0.1 port {port} .*\n", message)


def test_children_go_when_the_supervisor_is_killed(stack: Supervisor) -> None:
    assert not children_are_gone(stack.var_dir)
    stack.process.kill()
    stack.process.wait()
    wait_until(lambda: children_are_gone(stack.var_dir), "the children to end")


def test_a_signal_stops_everything(folder: Path, stack: Supervisor) -> None:
    """A start on what the killed stack left, and then a clean stop."""
    again = Supervisor(folder, port=free_port())
    again.wait_until_it_says("To stop")
    again.process.terminate()
    assert again.process.wait(timeout=8) == 0
    assert children_are_gone(folder)
    assert not Postgres(folder).alive()
    assert not Redis(folder).alive()


def test_make_run_starts_what_is_there() -> None:
    """Without starting it: what `make run` would call can be found."""
    said = subprocess.run(
        ["make", "--dry-run", "run"], cwd=BASE_DIR, capture_output=True, text=True, check=True
    ).stdout
    (module,) = {
        line.split(" -m ")[1].strip() for line in said.splitlines() if " -m flight" in line
    }
    assert importlib.util.find_spec(module)
