"""A flight is cancelled: every booking ends, and the money goes back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookings import saga
from bookings.errors import (
    BookingError,
    FlightCancelled,
    NotOnSale,
    NotPossible,
)
from bookings.invariants import broken
from bookings.models import Booking, PaymentStatus, SeatClaim, State
from bookings.saga import timers
from flights.models import Flight
from tests.bookings.saga.operators import OLGA, block, told
from tests.people import (
    MoodyGateway,
    a_confirmed_booking,
    a_flight,
    a_hold,
    a_payment,
    charged_cents,
    settle,
    standing,
)

pytestmark = pytest.mark.django_db(transaction=True)


def cancel(flight: Flight) -> None:
    saga.cancel_flight(flight_id=flight.pk, by="operator:olga", reason="Fog")


def everybody(flight: Flight) -> dict[str, Booking]:
    """A booking of every kind that a cancellation meets."""
    MoodyGateway.fates[:] = ["declined"]
    between = a_payment(flight, "1A")
    saga.advance(between.pk)
    trying = a_payment(flight, "2A")
    timers.take_step(trying.pk)
    return {
        "between attempts": between,
        "in an attempt": trying,
        "held": a_hold(flight, "3A"),
        "emptied": saga.update_seats(booking_id=a_hold(flight, "4A").pk, seats=[]),
        "confirmed": a_confirmed_booking(flight, "5A", "5B"),
        "cancelled before": saga.cancel(booking_id=a_hold(flight, "6A").pk),
    }


def test_cancelling_ends_every_booking_and_gives_all_money_back(
    flight: Flight, gateway: type[MoodyGateway]
) -> None:
    bookings = everybody(flight)
    block(flight, "30F")
    elsewhere = a_confirmed_booking(a_flight("AF2"), "5A")
    cancel(flight)
    with pytest.raises(NotOnSale):
        a_hold(flight, "20A")
    assert saga.end_bookings(flight.pk) == 5
    for kind, booking in bookings.items():
        settle(booking)
        paid = kind in ("between attempts", "in an attempt", "confirmed")
        money = PaymentStatus.REFUNDED if paid else PaymentStatus.NONE
        assert standing(booking) == (State.CANCELLED, money), kind
        assert charged_cents(booking) == 0
    assert bookings["confirmed"].events.get(name="cancelled_for_refund").by == "operator:olga"
    assert standing(elsewhere)[0] == State.CONFIRMED
    assert Flight.objects.get(pk=flight.pk).ending_bookings is False
    assert [name for name, *_ in told(flight)] == ["blocked", "cancelled", "bookings_ended"]
    assert list(broken(overdue_seconds=0)) == []


def test_nobody_pays_for_a_flight_that_is_cancelled(flight: Flight) -> None:
    paid_before, alice = a_payment(flight, "1B"), a_hold(flight, "1A")
    cancel(flight)
    with pytest.raises(FlightCancelled):
        saga.start_payment(booking_id=alice.pk, code="00000")
    assert standing(alice)[0] == State.SEATS_RESERVED
    same = saga.start_payment(booking_id=paid_before.pk, code="00000")
    assert same.state == State.PAYMENT_PROCESSING, "the same again is answered as ever"
    saga.end_bookings(flight.pk)
    assert standing(alice) == (State.CANCELLED, PaymentStatus.NONE)


def test_a_cancellation_goes_on_where_it_was_left(flight: Flight) -> None:
    for row in range(1, 8):
        a_hold(flight, f"{row}A")
    cancel(flight)
    assert saga.end_bookings(flight.pk, most=3) == 3
    # Whoever did that died. What it did stays done, and the sweep does the rest.
    assert {finding.invariant.name for finding in broken(overdue_seconds=0)} == {"ending-bookings"}
    Flight.objects.update(cancelled_at=timezone.now() - timedelta(seconds=10))
    assert saga.sweep() == 4
    assert not SeatClaim.objects.exists()
    assert saga.sweep() == 0
    assert list(broken(overdue_seconds=0)) == []


def test_the_sweep_leaves_a_cancellation_to_the_workers_at_first(flight: Flight) -> None:
    a_hold(flight)
    cancel(flight)
    assert saga.sweep() == 0


def test_a_booking_that_cannot_be_ended_keeps_no_other_from_it(
    flight: Flight, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = a_hold(flight, "1A"), a_hold(flight, "1B")
    terminate = saga.terminate

    def fails(**kwargs: Any) -> Booking:
        if kwargs["booking_id"] == alice.pk:
            raise BookingError
        return terminate(**kwargs)

    with monkeypatch.context() as patched:
        patched.setattr("bookings.saga.flight_cancellation.terminate", fails)
        cancel(flight)
        assert saga.end_bookings(flight.pk) == 1
    assert standing(bob)[0] == State.CANCELLED
    assert Flight.objects.get().ending_bookings
    assert saga.end_bookings(flight.pk) == 1
    assert not Flight.objects.get().ending_bookings


AGAIN: dict[str, Callable[[int], object]] = {
    "reopen": lambda pk: saga.reopen_flight(flight_id=pk, **OLGA),
    "delay": lambda pk: saga.delay_flight(flight_id=pk, minutes=5, **OLGA),
    "cancel": lambda pk: saga.cancel_flight(flight_id=pk, **OLGA),
}


@pytest.mark.parametrize("what", AGAIN)
def test_a_cancelled_flight_stays_cancelled(flight: Flight, what: str) -> None:
    cancel(flight)
    with pytest.raises(NotPossible, match="stays cancelled"):
        AGAIN[what](flight.pk)


def test_a_late_answer_to_a_payment_of_a_cancelled_flight_is_refunded(
    flight: Flight, gateway: type[MoodyGateway]
) -> None:
    alice = a_payment(flight)
    charge: Callable[[], None] | None = timers.take_step(alice.pk)
    cancel(flight)
    saga.end_bookings(flight.pk)
    assert charge is not None
    charge()  # The gateway approves, and the answer comes too late.
    settle(alice)
    assert standing(alice) == (State.CANCELLED, PaymentStatus.REFUNDED)
    assert charged_cents(alice) == 0
    assert list(broken(overdue_seconds=0)) == []
