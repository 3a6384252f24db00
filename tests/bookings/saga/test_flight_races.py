"""Staff and customers at once: one of them wins, and nothing is left in between."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import repeat
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from bookings import saga
from bookings.errors import FlightChanged, NotOnSale, NotPossible, SeatTaken
from bookings.invariants import broken
from bookings.models import Booking, PaymentStatus, SeatClaim, State
from flights import history
from flights.models import CabinLayout, Flight
from tests.people import (
    LAYOUT,
    a_confirmed_booking,
    a_flight,
    a_hold,
    a_payment,
    charged_cents,
    owned,
    settle,
    standing,
)
from tests.racing import race, transactions_waiting
from tests.running import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

OLGA: dict[str, Any] = {"by": "operator:olga", "reason": "fog"}


def test_a_seat_is_blocked_or_held_and_never_both(flight: Flight) -> None:
    seen = set()
    for row in range(1, 31):
        seat = f"{row}A"
        # Later each time, from 1 ms on, until both have won on this machine.
        block = partial(block_after, 0.001 * 1.3**row, flight, seat)
        answers = race(*repeat(partial(a_hold, flight, seat), 2), block, block)
        (winner,) = [answer for answer in answers if not isinstance(answer, SeatTaken)]
        seen.add(type(winner))
        assert SeatClaim.objects.filter(seat=seat).count() == 1
        if row >= 10 and seen == {Booking, Flight}:
            break
    assert seen == {Booking, Flight}
    assert list(broken()) == []


def block_after(seconds: float, flight: Flight, seat: str) -> Flight:
    """A hold has more to do before it claims, so that it would always lose."""
    time.sleep(seconds)
    return saga.block_seats(flight_id=flight.pk, seats=[seat], **OLGA)


CHANGES: list[tuple[dict[str, Any], type[Exception]]] = [
    ({"on_sale": False}, NotOnSale),
    ({"on_sale": False, "cancelled_at": timezone.now(), "ending_bookings": True}, NotOnSale),
    ({"layout_id": "other"}, FlightChanged),
]


@pytest.mark.parametrize(("change", "refusal"), CHANGES)
def test_a_hold_that_looked_before_the_flight_changed_is_refused_after(
    flight: Flight, change: dict[str, Any], refusal: type[Exception]
) -> None:
    CabinLayout.objects.create(code="other", source=LAYOUT)
    alice = a_hold(flight, "1A")
    more = partial(saga.update_seats, booking_id=alice.pk, seats=["1A", "1B"])
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            locked, now = history.lock_flight(flight.pk)
            waiting = pool.submit(race, partial(a_hold, flight, "12A"), more)
            wait_until(lambda: transactions_waiting() == 2, "both to wait for the flight")
            history.change(locked, "changed", at=now, by="test", **change)
        assert [type(answer) for answer in waiting.result(10)] == [refusal, refusal]
    assert list(SeatClaim.objects.values_list("seat", flat=True)) == ["1A"]


def test_a_cancellation_waits_for_a_hold_that_is_being_made(flight: Flight) -> None:
    cancel = partial(saga.cancel_flight, flight_id=flight.pk, **OLGA)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            a_hold(flight, "1B")
            waiting = pool.submit(race, cancel)
            wait_until(lambda: transactions_waiting() == 1, "the cancellation to wait")
            assert Flight.objects.get().cancelled_at is None
            transaction.set_rollback(True)
        assert waiting.result(10)[0].cancelled_at


def test_no_hold_outlives_a_cancellation_that_comes_with_it(flight: Flight) -> None:
    cancel = partial(saga.cancel_flight, flight_id=flight.pk, **OLGA)
    holds = [partial(a_hold, flight, f"{row}A") for row in range(1, 25)]
    race(*holds[:12], cancel, *holds[12:])
    saga.end_bookings(flight.pk)
    assert not SeatClaim.objects.exists()
    assert list(broken(overdue_seconds=0)) == []


def test_two_operators_cancel_a_flight_once(flight: Flight) -> None:
    a_hold(flight)
    answers = race(*repeat(partial(saga.cancel_flight, flight_id=flight.pk, **OLGA), 4))
    assert sorted(type(answer).__name__ for answer in answers) == ["Flight", *["NotPossible"] * 3]
    ended = race(*repeat(partial(saga.end_bookings, flight.pk), 4))
    assert not any(isinstance(answer, NotPossible) for answer in ended)
    assert list(flight.events.values_list("name", flat=True)) == ["cancelled", "bookings_ended"]
    assert Booking.objects.get().events.filter(name="terminated").count() == 1


def test_who_is_moved_elsewhere_while_a_cancelled_flights_bookings_end_stays_there(
    flight: Flight,
) -> None:
    later = a_flight("AF1236", departure=flight.departure + timedelta(hours=2))
    confirmed = [a_confirmed_booking(flight, seat) for seat in ("1A", "2A")]
    alice, bob = sorted(confirmed, key=lambda booking: booking.pk)
    saga.cancel_flight(flight_id=flight.pk, **OLGA)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Booking.objects.select_for_update().get(pk=alice.pk)
            ending = pool.submit(race, partial(saga.end_bookings, flight.pk))
            wait_until(lambda: transactions_waiting() == 1, "it to have read both, and wait")
            race(partial(saga.move_to_flight, booking_id=bob.pk, flight_id=later.pk, **OLGA))
        assert ending.result(10) == [1]
    assert standing(alice)[0] == State.CANCELLED
    assert standing(bob) == (State.CONFIRMED, PaymentStatus.CHARGED)
    saga.end_bookings(flight.pk)
    assert Flight.objects.get(pk=flight.pk).ending_bookings is False
    assert list(broken()) == []


def test_a_payment_that_meets_a_cancellation_costs_nothing_in_the_end(flight: Flight) -> None:
    bookings = [a_payment(flight, f"{row}A") for row in range(1, 9)]
    holds = [a_hold(flight, f"{row}B") for row in range(1, 5)]
    race(
        *(partial(saga.advance, booking.pk) for booking in bookings),
        *(partial(saga.start_payment, booking_id=hold.pk, code="00000") for hold in holds),
        partial(saga.cancel_flight, flight_id=flight.pk, **OLGA),
        *repeat(partial(saga.end_bookings, flight.pk), 2),
    )
    saga.end_bookings(flight.pk)
    for booking in [*bookings, *holds]:
        settle(booking)
        assert standing(booking)[0] == State.CANCELLED
        assert standing(booking)[1] in (PaymentStatus.NONE, PaymentStatus.REFUNDED)
        assert charged_cents(booking) == 0
        assert owned(booking) == []
    assert list(broken(overdue_seconds=0)) == []
