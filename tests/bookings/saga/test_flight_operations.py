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
    FlightNotFound,
    InvalidSeats,
    NotOnSale,
    NotPossible,
    SeatTaken,
)
from bookings.invariants import broken
from bookings.models import State
from bookings.seats.seat_map import SeatStatus, owned_seats, taken_seats
from flights.models import Flight
from tests.bookings.saga.operators import OLGA, block, blocked, told
from tests.people import (
    a_confirmed_booking,
    a_flight,
    a_hold,
    owned,
    run_out,
    settle,
    standing,
)

pytestmark = pytest.mark.django_db(transaction=True)


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
