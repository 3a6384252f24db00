"""Who looks at a seat map is told what changed: from Postgres' mouth, whatever Redis does."""

import asyncio
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from bookings import saga
from bookings.live import hub as hub_module
from bookings.live import viewer
from bookings.live.hub import Hub
from bookings.models import Booking
from flights.models import Flight
from tests.bookings.live.viewers import Browser, connected, hold, watch
from tests.people import a_confirmed_booking, a_flight, run_out, settle
from tests.running import RedisServer, forget_connections

pytestmark = pytest.mark.django_db(transaction=True)


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
        who = alice.browser_id
        await sync_to_async(saga.start_payment)(booking_id=alice.pk, code="00000", browser_id=who)
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
