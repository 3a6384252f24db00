"""Django's pages in threads, each with a database connection of its own, behind the event loop.

An answer costs the loop two turns, one for the request and one for the whole answer. Through
Django's own ASGI handler it would cost several, and an open stream would hold a thread.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from io import BufferedReader
from typing import Any, NamedTuple
from wsgiref.util import FileWrapper

from django.core.handlers.wsgi import WSGIHandler

from bookings.live.viewer import Message, Send
from flightbooking.crowds import Turns
from flightbooking.wsgi_environ import BLOCK_BYTES, environ_of

log = logging.getLogger(__name__)

# Whoever takes nothing of a long answer for so long holds a thread no longer.
STALLED_SECONDS = 30
# The parts of a long answer are sent together if they come within this time.
GATHER_SECONDS = 0.1
# Threads that no address takes alone, however long each of its requests needs.
FOR_OTHERS = 2
END: Message = {"type": "http.response.body"}


class _Request(NamedTuple):
    """One on its way through a thread, and the way back to the event loop."""

    scope: dict[str, Any]
    body: bytes
    send: Send
    loop: asyncio.AbstractEventLoop
    # What is left to be sent when the thread is done.
    rest: asyncio.Future[list[Message]]

    def send_now(self, *messages: Message) -> None:
        """Come back when the browser has room for more. Raises TimeoutError."""
        sending = asyncio.run_coroutine_threadsafe(_send_all(self.send, messages), self.loop)
        try:
            sending.result(STALLED_SECONDS)
        finally:
            sending.cancel()

    def finish(self, *rest: Message) -> None:
        self._resolve(self.rest.set_result, list(rest))

    def fail(self, error: Exception) -> None:
        self._resolve(self.rest.set_exception, error)

    def _resolve[T](self, resolve: Callable[[T], None], value: T) -> None:
        def unless_given_up() -> None:
            if not self.rest.done():
                resolve(value)

        self.loop.call_soon_threadsafe(unless_given_up)


class PageThreads:
    """So many requests are answered at the same time; the others wait, each address its turn."""

    def __init__(self, application: WSGIHandler, *, threads: int) -> None:
        self._application = application
        self._waiting = Turns[_Request](at_once=max(1, threads - FOR_OTHERS))
        for number in range(threads):
            threading.Thread(target=self._work, name=f"page-{number}", daemon=True).start()

    async def answer(
        self, scope: dict[str, Any], body: bytes, send: Send, *, address: str = ""
    ) -> None:
        """Give the request to the next thread that is free, and send what comes of it."""
        loop = asyncio.get_running_loop()
        request = _Request(scope, body, send, loop, loop.create_future())
        self._waiting.put(address, request)
        await _send_all(send, await request.rest)

    def _work(self) -> None:
        while True:
            with self._waiting.next() as request:
                try:
                    self._answer(request)
                except Exception as error:
                    log.exception("%(method)s %(path)s was not answered to its end", request.scope)
                    request.fail(error)

    def _answer(self, request: _Request) -> None:
        start: Message = {"type": "http.response.start"}

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
            start.update(status=int(status[:3]), headers=_encoded(headers))

        response: Any = self._application(environ_of(request.scope, request.body), start_response)
        try:
            if path := _path_of(response, request.scope):
                request.finish(start, {"type": "http.response.pathsend", "path": path})
            elif getattr(response, "streaming", True):
                _stream(request, start, response)
            else:
                request.finish(start, {"type": "http.response.body", "body": response.content})
        finally:
            # After the answer is on its way: it does not wait for what Django tidies up.
            response.close()


def _stream(request: _Request, start: Message, parts: Iterable[bytes]) -> None:
    """A part at a time, as fast as the browser takes them."""
    started: list[Message] = [start]
    for block in _gathered(parts):
        body = {"type": "http.response.body", "body": block, "more_body": True}
        request.send_now(*started, body)
        started.clear()
    request.finish(*started, END)


def _gathered(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of an export come one by one, and are sent by the thousand."""
    block, size, sent_at = list[bytes](), 0, time.monotonic()
    for part in parts:
        block.append(part)
        size += len(part)
        if size >= BLOCK_BYTES or time.monotonic() - sent_at >= GATHER_SECONDS:
            yield b"".join(block)
            block, size, sent_at = [], 0, time.monotonic()
    if size:
        yield b"".join(block)


def _path_of(response: Any, scope: dict[str, Any]) -> str | None:
    """Of a file that the web server can send by itself, however slowly it is taken.

    Parts of files and temporary ones have other types than what `open` returns.
    """
    if not isinstance(response, FileWrapper) or not isinstance(response.filelike, BufferedReader):
        return None
    can_send = "http.response.pathsend" in scope.get("extensions", ())
    name = response.filelike.name
    return name if can_send and isinstance(name, str) and not response.filelike.tell() else None


async def _send_all(send: Send, messages: Iterable[Message]) -> None:
    for message in messages:
        await send(message)


def _encoded(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
