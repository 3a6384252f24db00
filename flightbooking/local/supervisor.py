"""`make run`: all that the product needs on one machine, started, watched and stopped together."""

import fcntl
import os
import select
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from types import FrameType
from typing import IO

from django.core.exceptions import ImproperlyConfigured

from flightbooking import environment, processes
from flightbooking.local.embedded import Postgres, Redis
from flightbooking.local.server import LocalServer, ServerFailed

OPERATOR = "operator"
STOP_SECONDS = 4
WEB_FIRST_SECONDS = 5
# A child that ran this long before it died is started again at once.
STEADY_SECONDS = 10
LONGEST_PAUSE_SECONDS = 10


def operator_password_file(var_dir: Path) -> Path:
    """Where the first operator's password is kept while it is the one that was made here."""
    return var_dir / "operator_password"


class Refused(Exception):
    """The stack cannot start here; the message says why in one line."""


@dataclass
class Child:
    """One process of the stack, and when it is to be started again."""

    name: str
    command: list[str]
    log: Path
    process: processes.Process | None = None
    started: float = 0
    quick_deaths: int = 0
    start_at: float = field(default_factory=time.monotonic)

    def start(self, children_lock: int) -> None:
        self.process = processes.spawn(self.command, log=self.log, inherit=[children_lock])
        self.started = time.monotonic()

    def died(self) -> str:
        """Plan the next start, later each time it dies young; what to tell the reader."""
        assert self.process
        processes.kill(self.process)  # Its own children do not outlive it.
        code, self.process = self.process.returncode, None
        lived = time.monotonic() - self.started
        self.quick_deaths = 0 if lived > STEADY_SECONDS else self.quick_deaths + 1
        pause = min(0.5 * 2**self.quick_deaths, LONGEST_PAUSE_SECONDS) if self.quick_deaths else 0
        self.start_at = time.monotonic() + pause
        how = f"exit code {code}" if code >= 0 else signal.Signals(-code).name
        return f"{self.name} ended ({how}), starting it again; see {_short(self.log)}"


class Stack:
    """The processes of one VAR_DIR behind one address."""

    def __init__(self, *, host: str, port: int, var_dir: Path) -> None:
        self.host, self.port, self.var_dir = host, port, var_dir
        self.stopping = False
        self.open = False
        self.servers: list[LocalServer] = []
        commands = processes.commands(host=host, port=port)
        self.children = [
            Child(name, command, var_dir / "log" / f"{name}.log")
            for name, command in commands.items()
        ]

    def run(self) -> None:
        """Start everything and keep it running until a signal says stop."""
        self._take_folder()
        self._check_port()
        self._listen_for_signals()
        try:
            self._start_servers()
            self._prepare()
            self._let_web_go_first()
            while not self.stopping:
                self._look_after_children()
                self._look_after_servers()
                self._announce()
                self._rest(1 if self.open else 0.1)
        finally:
            self._stop()

    @property
    def address(self) -> str:
        host = {"0.0.0.0": "localhost", "::": "localhost"}.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"

    def _take_folder(self) -> None:
        """One stack a folder; the kernel frees the locks however their holders end."""
        locks = environment.made(self.var_dir / "locks")
        self._mine = (locks / "stack").open("a+")
        try:
            fcntl.flock(self._mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._mine.seek(0)
            where = self._mine.read().strip()
            raise Refused(f"It already runs on {_short(self.var_dir)}: {where}") from None
        self._mine.truncate(0)
        self._mine.write(self.address)
        self._mine.flush()
        # The children hold this one as well, and their group numbers are in it.
        self._children = (locks / "stack.children").open("a+")
        if not _lock_within(self._children, seconds=5):
            self._end_leftovers()

    def _end_leftovers(self) -> None:
        """End what a stack that was killed with -9 has left behind and what did not go with it."""
        self._children.seek(0)
        for group in self._children.read().split():
            processes.kill_group(int(group))
        if not _lock_within(self._children, seconds=5):
            raise Refused(f"Processes of an earlier start still use {_short(self.var_dir)}.")

    def _note_children(self) -> None:
        self._children.truncate(0)
        running = (child.process.pid for child in self.children if child.process)
        self._children.write(" ".join(map(str, running)))
        self._children.flush()

    def _check_port(self) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            socket.create_server((self.host, self.port), family=family).close()
        except OSError as error:
            why = error.strerror or error
            reason = f"Cannot listen on {self.host} port {self.port} ({why})"
            raise Refused(f"{reason}. Another one: make run PORT={self.port + 1}") from None

    def _listen_for_signals(self) -> None:
        self._woken, wake = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup ignores SIGHUP
                signal.signal(number, self._on_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        if self.stopping:  # The second time means now.
            for child in self.children:
                if child.process:
                    processes.kill(child.process)
        self.stopping = True

    def _start_servers(self) -> None:
        embedded: dict[str, type[LocalServer]] = {"DATABASE_URL": Postgres, "REDIS_URL": Redis}
        self.servers = [
            server(self.var_dir) for url, server in embedded.items() if not environment.text(url)
        ]
        for server in self.servers:
            server.use()

    def _prepare(self) -> None:
        _say("Preparing the database…")
        # In a session of its own, so that Ctrl-C in the terminal is ours alone to handle.
        process = subprocess.Popen(
            [sys.executable, "manage.py", "prepare"],
            cwd=processes.BASE_DIR,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        while process.poll() is None and not self.stopping:
            self._rest(0.5)
        processes.stop([process], seconds=STOP_SECONDS)
        if process.returncode and not self.stopping:
            raise Refused("The database could not be prepared; the reason is above.")

    def _let_web_go_first(self) -> None:
        """The web server has the processors to itself until it serves: that is waited for."""
        for child in self.children[1:]:
            child.start_at = time.monotonic() + WEB_FIRST_SECONDS

    def _look_after_children(self) -> None:
        for child in self.children:
            if child.process and child.process.poll() is not None:
                _say(child.died())
            if not child.process and child.start_at <= time.monotonic():
                child.start(self._children.fileno())
                self._note_children()

    def _look_after_servers(self) -> None:
        for server in self.servers:
            if not server.alive():
                _say(f"{server.name} ended, starting it again; see {_short(server.log)}")
                try:
                    server.ensure()
                except ServerFailed as error:
                    _say(str(error))

    def _announce(self) -> None:
        """Say where to go, once, when the web server takes connections."""
        if self.open or not _serves(self.host, self.port):
            return
        self.open = True
        for child in self.children:
            child.start_at = time.monotonic()
        _say(
            f"\n  Flight booking:  {self.address}"
            f"\n  Operators:       {self.address}admin/  {self._login()}"
            f"\n  Logs:            {_short(self.var_dir / 'log')}"
            f"\n  To stop:         Ctrl-C\n"
        )

    def _login(self) -> str:
        file = operator_password_file(self.var_dir)
        return f"{OPERATOR} / {file.read_text() if file.exists() else 'the password you set'}"

    def _rest(self, seconds: float) -> None:
        """Sleep, but not through a signal: neither a stop nor the death of a child."""
        if select.select([self._woken], [], [], seconds)[0]:
            os.read(self._woken, 4096)

    def _stop(self) -> None:
        self.stopping = True
        running = [child.process for child in self.children if child.process]
        if running:
            _say("Stopping…")
        processes.stop(running, seconds=STOP_SECONDS)


def _lock_within(file: IO[str], *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        else:
            return True


def _serves(host: str, port: int) -> bool:
    """Whether the web server answers at all: it listens before the application is loaded."""
    connection = HTTPConnection(host, port, timeout=1)
    try:
        connection.request("GET", "/health")
        connection.getresponse()
    except OSError:
        return False
    finally:
        connection.close()
    return True


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a terminal is what this is for


def main() -> None:
    try:
        var_dir = environment.var_dir()
        # The children run in the project's folder and would look for a relative one there.
        os.environ["VAR_DIR"] = str(var_dir)
        Stack(host=environment.host(), port=environment.port(), var_dir=var_dir).run()
    except (Refused, ServerFailed, ImproperlyConfigured) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
