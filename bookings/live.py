"""What changed, told to whoever is looking.

The saga calls `announce` after its commits: a message on one Redis channel that says which
booking changed, and on which flight seats look different now. Each web process listens to
that channel once. It then reads the flight's seats from Postgres, once however many look at
it, and sends the difference to all of them as one message. So announcements may come late,
twice, in any order or not at all: what is shown is what Postgres said last.

A stream is server-sent events in raw ASGI: a viewer costs a queue and two tasks, no thread
and no database connection. Without Redis the flights being watched are read again every
other second.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections, connections
from django_redis import get_redis_connection
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bookings.models import Booking
from bookings.seats.seat_map import owned_seats
from flights.models import Flight as Sold
from flights.redis_circuit import ask_redis

log = logging.getLogger(__name__)

CHANNEL = "live"
HEARTBEAT_SECONDS = 15
# A watched flight is read this often while Redis is away; with Redis, only when something
# changed, and now and then in case an announcement was lost.
LOOK_SECONDS = 2
LOOK_ANYWAY_SECONDS = 30
# Changes that come within this time are one message.
GATHER_SECONDS = 0.01
# A viewer so many messages behind is dropped. It comes back, and is sent the whole map.
MESSAGES_BEHIND = 32

type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]


def announce(booking: Booking, seats: Sequence[str] = ()) -> None:
    """Say that the booking changed, and whether seats of its flight look different now."""
    said = {
        "booking": str(booking.id),
        # A page that has this version already, from the answer to its own click, need not ask.
        "version": booking.version,
        "flight": booking.flight_id if seats else None,
    }
    _publish(said)


def announce_blocks(flight: Sold) -> None:
    """Say that seats of a flight look different now, though no booking changed."""
    _publish({"booking": None, "version": 0, "flight": flight.pk})


def announce_flight(flight: Sold) -> None:
    """Say that a flight itself changed: its aircraft, or whether it is sold."""
    _publish({"booking": None, "version": 0, "flight": flight.pk, "layout": flight.layout_id})


def _publish(said: dict[str, Any]) -> None:
    ask_redis(
        "live seat map",
        lambda: get_redis_connection().publish(CHANNEL, json.dumps(said)),
        otherwise=0,
    )


class Viewer:
    """One open stream and what it is still to be sent."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[bytes] = asyncio.Queue(MESSAGES_BEHIND)
        self.dropped = asyncio.Event()
        # Until it has the whole map, what changes on it means nothing to it.
        self.has_map = False

    def tell(self, message: bytes) -> None:
        try:
            self.messages.put_nowait(message)
        except asyncio.QueueFull:
            self.dropped.set()


class Flight:
    """One flight that somebody looks at: who looks, and how its seats stand."""

    def __init__(self, read: Callable[[], Awaitable[dict[str, str] | None]]) -> None:
        self.viewers: set[Viewer] = set()
        self.seats: dict[str, str] = {}
        self.is_known = asyncio.Event()
        self._changed = asyncio.Event()
        self._read = read

    def look(self) -> None:
        """Something may have changed: look as soon as may be."""
        self._changed.set()

    async def keep_looking(self, seconds: Callable[[], float]) -> None:
        """Read, tell the difference, and wait for a change, `seconds` at the longest."""
        while True:
            self._changed.clear()
            seats = await self._read()
            if seats is not None:
                self._show(seats)
                self.is_known.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), seconds())
            await asyncio.sleep(GATHER_SECONDS)

    def _show(self, seats: dict[str, str]) -> None:
        changed = {
            seat: seats.get(seat, "available")
            for seat in seats.keys() | self.seats.keys()
            if seats.get(seat) != self.seats.get(seat)
        }
        self.seats = seats
        if changed:
            _tell((v for v in self.viewers if v.has_map), _event("seats", changed))


class Hub:
    """All streams of this web process, behind one Redis subscription."""

    def __init__(self) -> None:
        self.flights: dict[int, Flight] = {}
        self.bookings: dict[str, set[Viewer]] = {}
        self.has_redis = False
        # Streams at this moment.
        self.open = 0
        # One thread, one database connection, for all that is ever read here.
        self._reader = ThreadPoolExecutor(1, "live")
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def listen(self) -> None:
        """Hear what is announced, for ever; without Redis, look every LOOK_SECONDS."""
        while True:
            try:
                await self._listen_once()
            except (RedisError, OSError) as error:
                if self.has_redis:
                    log.warning("Redis is away, seat maps are looked at instead: %r", error)
            self.has_redis = False
            self._look_everywhere()
            await asyncio.sleep(LOOK_SECONDS)

    def end_streams(self) -> None:
        """End every stream; the browsers come back to whoever serves then."""
        watched = (flight.viewers for flight in self.flights.values())
        for viewers in [*self.bookings.values(), *watched]:
            for viewer in viewers:
                viewer.dropped.set()

    def close(self) -> None:
        """End the streams, and the thread that read for them."""
        self.end_streams()
        self._reader.submit(connections.close_all)
        self._reader.shutdown(wait=False)

    async def stream(
        self, receive: Receive, send: Send, *, flight_id: int | None, booking_id: str | None
    ) -> None:
        """Send one viewer the flight's map, then what changes on it and on the booking."""
        viewer = Viewer()
        self.open += 1
        if booking_id:
            self.bookings.setdefault(booking_id, set()).add(viewer)
        flight = self._join(flight_id, viewer) if flight_id is not None else None
        try:
            await _until_over(viewer, flight, receive, send)
        finally:
            self.open -= 1
            self._leave(viewer, flight_id, booking_id)

    def _join(self, flight_id: int, viewer: Viewer) -> Flight:
        flight = self.flights.get(flight_id)
        if flight is None:
            flight = self.flights[flight_id] = Flight(lambda: self._read(flight_id))
            looking = flight.keep_looking(self._seconds_to_next_look)
            self._tasks[flight_id] = asyncio.create_task(looking)
        flight.viewers.add(viewer)
        return flight

    def _leave(self, viewer: Viewer, flight_id: int | None, booking_id: str | None) -> None:
        if booking_id:
            self.bookings[booking_id].discard(viewer)
            if not self.bookings[booking_id]:
                del self.bookings[booking_id]
        if flight_id is not None:
            self.flights[flight_id].viewers.discard(viewer)
            if not self.flights[flight_id].viewers:
                del self.flights[flight_id]
                self._tasks.pop(flight_id).cancel()

    async def _listen_once(self) -> None:
        redis = Redis.from_url(
            settings.REDIS_URL, socket_timeout=LOOK_SECONDS, socket_connect_timeout=LOOK_SECONDS
        )
        async with redis, redis.pubsub(ignore_subscribe_messages=True) as pubsub:
            await pubsub.subscribe(CHANNEL)
            self.has_redis = True
            self._look_everywhere()
            while True:
                message = await pubsub.get_message(timeout=LOOK_SECONDS)
                if message:
                    self._hear(json.loads(message["data"]))
                else:
                    await redis.ping()  # Silent because nothing happens, or because it hangs?

    def _hear(self, said: dict[str, Any]) -> None:
        _tell(self.bookings.get(said["booking"], ()), _event("booking", said["version"]))
        if flight := self.flights.get(said["flight"]):
            if "layout" in said:
                _tell(flight.viewers, _event("flight", said["layout"]))
            flight.look()

    def _look_everywhere(self) -> None:
        """Nobody knows what was missed."""
        for flight in self.flights.values():
            flight.look()
        for viewers in self.bookings.values():
            _tell(viewers, _event("booking", None))

    def _seconds_to_next_look(self) -> float:
        return LOOK_ANYWAY_SECONDS if self.has_redis else LOOK_SECONDS

    async def _read(self, flight_id: int) -> dict[str, str] | None:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader, _read_seats, flight_id)


def _read_seats(flight_id: int) -> dict[str, str] | None:
    """Every seat that is not available, as anybody may see it; None if it cannot be read now."""
    close_old_connections()
    try:
        return {seat: str(status) for seat, status in owned_seats(flight_id).items()}
    except DatabaseError as error:
        log.warning("The seats of flight %s cannot be read now: %s", flight_id, error)
        return None


async def _until_over(viewer: Viewer, flight: Flight | None, receive: Receive, send: Send) -> None:
    """Write until the browser goes away, falls behind, or the process stops."""
    ends = [
        asyncio.create_task(_write(viewer, flight, send)),
        asyncio.create_task(_gone(receive)),
        asyncio.create_task(viewer.dropped.wait()),
    ]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for end in ends:
            end.cancel()
    if viewer.dropped.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(send({"type": "http.response.body"}), 1)


async def _write(viewer: Viewer, flight: Flight | None, send: Send) -> None:
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await _send(send, b"retry: 1000\n\n")
    if flight:
        await flight.is_known.wait()
        viewer.has_map = True
        await _send(send, _event("map", flight.seats))
    while True:
        try:
            message = await asyncio.wait_for(viewer.messages.get(), HEARTBEAT_SECONDS)
        except TimeoutError:
            message = b":\n\n"
        await _send(send, message)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


def _event(name: str, data: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def _tell(viewers: Iterable[Viewer], message: bytes) -> None:
    for viewer in viewers:
        viewer.tell(message)
