"""The end of a change against whatever else is done to its booking, at the same moment."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from bookings import saga
from bookings.errors import BookingError
from bookings.invariants import broken
from bookings.models import Change, State
from bookings.saga import timers
from flights.models import CabinLayout, Flight
from tests.bookings.saga.changing import changed, pay
from tests.people import (
    LAYOUT,
    a_confirmed_booking,
    a_flight,
    charged_cents,
    owned,
    settle,
)
from tests.racing import race

pytestmark = pytest.mark.django_db(transaction=True)

BY = "operator:olga"


@pytest.mark.parametrize("row", range(2, 8))
def test_a_booking_has_its_seats_and_its_money_whoever_is_first(flight: Flight, row: int) -> None:
    alice = a_confirmed_booking(flight, "1A")
    change = pay(changed(alice, f"{row}A"))
    approved = timers.take_step(change.pk)
    assert approved
    other = a_flight("QQ1")
    saga.delay_flight(flight_id=flight.pk, minutes=5, by=BY)
    CabinLayout.objects.create(code="another", source=LAYOUT, aircraft="Other", total_seats=180)
    swap: dict[str, Any] = {"flight_id": flight.pk, "layout": "another"}
    digest = saga.foresee_swap(**swap).digest
    quote = saga.quote_cancellation(booking_id=alice.pk)
    others: list[Callable[[], object]] = [
        partial(saga.give_up_change, booking_id=alice.pk, change_id=change.pk),
        partial(saga.terminate, booking_id=change.pk, by=BY),
        partial(saga.reseat, booking_id=alice.pk, seats=["1B"], by=BY),
        partial(saga.give_refund, booking_id=alice.pk, amount_cents=1_000, by=BY),
        partial(saga.swap_aircraft, **swap, digest=digest, by=BY),
        partial(saga.take_other_flight, booking_id=alice.pk, flight_id=other.pk),
        partial(saga.cancel_as_quoted, booking_id=alice.pk, quote_id=quote.id),
        partial(saga.accept_flight, booking_id=alice.pk),
    ]
    # Each round begins with another three.
    said = race(approved, *(others[(row + step) % len(others)] for step in (0, 2, 5)))
    assert [each for each in said if isinstance(each, Exception)] == [
        each for each in said if isinstance(each, BookingError)
    ]
    for booking in (alice, change.booking):
        settle(booking)
    assert owned(alice) == (sorted(alice.seats) if alice.state == State.CONFIRMED else [])
    assert charged_cents(alice) + charged_cents(change.booking) == alice.paid_for_cents
    assert list(broken(overdue_seconds=0)) == []


def test_of_many_changes_of_one_booking_at_once_one_begins(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    said = race(*(partial(changed, alice, f"2{letter}") for letter in "ABCDEF"))
    [change] = [each for each in said if isinstance(each, Change)]
    pays = race(*(partial(pay, change, f"1234{digit}") for digit in range(5)))
    assert len([each for each in pays if isinstance(each, Change)]) == 1
    settle(change.booking)
    alice.refresh_from_db()
    assert owned(alice) == change.booking.seats == alice.seats
    assert charged_cents(change.booking) == change.difference_cents
    assert list(broken(overdue_seconds=0)) == []
