"""Operators put a party into other seats, and never two operators do so at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.utils import timezone

from bookings import saga
from bookings.errors import BookingChanged, BookingError, HoldExpired, InvalidSeats, NotPossible
from bookings.invariants import broken
from bookings.models import Booking, State
from flights.models import Flight
from tests.bookings.admin.staff import WHY, a_supervisor, act, an_onlooker, move, page
from tests.bookings.admin.test_operations import KINDS
from tests.people import MoodyGateway, a_confirmed_booking, a_hold, owned, run_out, standing

pytestmark = pytest.mark.django_db(transaction=True)

MOVABLE = {"held", "confirmed", "confirmed, with an address"}


def moved(booking: Booking, *seats: str, **more: Any) -> Booking:
    return saga.reseat(booking_id=booking.pk, seats=seats, by="operator:olga", **more)


@pytest.mark.parametrize("kind", KINDS)
def test_holds_and_confirmed_bookings_are_moved_and_others_are_refused(
    olga: Client, flight: Flight, gateway: type[MoodyGateway], kind: str
) -> None:
    make, _ = KINDS[kind]
    booking = make(flight)
    booking.refresh_from_db()
    state, seats = booking.state, owned(booking)
    offered = f"/{booking.pk}/move/" in olga.get(page(booking)).content.decode()
    said = move(olga, booking, "20F").content.decode()
    booking.refresh_from_db()
    assert booking.state == state
    assert offered == (kind in MOVABLE)
    if kind in MOVABLE:
        assert "12A became 20F" in said
        assert owned(booking) == booking.seats == ["20F"]
        event = booking.events.last()
        assert event
        assert (event.name, event.by, event.detail) == ("moved", "operator:olga", WHY)
        assert event.changes == {"seats": ["20F"]}
        assert WHY in LogEntry.objects.get().get_change_message()
    else:
        assert "it cannot be moved" in said
        with pytest.raises(BookingError):
            moved(booking, "20F")
        assert owned(booking) == seats
        assert not LogEntry.objects.exists()


def test_the_price_stays_and_so_does_a_holds_clock(flight: Flight) -> None:
    alice = a_hold(flight, "1A", "12A")  # the front rows cost more
    prices = dict(alice.claims.values_list("seat", "price_cents"))
    assert prices["1A"] != prices["12A"]
    due = alice.due_at
    alice = moved(alice, "12A", "30F")
    alice.refresh_from_db()
    assert dict(alice.claims.values_list("seat", "price_cents")) == {
        "12A": prices["12A"],
        "30F": prices["1A"],
    }
    assert (alice.total_cents, alice.due_at) == (sum(prices.values()), due)
    assert list(broken()) == []


def test_the_seats_given_up_are_free_at_once_and_the_new_ones_are_not(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "12A")
    moved(alice, "14C")
    a_hold(flight, "12A")
    with pytest.raises(BookingError, match="14C has just been taken"):
        a_hold(flight, "14C")


@pytest.mark.parametrize(
    ("seats", "why"),
    [
        (["14A"], "exactly 2 seats"),
        (["14A", "14A"], "can be chosen only once"),
        (["14A", "99Z"], "has no seat 99Z"),
        (["12B", "12A"], "already"),
        (["14A", "20F"], "20F has just been taken"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused_whole(
    flight: Flight, seats: list[str], why: str
) -> None:
    alice = a_confirmed_booking(flight, "12A", "12B")
    a_hold(flight, "20F")
    with pytest.raises(BookingError, match=why):
        moved(alice, *seats)
    assert owned(alice) == ["12A", "12B"]


def test_an_overdue_hold_is_neither_moved_nor_in_the_way_of_a_move(flight: Flight) -> None:
    alice, bob = a_hold(flight, "12A"), a_confirmed_booking(flight, "14A")
    run_out(alice)
    moved(bob, "12A")
    assert standing(alice)[0] == State.EXPIRED
    carol = a_hold(flight, "1A")
    run_out(carol)
    with pytest.raises(HoldExpired):
        moved(carol, "1B")
    assert standing(carol)[0] == State.EXPIRED


def test_nobody_is_moved_on_a_flight_that_has_left(flight: Flight) -> None:
    alice = a_confirmed_booking(flight)
    Flight.objects.filter(pk=flight.pk).update(departure=timezone.now() - timedelta(minutes=1))
    with pytest.raises(NotPossible, match="has left"):
        moved(alice, "20F")


def test_the_form_shows_free_seats_by_cabin_and_says_what_will_happen(
    olga: Client, flight: Flight
) -> None:
    alice, _ = a_confirmed_booking(flight, "12A"), a_hold(flight, "12B")
    address = f"/admin/bookings/booking/{alice.pk}/move/"
    said = olga.get(address).content.decode()
    assert "Economy" in said
    assert 'value="12A" checked' in said
    assert 'value="12B"' not in said
    assert said.count('name="seats"') == 179
    refused = move(olga, alice, "12B").content.decode()
    assert "Seat 12B is not free any more." in refused
    assert "exactly 1 seat:" in move(olga, alice, "20A", "20B").content.decode()
    assert "This field is required." in move(olga, alice, "20A", reason=" ").content.decode()
    assert owned(alice) == ["12A"]


def test_who_may_only_look_cannot_move(flight: Flight) -> None:
    alice, vera = a_confirmed_booking(flight), an_onlooker()
    assert "/move/" not in vera.get(page(alice)).content.decode()
    assert move(vera, alice, "20F").status_code == 403


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each returned or raised, all started together."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return call()
        except BookingError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def test_of_two_operators_at_once_one_wins_and_one_is_told(flight: Flight) -> None:
    for row in range(2, 12):
        alice = a_confirmed_booking(flight, f"{row}A")
        seen = alice.version
        results = at_once(
            partial(moved, alice, f"{row}C", version=seen),
            partial(saga.cancel_and_refund, booking_id=alice.pk, by="operator:oscar", version=seen),
        )
        assert [type(result) for result in results if isinstance(result, Exception)] == [
            BookingChanged
        ]
        assert alice.events.count() == seen + 1
    assert list(broken()) == []


def test_without_the_version_both_would_have_acted(flight: Flight) -> None:
    """The control: it is the version that tells the second one."""
    alice = a_confirmed_booking(flight)
    moved(alice, "20F")
    saga.cancel_and_refund(booking_id=alice.pk, by="operator:oscar")
    assert standing(alice)[0] == State.CANCELLED


def test_the_second_operators_form_is_told_whatever_it_asks(olga: Client, flight: Flight) -> None:
    oscar, alice = a_supervisor("oscar"), a_confirmed_booking(flight)
    assert "done for" in move(olga, alice, "20F").content.decode()
    for answer in (act(oscar, "cancel_and_refund", alice), move(oscar, alice, "21F")):
        assert "It was changed while you were deciding" in answer.content.decode()
    assert (standing(alice)[0], owned(alice)) == (State.CONFIRMED, ["20F"])
    assert LogEntry.objects.count() == 1


def test_the_number_of_seats_is_checked_before_any_is_claimed(flight: Flight) -> None:
    with pytest.raises(InvalidSeats):
        moved(a_hold(flight, "12A"), "14A", "14B")
