"""One open stream: server-sent events to one browser, in raw ASGI.

A viewer costs a queue and a few tasks, no thread and no database connection.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

HEARTBEAT_SECONDS = 15
# A viewer so many messages behind is dropped. It comes back, and is sent the whole map.
MESSAGES_BEHIND = 32
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]
# To whom was dropped before anything was sent.
COME_BACK = b"Please come back in a moment.\n"
COME_BACK_HEADERS = [(b"content-type", b"text/plain; charset=utf-8"), (b"retry-after", b"1")]

type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]


def event(name: str, data: object) -> bytes:
    """A server-sent event, written once for all who are told of it."""
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


class Viewer:
    """Who looks, and what is still to be sent there."""

    def __init__(self, receive: Receive, send: Send) -> None:
        # Before it begins nothing is told: a page asks for all it missed when its stream opens.
        self.has_begun = False
        # Until it has the whole map, what changes on it means nothing to it.
        self.has_map = False
        self._receive, self._send = receive, send
        self._messages: asyncio.Queue[bytes] = asyncio.Queue(MESSAGES_BEHIND)
        self._dropped = asyncio.Event()

    def tell(self, message: bytes) -> None:
        """Send it as soon as the browser takes it; one that takes too little is dropped."""
        try:
            self._messages.put_nowait(message)
        except asyncio.QueueFull:
            self.drop()

    def drop(self) -> None:
        """End the stream; the browser comes back by itself."""
        self._dropped.set()

    async def serve(self, begin: Callable[[], Awaitable[None]]) -> None:
        """`begin`, then whatever is told, until the browser goes away or is dropped."""
        ends = [
            asyncio.create_task(self._write(begin)),
            asyncio.create_task(self._gone()),
            asyncio.create_task(self._dropped.wait()),
        ]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
        if self._dropped.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._end(), 1)

    async def start(self) -> None:
        """From here on the browser's stream is open, and it is told what changes."""
        self.has_begun = True
        await self._send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await self._put(b"retry: 1000\n\n")

    async def show_map(self, seats: dict[str, str]) -> None:
        """The whole map; from here on what changes on it."""
        self.has_map = True
        await self._put(event("map", seats))

    async def _write(self, begin: Callable[[], Awaitable[None]]) -> None:
        await begin()
        while True:
            try:
                message = await asyncio.wait_for(self._messages.get(), HEARTBEAT_SECONDS)
            except TimeoutError:
                message = b":\n\n"
            await self._put(message)

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _put(self, body: bytes) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def _end(self) -> None:
        if self.has_begun:
            await self._send({"type": "http.response.body"})
            return
        start = {"type": "http.response.start", "status": 503, "headers": COME_BACK_HEADERS}
        await self._send(start)
        await self._send({"type": "http.response.body", "body": COME_BACK})
