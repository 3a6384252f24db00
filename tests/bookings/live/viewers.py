"""A browser that listens to the hub."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections

from bookings.live.hub import Hub
from bookings.models import Booking
from flights.models import Flight
from tests.people import a_hold

type Event = tuple[str, Any]


class Browser:
    """One open stream, as the web server would carry it."""

    def __init__(self, hub: Hub, flight: Flight | None, booking: Booking | None) -> None:
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        self.closed = asyncio.Event()
        self.reads = asyncio.Event()
        self.reads.set()
        self.ended = False
        self.task = asyncio.create_task(
            hub.stream(
                self._receive,
                self._send,
                flight_id=flight.pk if flight else None,
                booking_id=str(booking.pk) if booking else None,
            )
        )

    async def next(self, seconds: float = 5) -> Event:
        return await asyncio.wait_for(self.events.get(), seconds)

    async def hears_nothing(self, seconds: float = 0.3) -> bool:
        await asyncio.sleep(seconds)
        return self.events.empty()

    async def close(self) -> None:
        self.closed.set()
        await asyncio.wait_for(self.task, 5)

    async def _receive(self) -> dict[str, Any]:
        await self.closed.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        await self.reads.wait()
        self.ended = message["type"] == "http.response.body" and not message.get("more_body")
        for block in message.get("body", b"").decode().split("\n\n"):
            if block.startswith("event: "):
                name, data = block.removeprefix("event: ").split("\ndata: ")
                self.events.put_nowait((name, json.loads(data)))


def watch(story: Callable[[Hub], Awaitable[None]]) -> None:
    """Run a story beside a hub that listens."""

    async def run() -> None:
        hub = Hub()
        listening = asyncio.create_task(hub.listen())
        try:
            await story(hub)
        finally:
            listening.cancel()
            hub.close()
            # Of the thread that the story's database work ran in.
            await sync_to_async(connections.close_all)()
            await asyncio.sleep(0.05)

    asyncio.run(run())


async def connected(hub: Hub) -> None:
    while not hub.has_redis:
        await asyncio.sleep(0.01)


hold = sync_to_async(a_hold)
