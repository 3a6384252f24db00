"""A door in front of a Redis that is not ours to stop, so that it can seem stopped or frozen."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit


class RedisRelay:
    """Passes bytes between a port of its own and the Redis at a redis:// URL."""

    def __init__(self, url: str, *, database: int) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "localhost", parts.port or 6379)
        self._flowing = threading.Event()
        self._flowing.set()
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self._port = 0
        self.ensure()
        account = parts.netloc.rpartition("@")
        netloc = f"{account[0]}{account[1]}127.0.0.1:{self._port}"
        self.url = urlunsplit(parts._replace(netloc=netloc, path=f"/{database}"))

    def ensure(self) -> None:
        """Take connections, on the same port as before."""
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self._port))
            self._port = self._listener.getsockname()[1]
            _in_background(self._accept, self._listener)

    def stop(self) -> None:
        """Take no connections and end those that are open."""
        self.thaw()
        if self._listener:
            _end(self._listener)
            self._listener = None
        for connection in list(self._open):
            _end(connection)

    def freeze(self) -> None:
        self._flowing.clear()

    def thaw(self) -> None:
        self._flowing.set()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            self._open |= {client, server}
            _in_background(self._pass_on, client, server)
            _in_background(self._pass_on, server, client)

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while some := source.recv(65536):
                self._flowing.wait()
                target.sendall(some)
        except OSError:
            pass
        finally:
            self._open.discard(source)
            _end(target)


def _end(connection: socket.socket) -> None:
    # A thread that waits in accept or recv is only woken by a shutdown.
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def _in_background(call: Callable[..., None], *arguments: socket.socket) -> None:
    threading.Thread(target=call, args=arguments, daemon=True).start()
