"""A server that is shared by the processes which need it: the first starts it, the last stops it.

Two kernel locks (flock) say who is there. A kernel lock is gone with its holder, kill -9
included, where a pid file or a count would lie:

- `users`: every process that uses the server holds it shared, so whoever gets it alone at
  exit is the last.
- `alive`: the server's own processes hold it, inherited from the start. Free means that
  not one of them lives, and whatever pid file or socket lies there is a leftover.
"""

import atexit
import fcntl
import hashlib
import os
import pwd
import re
import signal
import socket
import subprocess
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from flightbooking.environment import made

# Crash recovery reads the whole write-ahead log since the last checkpoint.
START_SECONDS = 120
# A clean stop writes everything out; after this the server is cut off, and recovers later.
STOP_SECONDS = 5
# The kernel's limit for a unix socket's path is 104 (macOS) or 108 bytes (Linux).
SOCKET_PATH_BYTES = 100
type Command = Sequence[str | Path]
# The `users` locks this process holds. By process, because a forked child inherits the dictionary.
_joined: dict[tuple[int, Path], int] = {}


class ServerFailed(RuntimeError):
    """An embedded server cannot be started."""


class LocalServer:
    """One embedded server: where its data is, whether it runs, how it starts and stops."""

    name: str
    socket_name: str
    gentle_stop: signal.Signals
    rough_stop: signal.Signals

    def __init__(self, var_dir: Path) -> None:
        self.var_dir = var_dir.resolve()
        self.data = self.var_dir / self.name
        self.log = self.var_dir / "log" / f"{self.name}.log"
        for folder in (self.log.parent, self.var_dir / "locks"):
            made(folder)

    def use(self) -> str:
        """Make sure the server runs, for as long as this process does; its URL."""
        self._join()
        self.ensure()
        return self.url

    @property
    def url(self) -> str:
        raise NotImplementedError

    def ensure(self) -> None:
        """Start the server if it does not answer."""
        if self.answers():
            return
        with self._locked("start", fcntl.LOCK_EX):
            if not self.answers():
                self._bring_up()

    def _bring_up(self) -> None:
        """Start it unless it lives, and wait until it answers. Raises ServerFailed."""
        deadline = time.monotonic() + START_SECONDS
        started = False
        while not self.answers():
            if not self.alive() and not started:
                self._start()
                started = True
            elif not self.alive() or time.monotonic() > deadline:
                raise ServerFailed(self._why())
            time.sleep(0.01)

    def alive(self) -> bool:
        """Whether any process of the server lives, even if it does not answer."""
        try:
            with self._locked("alive", fcntl.LOCK_SH | fcntl.LOCK_NB):
                return False
        except BlockingIOError:
            return True

    def answers(self) -> bool:
        """Whether the server takes connections now."""
        raise NotImplementedError

    def ask(self, question: bytes) -> bytes:
        """The first bytes the server answers on its socket; nothing when there is no answer."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(1)
            try:
                connection.connect(str(self.socket_path))
                connection.sendall(question)
                return connection.recv(64)
            except OSError:
                return b""

    def stop(self) -> None:
        """Stop the server, whoever uses it, and come back when its last process is gone."""
        for how in (self.gentle_stop, self.rough_stop, signal.SIGKILL):
            self.send(how)
            deadline = time.monotonic() + STOP_SECONDS
            while self.alive():
                if time.monotonic() > deadline:
                    break
                time.sleep(0.01)
            else:
                return

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the server's main process, if there is one."""
        if (pid := self.pid()) is not None:
            os.kill(pid, number)

    def pid(self) -> int | None:
        """The server's main process, while it lives."""
        try:
            pid = int(self._pid_file.read_text().split()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return None
        return pid if self.alive() else None

    @property
    def _pid_file(self) -> Path:
        raise NotImplementedError

    def _start(self) -> None:
        raise NotImplementedError

    def _why(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return f"The embedded {self.name} did not start. {self.log} ends:\n" + "\n".join(lines[-5:])

    def _join(self) -> None:
        """Hold the users' lock until this process ends; waits while the server is being stopped."""
        if (os.getpid(), self.data) in _joined:
            return
        handle = self._open_lock("users")
        fcntl.flock(handle, fcntl.LOCK_SH)
        _joined[os.getpid(), self.data] = handle
        atexit.register(self._leave)

    def _leave(self) -> None:
        # A forked child shares its parent's lock and must not give it up in its name.
        handle = _joined.pop((os.getpid(), self.data), None)
        if handle is None:
            return
        os.close(handle)
        try:
            with self._locked("users", fcntl.LOCK_EX | fcntl.LOCK_NB):
                self.stop()
        except BlockingIOError:
            pass

    @contextmanager
    def _locked(self, which: str, operation: int) -> Iterator[int]:
        handle = self._open_lock(which)
        try:
            fcntl.flock(handle, operation)
            yield handle
        finally:
            os.close(handle)

    def _open_lock(self, which: str) -> int:
        return os.open(
            self.var_dir / "locks" / f"{self.name}.{which}", os.O_RDWR | os.O_CREAT, 0o600
        )

    def _run_server(self, command: Command) -> None:
        """Run a command that leaves the server in the background, holding the `alive` lock."""
        with self._locked("alive", fcntl.LOCK_EX) as alive:
            self._run(command, inherit=[alive])

    def _run(self, command: Command, *, text: bytes = b"", inherit: Collection[int] = ()) -> None:
        account = self._account()
        with self.log.open("ab") as log:
            done = subprocess.run(
                command,
                input=text,
                stdout=log,
                stderr=log,
                pass_fds=inherit,
                start_new_session=True,
                env=_clean_environment(),
                user=account.pw_uid if account else None,
                group=account.pw_gid if account else None,
                extra_groups=[] if account else None,
                check=False,
            )
        if done.returncode:
            raise ServerFailed(self._why())

    def _account(self) -> pwd.struct_passwd | None:
        """Whose the server's processes and files are; nothing when they are our own."""
        return None

    @property
    def socket_path(self) -> Path:
        """In the data folder, or in a short one if that path is too long (or odd) for a socket."""
        path = self.data / self.socket_name
        if re.fullmatch(rf"[A-Za-z0-9_./+-]{{1,{SOCKET_PATH_BYTES}}}", str(path)):
            return path
        # Not TMPDIR: every process must find the same folder, and that may be long as well.
        name = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
        return Path("/tmp") / f"flightbooking-{name}" / self.socket_name

    def _own_folder(self, folder: Path) -> None:
        """Make a folder that only the server's account can enter, and refuse another's."""
        account = self._account()
        owner = account.pw_uid if account else os.geteuid()
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            pass
        else:
            os.chown(folder, owner, -1)
        if folder.stat().st_uid != owner:
            raise ServerFailed(f"{folder} belongs to another account.")


def _clean_environment() -> dict[str, str]:
    """The environment without PGPORT and its like, which would bend what is asked for."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}
