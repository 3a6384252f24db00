"""Whoever has paid may be given another flight of the route: with seats, price and payment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_redis import get_redis_connection

from bookings import saga
from bookings.errors import (
    BookingChanged,
    BookingError,
    BookingNotFound,
    FlightNotFound,
    NotPossible,
    SeatTaken,
)
from bookings.invariants import broken
from bookings.models import Booking, Message, PaymentStatus, State, waiting_of_each
from bookings.notifications.outbox import send_due
from bookings.saga.flight_locking import BUSY
from bookings.saga.other_flights import WRONG_FLIGHT, near_flights, offers
from bookings.seats.locks import lock_name
from flights.locking import lock_row
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
from tests.racing import race

pytestmark = pytest.mark.django_db(transaction=True)

OLGA: dict[str, Any] = {"by": "operator:olga", "reason": "Repair"}
CABINS = """
aircraft Test 2
range 6150 km
speed 830 km/h
cabin business AB fare 3
1 AB
cabin economy AB fare 1
2-3 AB
"""


@pytest.fixture
def later(flight: Flight) -> Flight:
    """Another one to the same place, two hours later."""
    return at(flight, "AF1236", hours=2)


def at(flight: Flight, number: str, *, hours: int, **fields: Any) -> Flight:
    """Another one of its route, so many hours later."""
    times = {
        "departure": flight.departure + timedelta(hours=hours),
        "arrival": flight.arrival + timedelta(hours=hours),
    }
    return a_flight(number, **times, **fields)


def moved(booking: Booking, flight: Flight, **more: Any) -> Booking:
    return saga.move_to_flight(booking_id=booking.pk, flight_id=flight.pk, **OLGA, **more)


def seat_to_flight(booking: Booking) -> list[tuple[str, int]]:
    return sorted(booking.claims.values_list("seat", "flight_id"))


def test_a_party_keeps_all_but_the_flight(flight: Flight, later: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A", "12B")
    before = (
        alice.record_locator,
        alice.total_cents,
        dict(alice.claims.values_list("seat", "price_cents")),
    )
    moved(alice, later)
    alice.refresh_from_db()
    assert (alice.flight_id, alice.seats) == (later.pk, ["1A", "12B"])
    assert seat_to_flight(alice) == [("12B", later.pk), ("1A", later.pk)]
    now = (
        alice.record_locator,
        alice.total_cents,
        dict(alice.claims.values_list("seat", "price_cents")),
    )
    assert now == before
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.CHARGED)
    assert charged_cents(alice) == alice.total_cents
    event = alice.events.last()
    assert event
    assert (event.name, event.by, event.detail) == ("moved_to_flight", "operator:olga", "Repair")
    there = {"flight_id": later.pk, "seats": ["1A", "12B"], "accepted_disruptions": 0}
    assert event.changes == there
    [told] = flight.events.all()
    assert (told.name, told.changes) == ("bookings_moved", {"left": {str(alice.pk): str(later)}})
    assert list(broken()) == []


def test_the_seats_left_are_free_at_once_and_the_new_ones_are_not(
    flight: Flight, later: Flight
) -> None:
    alice = a_confirmed_booking(flight, "12A")
    moved(alice, later)
    bob = a_hold(flight, "12A")
    with pytest.raises(SeatTaken):
        a_hold(later, "12A")
    assert owned(bob) == ["12A"]
    assert get_redis_connection().get(lock_name(flight.pk, "12A")) == str(bob.pk).encode()
    # What was said of either seat, ever, fits.
    assert list(broken()) == []


def test_a_party_sits_together_in_its_cabin_or_a_better_one(flight: Flight, later: Flight) -> None:
    alice = a_confirmed_booking(flight, "12A", "12B", "12C")
    a_hold(later, "12B")
    assert moved(alice, later).seats == ["11A", "11B", "11C"]
    CabinLayout.objects.create(code="cabins", source=CABINS)
    small = at(flight, "AF1238", hours=1, layout_id="cabins")
    a_hold(small, "2A", "2B", "3A")
    bob = a_confirmed_booking(flight, "20A", "20B")
    moved(bob, small)
    assert owned(bob) == ["1A", "1B"]
    with pytest.raises(NotPossible, match="no seats for them"):
        moved(a_confirmed_booking(flight, "21A", "21B"), small)
    assert list(broken()) == []


def test_a_new_confirmation_names_the_new_flight(flight: Flight, later: Flight) -> None:
    hold = a_hold(flight, "12A")
    saga.start_payment(booking_id=hold.pk, code="00000", name="Ada", email="ada@example.org")
    settle(hold)
    Message.objects.update(due_at=None)
    mail.outbox.clear()
    moved(hold, later)
    send_due(hold.pk)
    [sent] = mail.outbox
    assert "AF1236" in sent.body
    assert "You have been moved to this flight" in sent.body
    assert isinstance(sent, EmailMultiAlternatives)
    assert "You have been moved to this flight" in str(sent.alternatives[0][0])
    hold.refresh_from_db()
    assert not waiting_of_each(hold.messages.all())


@pytest.mark.parametrize("make", [a_hold, a_payment])
def test_only_who_has_paid_is_moved(flight: Flight, later: Flight, make: Any) -> None:
    booking = make(flight, "12A")
    with pytest.raises(NotPossible, match="Only a confirmed booking"):
        moved(booking, later)
    assert seat_to_flight(booking) == [("12A", flight.pk)]
    saga.terminate(booking_id=booking.pk, by="operator:olga")
    with pytest.raises(NotPossible, match="it is CANCELLED"):
        moved(booking, later)


WRONG: dict[str, dict[str, Any]] = {
    "departed": {"departure": timezone.now() - timedelta(minutes=1)},
    "cancelled": {"on_sale": False, "cancelled_at": timezone.now()},
    "in another currency": {"currency": "USD"},
    "from elsewhere": {"origin_id": "JFK", "destination_id": "CDG"},
}


@pytest.mark.parametrize("what", WRONG)
def test_no_other_flight_will_do(flight: Flight, what: str) -> None:
    alice = a_confirmed_booking(flight, "12A")
    other = a_flight("AF1236", **WRONG[what])
    assert offers(alice) == []
    with pytest.raises(NotPossible) as refused:
        moved(alice, other)
    assert refused.value.message == WRONG_FLIGHT
    with pytest.raises(NotPossible):
        moved(alice, flight)
    with pytest.raises(FlightNotFound):
        saga.move_to_flight(booking_id=alice.pk, flight_id=0, **OLGA)
    with pytest.raises(BookingNotFound):
        saga.move_to_flight(booking_id=other_id(), flight_id=other.pk, **OLGA)
    assert seat_to_flight(alice) == [("12A", flight.pk)]


def test_nobody_is_moved_from_a_flight_that_has_departed(flight: Flight, later: Flight) -> None:
    alice = a_confirmed_booking(flight, "12A")
    Flight.objects.filter(pk=flight.pk).update(departure=timezone.now() - timedelta(minutes=1))
    with pytest.raises(NotPossible, match="has departed"):
        moved(alice, later)


def test_the_nearest_flights_are_offered_each_with_the_seats_there(
    flight: Flight, later: Flight
) -> None:
    earlier = at(flight, "AF1230", hours=-1, on_sale=False)
    at(flight, "AF1299", hours=8 * 24)
    a_hold(later, "12A")
    alice = a_confirmed_booking(flight, "12A")
    assert near_flights(flight) == [earlier, later]
    offered = [(offer.seats, offer.free) for offer in offers(alice)]
    assert offered == [(["12A"], 180), (["11A"], 179)]


def test_of_two_at_once_one_is_told_and_nothing_is_lost(flight: Flight, later: Flight) -> None:
    latest = at(flight, "AF1238", hours=4)
    alice = a_confirmed_booking(flight, "12A")
    seen: dict[str, Any] = {"booking_id": alice.pk, "version": alice.version}
    answers = race(
        partial(moved, alice, later, version=alice.version),
        partial(moved, alice, latest, version=alice.version),
        partial(saga.reseat, seats=["20F"], by="operator:oscar", **seen),
        partial(saga.cancel_and_refund, by="operator:oscar", **seen),
    )
    refused = [answer for answer in answers if isinstance(answer, BookingError)]
    assert len(refused) == 3
    settle(alice)
    assert list(broken(overdue_seconds=0)) == []


def test_two_parties_at_once_get_the_last_seats_once(flight: Flight) -> None:
    CabinLayout.objects.create(code="one-row", source=LAYOUT.replace("1-30", "1"))
    last = a_flight("AF1236", layout_id="one-row")
    parties = [a_confirmed_booking(flight, *f"{row}A {row}B {row}C".split()) for row in range(5, 9)]
    answers = race(
        *(partial(moved, party, last) for party in parties), partial(a_hold, last, "1D", "1E")
    )
    assert sum(isinstance(answer, Booking) for answer in answers) in (1, 2)
    assert list(broken()) == []


def test_nobody_waits_for_a_booking_that_somebody_has(flight: Flight, later: Flight) -> None:
    alice = a_confirmed_booking(flight, "12A")
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        lock_row(Booking, alice.pk)
        [refused] = pool.submit(race, partial(moved, alice, later)).result(3)
    assert refused.message == BUSY


def test_seats_chosen_on_the_flight_before_are_not_those_of_the_new_one(
    flight: Flight, later: Flight
) -> None:
    alice = a_confirmed_booking(flight, "12A")
    seen = alice.version
    moved(alice, later)
    with pytest.raises(BookingChanged):
        saga.reseat(booking_id=alice.pk, seats=["20F"], by="operator:oscar", version=seen)
    saga.reseat(booking_id=alice.pk, seats=["20F"], by="operator:oscar")
    assert seat_to_flight(alice) == [("20F", later.pk)]
    moved(alice, flight)
    settle(saga.cancel_and_refund(booking_id=alice.pk, by="operator:oscar"))
    assert standing(alice) == (State.CANCELLED, PaymentStatus.REFUNDED)
    assert owned(alice) == []
    assert list(broken()) == []


def test_a_party_of_nine_takes_as_many_queries_as_one_alone(flight: Flight, later: Flight) -> None:
    def queries(booking: Booking) -> int:
        with CaptureQueriesContext(connection) as captured:
            moved(booking, later)
        return len(captured)

    few = queries(a_confirmed_booking(flight, "12A"))
    assert queries(a_confirmed_booking(flight, *(f"{row}B" for row in range(11, 20)))) == few


def other_id() -> Any:
    return "00000000-0000-4000-8000-000000000000"
