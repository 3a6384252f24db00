"""What staff do to a flight: blocks, closing, delays and cancellation."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings import saga
from bookings.errors import (
    BookingError,
    FlightNotFound,
    InvalidSeats,
    NotOnSale,
    NotPossible,
    SeatTaken,
)
from bookings.invariants import broken
from bookings.models import Booking, PaymentStatus, SeatClaim, State
from bookings.saga import timers
from bookings.seats.seat_map import SeatStatus, owned_seats, taken_seats
from flights.models import Flight
from tests.people import (
    MoodyGateway,
    a_confirmed_booking,
    a_flight,
    a_hold,
    a_payment,
    charged_cents,
    owned,
    run_out,
    settle,
    standing,
)

pytestmark = pytest.mark.django_db(transaction=True)

OLGA = {"by": "operator:olga", "reason": "broken"}


def block(flight: Flight, *seats: str) -> None:
    saga.block_seats(flight_id=flight.pk, seats=seats, **OLGA)


def blocked(flight: Flight) -> dict[str, str]:
    claims = SeatClaim.objects.filter(flight=flight, booking=None)
    return dict(claims.values_list("seat", "block_reason"))


def told(flight: Flight) -> list[tuple[str, str, str, Any]]:
    """The flight's history."""
    return list(flight.events.values_list("name", "by", "reason", "changes"))


def cancel(flight: Flight) -> None:
    saga.cancel_flight(flight_id=flight.pk, by="operator:olga", reason="Fog")


# --- Blocks --------------------------------------------------------------------------------


def test_a_blocked_seat_is_taken_for_everybody(flight: Flight) -> None:
    block(flight, "12A", "12B")
    assert blocked(flight) == {"12A": "broken", "12B": "broken"}
    with pytest.raises(SeatTaken):
        a_hold(flight, "12A", "12C")
    assert owned_seats(flight.pk) == {"12A": SeatStatus.BOOKED, "12B": SeatStatus.BOOKED}
    assert len(taken_seats([flight])[flight.pk]) == 2
    blocks = {"blocks": {"12A": "broken", "12B": "broken"}}
    assert told(flight) == [("blocked", "operator:olga", "broken", blocks)]
    assert list(broken()) == []


def test_an_unblocked_seat_can_be_had_again(flight: Flight) -> None:
    block(flight, "12A", "12B")
    saga.unblock_seats(flight_id=flight.pk, seats=["12A"], by="operator:olga")
    assert owned(a_hold(flight, "12A")) == ["12A"]
    assert blocked(flight) == {"12B": "broken"}
    assert told(flight)[1][3] == {"blocks": {"12A": None}}
    assert list(broken()) == []


def test_a_seat_that_somebody_has_cannot_be_blocked_nor_any_other_with_it(flight: Flight) -> None:
    a_hold(flight, "12A")
    a_confirmed_booking(flight, "12B")
    block(flight, "12C")
    with pytest.raises(SeatTaken) as refused:
        block(flight, "12A", "12B", "12C", "12D")
    assert refused.value.seats == ["12A", "12B", "12C"]
    assert blocked(flight) == {"12C": "broken"}
    assert len(told(flight)) == 1


def test_a_hold_that_is_over_keeps_no_seat_from_being_blocked(flight: Flight) -> None:
    alice = a_hold(flight, "12A")
    run_out(alice)
    block(flight, "12A")
    assert standing(alice)[0] == State.EXPIRED
    assert list(broken()) == []


@pytest.mark.parametrize("seats", [[], ["12A", "12A"], ["99Z"]])
def test_only_seats_that_exist_are_blocked(flight: Flight, seats: list[str]) -> None:
    for use_case in (saga.block_seats, saga.unblock_seats):
        with pytest.raises(InvalidSeats):
            use_case(flight_id=flight.pk, seats=seats, **OLGA)


def test_a_block_needs_a_reason(flight: Flight) -> None:
    with pytest.raises(NotPossible, match="say why"):
        saga.block_seats(flight_id=flight.pk, seats=["12A"], by="operator:olga", reason=" ")


def test_only_blocked_seats_are_unblocked(flight: Flight) -> None:
    alice = a_hold(flight, "12A")
    block(flight, "12B")
    with pytest.raises(NotPossible, match="Not blocked: 12A"):
        saga.unblock_seats(flight_id=flight.pk, seats=["12A", "12B"], by="operator:olga")
    assert (owned(alice), blocked(flight)) == (["12A"], {"12B": "broken"})


# --- Close, reopen, delay --------------------------------------------------------------------


def test_a_closed_flight_sells_nothing_more_and_its_holds_can_be_paid(flight: Flight) -> None:
    alice = a_hold(flight, "12A")
    saga.close_flight(flight_id=flight.pk, **OLGA)
    with pytest.raises(NotOnSale):
        a_hold(flight, "12B")
    assert settle(saga.start_payment(booking_id=alice.pk, code="00000")).state == State.CONFIRMED
    saga.reopen_flight(flight_id=flight.pk, **OLGA)
    a_hold(flight, "12B")
    assert [name for name, *_ in told(flight)] == ["closed", "reopened"]


def test_a_delayed_flight_departs_and_arrives_later_on_the_day_it_is_sold_under(
    flight: Flight,
) -> None:
    before = Flight.objects.get()
    saga.delay_flight(flight_id=flight.pk, minutes=26 * 60 + 7, **OLGA)
    after = Flight.objects.get()
    assert after.departure - before.departure == timedelta(hours=26, minutes=7)
    assert after.duration == before.duration
    assert after.departure_date == before.departure_date
    assert told(flight)[0][0] == "delayed"
    alice = a_hold(flight, "12A")
    # Passengers see it on their booking's page.
    page = Client().get(reverse("booking", args=[alice.pk])).content.decode()
    assert f"{after.local_departure:%H:%M}" in page


REFUSED: dict[str, tuple[Callable[[int], object], dict[str, Any], str]] = {
    "close a closed one": (
        lambda pk: saga.close_flight(flight_id=pk, **OLGA),
        {"on_sale": False},
        "closed for sale already",
    ),
    "reopen an open one": (
        lambda pk: saga.reopen_flight(flight_id=pk, **OLGA), {}, "is on sale"
    ),
    "reopen a departed one": (
        lambda pk: saga.reopen_flight(flight_id=pk, **OLGA),
        {"on_sale": False, "departure": timezone.now() - timedelta(hours=1)},
        "has departed",
    ),
    "delay by nothing": (
        lambda pk: saga.delay_flight(flight_id=pk, minutes=0, **OLGA), {}, "1 to 4320 minutes"
    ),
    "delay too little too late": (
        lambda pk: saga.delay_flight(flight_id=pk, minutes=30, **OLGA),
        {"departure": timezone.now() - timedelta(hours=1)},
        "would have departed by now",
    ),
    "cancel an arrived one": (
        lambda pk: saga.cancel_flight(flight_id=pk, **OLGA),
        {
            "departure": timezone.now() - timedelta(hours=2),
            "arrival": timezone.now() - timedelta(hours=1),
        },
        "has arrived",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_makes_no_sense_is_refused_and_leaves_no_trace(
    transactional_db: None, what: str
) -> None:
    act, fields, why = REFUSED[what]
    flight = a_flight(**fields)
    with pytest.raises(NotPossible, match=why):
        act(flight.pk)
    assert told(flight) == []


def test_nothing_is_done_to_a_flight_that_is_not_there(transactional_db: None) -> None:
    for use_case in (saga.close_flight, saga.reopen_flight, saga.cancel_flight):
        with pytest.raises(FlightNotFound):
            use_case(flight_id=1, **OLGA)


# --- Cancel --------------------------------------------------------------------------------


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
