"""The web server's end: hears what changed, and tells every open stream that shows it.

A web process has one connection to Redis for this, on which it subscribes to the flights and
bookings that somebody looks at, and to no others. A flight's seats are read from Postgres after
a change, once however many look at it. Without Redis the flights being watched are read again
every other second.
"""

import asyncio
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections, connections
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from bookings.live.publish import booking_channel, flight_channel
from bookings.live.viewer import Receive, Send, Viewer
from bookings.live.watched import Watched, WatchedBooking, WatchedFlight
from bookings.seats.seat_map import owned_seats

log = logging.getLogger(__name__)

# A watched flight is read this often while Redis is away; with Redis, only when something
# changed, and now and then in case an announcement was lost.
LOOK_SECONDS = 2
LOOK_ANYWAY_SECONDS = 30
# A stream begins when Redis tells us of what it shows, but waits no longer than this for it.
SUBSCRIBE_SECONDS = 0.5


class Hub:
    """All streams of this web process, behind one connection to Redis."""

    def __init__(self) -> None:
        # By channel.
        self.watched: dict[str, Watched] = {}
        self.has_redis = False
        # Streams at this moment.
        self.open = 0
        self._heard: set[str] = set()
        self._watching = asyncio.Event()
        # One thread, one database connection, for all that is ever read here.
        self._reader = ThreadPoolExecutor(1, "live")
        self._looking: dict[str, asyncio.Task[None]] = {}

    # --- Streams --------------------------------------------------------------------------
    async def stream(
        self, receive: Receive, send: Send, *, flight_id: int | None, booking_id: str | None
    ) -> None:
        """Send one viewer the flight's map, then what changes on it and on the booking."""
        viewer = Viewer(receive, send)
        flight = self._join_flight(flight_id, viewer) if flight_id is not None else None
        booking = self._join_booking(booking_id, viewer) if booking_id else None
        self.open += 1

        async def begin() -> None:
            await self._until_heard(*filter(None, (flight, booking)))
            await viewer.start()
            if flight:
                await flight.is_known.wait()
                await viewer.show_map(flight.seats)

        try:
            await viewer.serve(begin)
        finally:
            self.open -= 1
            if flight_id is not None:
                self._leave(flight_channel(flight_id), viewer)
            if booking_id:
                self._leave(booking_channel(booking_id), viewer)

    def end_streams(self) -> None:
        """End every stream; the browsers come back to whoever serves then."""
        for watched in self.watched.values():
            for viewer in watched.viewers:
                viewer.drop()

    def close(self) -> None:
        """End the streams, and the thread that read for them."""
        self.end_streams()
        self._reader.submit(connections.close_all)
        self._reader.shutdown(wait=False)

    def _join_booking(self, booking_id: str, viewer: Viewer) -> WatchedBooking:
        channel = booking_channel(booking_id)
        booking = self.watched.get(channel)
        if not isinstance(booking, WatchedBooking):
            booking = WatchedBooking()
            self._watch(channel, booking)
        booking.viewers.add(viewer)
        return booking

    def _join_flight(self, flight_id: int, viewer: Viewer) -> WatchedFlight:
        channel = flight_channel(flight_id)
        flight = self.watched.get(channel)
        if not isinstance(flight, WatchedFlight):
            flight = WatchedFlight(lambda: self._read(flight_id))
            self._watch(channel, flight)
            self._looking[channel] = asyncio.create_task(self._look_at(flight))
        flight.viewers.add(viewer)
        return flight

    def _watch(self, channel: str, watched: Watched) -> None:
        self.watched[channel] = watched
        if channel in self._heard:
            watched.is_heard.set()
        self._watching.set()

    def _leave(self, channel: str, viewer: Viewer) -> None:
        watched = self.watched[channel]
        watched.viewers.discard(viewer)
        if not watched.viewers:
            del self.watched[channel]
            self._watching.set()
            if looking := self._looking.pop(channel, None):
                looking.cancel()

    async def _look_at(self, flight: WatchedFlight) -> None:
        # What changes before we hear of it is in the first reading.
        await self._until_heard(flight)
        await flight.keep_looking(self._seconds_to_next_look)

    async def _until_heard(self, *watched: Watched) -> None:
        if self.has_redis:
            with suppress(TimeoutError):
                async with asyncio.timeout(SUBSCRIBE_SECONDS):
                    for each in watched:
                        await each.is_heard.wait()

    def _seconds_to_next_look(self) -> float:
        return LOOK_ANYWAY_SECONDS if self.has_redis else LOOK_SECONDS

    async def _read(self, flight_id: int) -> dict[str, str] | None:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader, read_seats, flight_id)

    # --- Redis ----------------------------------------------------------------------------
    async def listen(self) -> None:
        """Hear what is announced, for ever; without Redis, look every LOOK_SECONDS."""
        while True:
            try:
                await self._listen_once()
            except* (RedisError, OSError) as errors:
                if self.has_redis:
                    log.warning(
                        "Redis is away, seat maps are looked at instead: %r", errors.exceptions
                    )
            self._lose_redis()
            await asyncio.sleep(LOOK_SECONDS)

    async def _listen_once(self) -> None:
        redis = Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=LOOK_SECONDS,
            socket_connect_timeout=LOOK_SECONDS,
            # We come back ourselves, and look at everything meanwhile.
            retry=Retry(NoBackoff(), 0),
        )
        async with redis, redis.pubsub() as pubsub:
            await pubsub.connect()
            self.has_redis = True
            async with asyncio.TaskGroup() as both:
                both.create_task(self._keep_subscribed(pubsub))
                both.create_task(self._receive(pubsub))

    async def _keep_subscribed(self, pubsub: PubSub) -> None:
        """What Redis tells us of is what somebody looks at; many who come at once are one call."""
        subscribed: set[str] = set()
        while True:
            self._watching.clear()
            wanted = set(self.watched)
            if more := wanted - subscribed:
                await pubsub.subscribe(*more)
            if less := subscribed - wanted:
                self._heard -= less
                await pubsub.unsubscribe(*less)
            subscribed = wanted
            await self._watching.wait()

    async def _receive(self, pubsub: PubSub) -> None:
        is_asked = False
        while True:
            message = await pubsub.get_message(timeout=LOOK_SECONDS)
            if message:
                is_asked = False
                self._hear(message)
            elif is_asked:
                raise TimeoutError("Redis does not answer")
            else:  # Silent because nothing happens, or because it hangs?
                is_asked = True
                await pubsub.ping()

    def _hear(self, message: dict[str, Any]) -> None:
        channel = message["channel"].decode() if message["channel"] else ""
        if not (watched := self.watched.get(channel)):
            return
        if message["type"] == "message":
            watched.hear(json.loads(message["data"]))
        elif message["type"] == "subscribe":
            # Not for the first time: the connection was lost, and what was said meanwhile with it.
            watched.is_heard.set()
            self._heard.add(channel)
            watched.catch_up()

    def _lose_redis(self) -> None:
        self.has_redis = False
        self._heard.clear()
        for watched in self.watched.values():
            watched.is_heard.clear()
            watched.catch_up()


def read_seats(flight_id: int) -> dict[str, str] | None:
    """Every seat that is not available, as anybody may see it; None if it cannot be read now."""
    close_old_connections()
    try:
        return {seat: str(status) for seat, status in owned_seats(flight_id).items()}
    except DatabaseError as error:
        log.warning("The seats of flight %s cannot be read now: %s", flight_id, error)
        return None
