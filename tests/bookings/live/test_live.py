"""Who looks at a seat map is told what changed: from Postgres' mouth, whatever Redis does."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django_redis import get_redis_connection

from bookings import saga
from bookings.live import hub as hub_module
from bookings.live import viewer
from bookings.live.hub import Hub
from bookings.live.publish import booking_channel, flight_channel
from bookings.models import Booking
from flights.models import Flight
from tests.people import a_confirmed_booking, a_flight, a_hold, run_out, settle
from tests.running import RedisServer, forget_connections

pytestmark = pytest.mark.django_db(transaction=True)

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


def test_a_seat_held_and_given_back_is_told_to_every_viewer(flight: Flight) -> None:
    async def story(hub: Hub) -> None:
        await connected(hub)
        browsers = [Browser(hub, flight, None) for _ in range(3)]
        for browser in browsers:
            assert await browser.next() == ("map", {})
        alice = await hold(flight, "12A", "12B")
        for browser in browsers:
            assert await browser.next() == ("seats", {"12A": "held", "12B": "held"})
        await sync_to_async(saga.cancel)(booking_id=alice.pk)
        for browser in browsers:
            assert await browser.next() == ("seats", {"12A": "available", "12B": "available"})

    watch(story)


def test_who_comes_later_gets_the_whole_map_first(flight: Flight) -> None:
    async def story(hub: Hub) -> None:
        await hold(flight, "1A")
        await sync_to_async(a_confirmed_booking)(flight, "1B")
        browser = Browser(hub, flight, None)
        assert await browser.next() == ("map", {"1A": "held", "1B": "booked"})

    watch(story)


def test_changing_seats_is_one_message_with_what_came_and_what_went(flight: Flight) -> None:
    async def story(hub: Hub) -> None:
        await connected(hub)
        alice = await hold(flight, "1A", "1B")
        browser = Browser(hub, flight, None)
        await browser.next()
        await sync_to_async(saga.update_seats)(booking_id=alice.pk, seats=["1B", "1C"])
        assert await browser.next() == ("seats", {"1A": "available", "1C": "held"})
        assert await browser.hears_nothing()

    watch(story)


@pytest.mark.parametrize("ending", ["expired", "failed", "terminated", "confirmed", "refunded"])
def test_every_way_a_booking_ends_is_told(flight: Flight, ending: str) -> None:
    def end(booking: Booking) -> None:
        if ending == "expired":
            run_out(booking)
            saga.sweep()
        elif ending == "terminated":
            saga.terminate(booking_id=booking.pk, by="operator:olga")
        else:
            code = "11111" if ending == "failed" else "00000"
            saga.start_payment(booking_id=booking.pk, code=code)
            saga.advance(booking.pk)
        if ending == "refunded":
            saga.cancel_and_refund(booking_id=booking.pk, by="operator:olga")

    async def story(hub: Hub) -> None:
        await connected(hub)
        alice = await hold(flight, "1A")
        browser = Browser(hub, flight, None)
        assert await browser.next() == ("map", {"1A": "held"})
        await sync_to_async(end)(alice)
        last: dict[str, str] = {}
        while last != {"1A": "booked" if ending == "confirmed" else "available"}:
            _, last = await browser.next()

    watch(story)


def test_a_flight_hears_nothing_of_another_flights_seats(flight: Flight) -> None:
    async def story(hub: Hub) -> None:
        await connected(hub)
        other = await sync_to_async(a_flight)("AF2")
        browser = Browser(hub, flight, None)
        await browser.next()
        await hold(other, "1A")
        assert await browser.hears_nothing()

    watch(story)


def test_a_booking_is_told_of_its_own_steps_and_of_no_others(flight: Flight) -> None:
    async def story(hub: Hub) -> None:
        await connected(hub)
        alice, bob = await hold(flight, "1A"), await hold(flight, "1B")
        browser = Browser(hub, None, alice)
        await asyncio.sleep(0.05)
        await sync_to_async(saga.cancel)(booking_id=bob.pk)
        assert await browser.hears_nothing()
        await sync_to_async(saga.start_payment)(booking_id=alice.pk, code="00000")
        assert await browser.next() == ("booking", 2)
        await sync_to_async(settle)(alice)
        # Each pause that `settle` lets run out is an event of its own.
        assert await browser.next() == ("booking", 4)  # The attempt.
        assert await browser.next() == ("booking", 5)  # Its answer.

    watch(story)


def test_streams_say_nothing_of_whose_a_seat_is(flight: Flight) -> None:
    async def story(hub: Hub) -> None:
        await connected(hub)
        alice = await hold(flight, "1A", browser_id=uuid4())
        await sync_to_async(saga.start_payment)(booking_id=alice.pk, code="00000")
        browser = Browser(hub, flight, alice)
        told = [await browser.next()]
        await sync_to_async(settle)(alice)
        told += [await browser.next() for _ in range(3)]
        assert str(alice.pk) not in str(told)
        assert str(alice.browser_id) not in str(told)

    watch(story)


def test_without_redis_the_map_is_still_told(
    flight: Flight, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "LOOK_SECONDS", 0.2)
    redis_server.stop()

    async def story(hub: Hub) -> None:
        browser = Browser(hub, flight, None)
        assert await browser.next() == ("map", {})
        await hold(flight, "1A")
        assert await browser.next() == ("seats", {"1A": "held"})

    watch(story)


@pytest.mark.parametrize("trouble", ["restart", "freeze"])
def test_what_was_missed_while_redis_was_away_is_told_afterwards(
    flight: Flight,
    redis_server: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
    trouble: str,
) -> None:
    monkeypatch.setattr(hub_module, "LOOK_SECONDS", 0.3)

    async def story(hub: Hub) -> None:
        await connected(hub)
        browser = Browser(hub, flight, None)
        await browser.next()
        redis_server.stop() if trouble == "restart" else redis_server.freeze()
        await hold(flight, "1A")
        assert await browser.next() == ("seats", {"1A": "held"})
        redis_server.start() if trouble == "restart" else redis_server.thaw()
        hub.has_redis = False
        await connected(hub)
        forget_connections()
        await hold(flight, "1B")
        assert await browser.next() == ("seats", {"1B": "held"})

    watch(story)


def test_a_viewer_that_does_not_read_is_dropped_and_the_others_are_not(
    flight: Flight, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewer, "MESSAGES_BEHIND", 3)

    async def story(hub: Hub) -> None:
        await connected(hub)
        slow, quick = Browser(hub, flight, None), Browser(hub, flight, None)
        await slow.next()
        await quick.next()
        slow.reads.clear()
        for row in range(1, 8):
            await hold(flight, f"{row}A")
            assert await quick.next() == ("seats", {f"{row}A": "held"})
        await asyncio.wait_for(slow.task, 5)
        assert not quick.task.done()
        again = Browser(hub, flight, None)
        assert await again.next() == ("map", {f"{row}A": "held" for row in range(1, 8)})

    watch(story)


def test_nothing_is_kept_of_a_viewer_who_left(flight: Flight) -> None:
    async def story(hub: Hub) -> None:
        alice = await hold(flight, "1A")
        browsers = [Browser(hub, flight, alice) for _ in range(3)]
        for browser in browsers:
            await browser.next()
        assert len(hub.watched) == 2
        for browser in browsers:
            await browser.close()
        assert not hub.watched

    watch(story)


def test_closing_ends_every_stream(flight: Flight) -> None:
    async def story(hub: Hub) -> None:
        browsers = [Browser(hub, flight, None) for _ in range(3)]
        for browser in browsers:
            await browser.next()
        hub.end_streams()
        for browser in browsers:
            await asyncio.wait_for(browser.task, 3)
            assert browser.ended

    watch(story)


def test_one_change_is_read_once_however_many_look(
    flight: Flight, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []
    read = hub_module.read_seats

    def counted(flight_id: int) -> dict[str, str] | None:
        reads.append(flight_id)
        return read(flight_id)

    monkeypatch.setattr(hub_module, "read_seats", counted)

    async def story(hub: Hub) -> None:
        await connected(hub)
        browsers = [Browser(hub, flight, None) for _ in range(50)]
        for browser in browsers:
            await browser.next()
        assert len(reads) == 1
        await hold(flight, "1A")
        for browser in browsers:
            await browser.next()
        assert await browsers[0].hears_nothing()
        assert len(reads) == 2

    watch(story)


async def subscribed(*channels: str) -> list[int]:
    """How many listen to each of these."""
    counts = await sync_to_async(get_redis_connection().pubsub_numsub)(*channels)
    return [count for _, count in counts]


async def until_subscribed(*channels: str, to: list[int]) -> None:
    async with asyncio.timeout(5):
        while await subscribed(*channels) != to:
            await asyncio.sleep(0.01)


def test_redis_tells_of_what_somebody_looks_at_and_of_nothing_else(flight: Flight) -> None:
    async def story(hub: Hub) -> None:
        await connected(hub)
        alice, bob = await hold(flight, "1A"), await hold(flight, "1B")
        channels = flight_channel(flight.pk), booking_channel(alice.pk), booking_channel(bob.pk)
        map_and_hold, again = Browser(hub, flight, alice), Browser(hub, flight, None)
        # Whoever has the map hears already what changes on it.
        await map_and_hold.next()
        assert await subscribed(*channels) == [1, 1, 0]
        await again.next()
        await map_and_hold.close()
        await until_subscribed(*channels, to=[1, 0, 0])
        await again.close()
        await until_subscribed(*channels, to=[0, 0, 0])

    watch(story)


def test_who_comes_back_at_once_hears_all_the_same(flight: Flight) -> None:
    async def story(hub: Hub) -> None:
        await connected(hub)
        for row in range(1, 20):
            browser = Browser(hub, flight, None)
            await browser.next()
            await hold(flight, f"{row}A")
            assert await browser.next() == ("seats", {f"{row}A": "held"})
            await browser.close()

    watch(story)


def test_a_stream_begins_soon_even_if_redis_has_just_begun_to_hang(
    flight: Flight, redis_server: RedisServer
) -> None:
    async def story(hub: Hub) -> None:
        await connected(hub)
        await asyncio.sleep(0.1)
        redis_server.freeze()
        browser = Browser(hub, flight, None)
        assert await browser.next(2) == ("map", {})

    watch(story)
