"""What is read and subscribed to for those who look."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django_redis import get_redis_connection

from bookings.live import hub as hub_module
from bookings.live.hub import Hub
from bookings.live.publish import booking_channel, flight_channel
from flights.models import Flight
from tests.bookings.live.viewers import Browser, connected, hold, watch
from tests.running import RedisServer

pytestmark = pytest.mark.django_db(transaction=True)


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
