"""The stack that is measured: every process of `make run`, on a free port."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Self
from unittest.mock import patch
from urllib.request import urlopen

from flightbooking import processes
from flightbooking.celery import app
from flightbooking.local.embedded import Postgres, Redis
from tests.load.databases import url_of
from tests.load.environment import VAR_DIR, Refused, short
from tests.running import free_port, wait_until

LOG = VAR_DIR / "log"


class Stack:
    """Runs inside a `with`; the servers are this process's own, and end with it."""

    def __init__(self, *names: str) -> None:
        """All processes, or only these."""
        self.port = free_port()
        commands = processes.commands(port=self.port)
        self._commands = {name: commands[name] for name in names or commands}
        self._running: dict[str, processes.Process] = {}

    def __enter__(self) -> Self:
        try:
            self.start(*self._commands)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, *names: str) -> None:
        """Start these processes, and come back when they are at work."""
        for name in names:
            self._running[name] = processes.spawn(self._commands[name], log=LOG / f"{name}.log")

        def at_work() -> bool:
            self.must_be_complete()
            return all(map(self._at_work, names))

        wait_until(at_work, f"{', '.join(names)}; see {short(LOG)}", seconds=60)

    def start_web_on(self, database: str) -> int:
        """One more web process, on another database of the same server; its port."""
        name, port = f"web on {database}", free_port()
        self._running[name] = processes.spawn(
            processes.commands(port=port)["web"],
            log=LOG / f"{name}.log",
            environment={**os.environ, "DATABASE_URL": url_of(database)},
        )
        wait_until(lambda: _answers(port), name)
        return port

    def stop(self, *names: str) -> None:
        """Stop these processes, or all; whoever does not stop is ended."""
        chosen = [name for name in names or tuple(self._running) if name in self._running]
        processes.stop([self._running.pop(name) for name in chosen], seconds=5)

    def complete(self) -> None:
        """Start what does not run, the servers included: something went wrong before."""
        for server in (Postgres(VAR_DIR), Redis(VAR_DIR)):
            server.ensure()
        if missing := [name for name in self._commands if name not in self._running]:
            self.start(*missing)

    @contextmanager
    def staffed(self, count: int) -> Iterator[None]:
        """So many web processes and as many workers for a while, in place of the usual ones."""
        usual = self._commands
        self.stop("web", "work")
        self._commands = {**usual, **_staff(count, port=self.port)}
        staff = [name for name in self._commands if name.startswith(("web", "work"))]
        try:
            self.start(*staff)
            yield
        finally:
            self.stop(*staff)
            self._commands = usual
            self.start("web", "work")

    def must_be_complete(self) -> None:
        """Raise Refused if a process ended meanwhile: the figures would be worth nothing."""
        ended = [name for name, process in self._running.items() if process.poll() is not None]
        if ended:
            raise Refused(f"{', '.join(ended)} ended by itself; see {short(LOG)}.")

    @property
    def pids(self) -> dict[str, int]:
        """The main process of each part, the servers included."""
        pids = {name: process.pid for name, process in self._running.items()}
        return pids | server_pids()

    def _at_work(self, name: str) -> bool:
        if name == "web":
            return _answers(self.port)
        return not name.startswith(("work", "timers")) or _worker_answers(name)


def server_pids() -> dict[str, int]:
    """The main process of Postgres and of Redis."""
    pids = {}
    for server in (Postgres(VAR_DIR), Redis(VAR_DIR)):
        pid = server.pid()
        if pid is None:
            raise Refused(f"The embedded {server.name} ended by itself; see {short(LOG)}.")
        pids[server.name] = pid
    return pids


def _staff(count: int, *, port: int) -> dict[str, list[str]]:
    """The commands of so many web processes, which are one command's, and of so many workers."""
    with patch.dict(os.environ, WEB_PROCESSES=str(count)):
        commands = processes.commands(port=port)
    names = ["work", *(f"work{number}" for number in range(2, count + 1))]
    workers = {
        name: [part.replace("work@", f"{name}@") for part in commands["work"]] for name in names
    }
    return {"web": commands["web"], **workers}


def _answers(port: int) -> bool:
    with suppress(OSError):
        urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
        return True
    return False


def _worker_answers(name: str) -> bool:
    worker = f"{name}@{socket.gethostname()}"
    return bool(app.control.ping(timeout=0.5, limit=1, destination=[worker]))
