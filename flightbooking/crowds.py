"""What one address may take of a web process, so that the others have room.

The web server takes connections by itself, and shows us requests that have arrived. Connections on
which none ever does are found among the sockets of this process.
"""

import logging
import os
import resource
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

from flights.client_address import network_of

log = logging.getLogger(__name__)

# Where the open files of this process are listed, on Linux and macOS.
OWN_FILES = "/dev/fd"
LOOK_SECONDS = 0.5
# Of a processor's time: a look at 4,000 connections takes a tenth of a second.
LOOK_SHARE = 0.05
ACCEPTING = socket.SO_ACCEPTCONN


class Crowded(Exception):
    """This address has as much as it may have."""


class Crowd:
    """Requests in progress, by address."""

    def __init__(self) -> None:
        self._inside: Counter[str] = Counter()

    @contextmanager
    def one_more(self, address: str, *, most: int) -> Iterator[None]:
        """Raises Crowded."""
        if self._inside[address] >= most:
            raise Crowded
        self._inside[address] += 1
        try:
            yield
        finally:
            self._inside[address] -= 1
            if not self._inside[address]:
                del self._inside[address]


class Turns[T]:
    """What waits, in a line for each address; the first of each take turns, so many at once."""

    def __init__(self, *, at_once: int) -> None:
        self._lines: dict[str, deque[T]] = {}
        self._begun: Counter[str] = Counter()
        self._at_once = at_once
        self._changed = threading.Condition()

    def put(self, address: str, one: T) -> None:
        with self._changed:
            self._lines.setdefault(address, deque()).append(one)
            self._changed.notify()

    @contextmanager
    def next(self) -> Iterator[T]:
        """The next, once there is one whose address has not too many begun."""
        with self._changed:
            (address,) = self._changed.wait_for(self._whose_turn)
            self._begun[address] += 1
            one = self._first_of(address)
        try:
            yield one
        finally:
            with self._changed:
                self._begun[address] -= 1
                self._begun += Counter()  # Without those that have none.
                self._changed.notify()

    def _whose_turn(self) -> tuple[str, ...]:
        able = ((each,) for each in self._lines if self._begun[each] < self._at_once)
        return next(able, ())

    def _first_of(self, address: str) -> T:
        line = self._lines.pop(address)
        one = line.popleft()
        if line:  # Behind everybody else's.
            self._lines[address] = line
        return one


def allow_files(count: int) -> None:
    """Each connection is an open file, of which many systems allow 1,024 until asked for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= soft < count:  # Below 0 is without a limit.
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard) if hard >= 0 else count, hard))


def watch(most: int) -> None:
    """From now on end what an address has beyond so many connections."""
    threading.Thread(target=_watch, args=(most,), name="crowds", daemon=True).start()


def _watch(most: int) -> None:
    ports, took = set[int](), 0.0
    while True:
        time.sleep(max(LOOK_SECONDS, took / LOOK_SHARE))
        began = time.monotonic()
        if len(os.listdir(OWN_FILES)) > most:
            ports = ports or listening_ports()
            for address, ended in end_crowds(ports, most).items():
                log.warning("%s had more than %d connections; ended %d", address, most, ended)
        took = time.monotonic() - began


def listening_ports() -> set[int]:
    """Those of this process."""
    return {_port(own) for own in _sockets() if own.getsockopt(socket.SOL_SOCKET, ACCEPTING)}


def end_crowds(ports: Collection[int], most: int) -> Counter[str]:
    """End connections to these ports beyond so many of an address; how many, by address."""
    seen, ended = Counter[str](), Counter[str]()
    for connection in _sockets():
        with suppress(OSError):  # It ended meanwhile, or was never a connection.
            if _port(connection) not in ports:
                continue
            address = network_of(connection.getpeername()[0])
            seen[address] += 1
            if seen[address] > most:
                connection.shutdown(socket.SHUT_RDWR)
                ended[address] += 1
    return ended


def _sockets() -> Iterator[socket.socket]:
    """Every socket of this process, each as a second handle, closed when it was looked at."""
    for name in os.listdir(OWN_FILES):
        with suppress(OSError), socket.fromfd(int(name), socket.AF_INET, socket.SOCK_STREAM) as own:
            own.getsockname()  # An OSError if it is no socket.
            yield own


def _port(own: socket.socket) -> int:
    name = own.getsockname()
    return name[1] if isinstance(name, tuple) else 0
