"""A flight changes, and whoever has paid accepts it, takes another one, or has the money back."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from bookings import saga
from bookings.errors import BookingChanged, BookingNotFound, FlightNotFound, NotPossible, NotYours
from bookings.models import Booking, PaymentStatus, State
from bookings.saga.disruptions import unanswered
from flights.models import CabinLayout, Flight
from tests.people import (
    LAYOUT,
    a_confirmed_booking,
    a_flight,
    a_hold,
    charged_cents,
    owned,
    settle,
    standing,
)

pytestmark = pytest.mark.django_db(transaction=True)

BY = "operator:olga"
PAID = (State.CONFIRMED, PaymentStatus.CHARGED)


def delay(flight: Flight, minutes: int = 60) -> None:
    saga.delay_flight(flight_id=flight.pk, minutes=minutes, by=BY, reason="fog")


def asked(booking: Booking) -> list[str] | None:
    """What a customer is asked about: which events, if any."""
    found = saga.find_disruption(booking_id=booking.pk)
    return [event.name for event in found.events] if found else None


def answers(booking: Booking, flight: Flight, **who: object) -> list[Callable[[], object]]:
    about: dict[str, object] = {"booking_id": booking.pk, **who}
    return [
        lambda: saga.accept_flight(**about),  # type: ignore[arg-type]
        lambda: saga.take_full_refund(**about),  # type: ignore[arg-type]
        lambda: saga.take_other_flight(flight_id=flight.pk, **about),  # type: ignore[arg-type]
    ]


def test_nobody_is_asked_of_a_flight_as_it_was_sold(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    assert asked(alice) is None
    for answer in answers(alice, a_flight("QQ1")):
        with pytest.raises(NotPossible, match="Nothing has changed"):
            answer()
    assert standing(alice) == PAID


def test_each_disruption_is_asked_about_until_it_is_accepted(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    delay(flight)
    delay(flight)
    assert asked(alice) == ["delayed", "delayed"]
    assert list(unanswered(flight)) == [alice]
    saga.accept_flight(booking_id=alice.pk)
    assert asked(alice) is None
    assert list(unanswered(flight)) == []
    delay(flight)
    assert asked(alice) == ["delayed"]
    # Whoever books it now knows how it is.
    assert asked(a_confirmed_booking(flight, "1B")) is None
    assert list(unanswered(flight)) == [alice]


def test_another_aircraft_is_asked_about(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    CabinLayout.objects.create(code="other", source=LAYOUT, aircraft="Other", total_seats=180)
    plan = saga.foresee_swap(flight_id=flight.pk, layout="other")
    saga.swap_aircraft(flight_id=flight.pk, layout="other", digest=plan.digest, by=BY)
    assert asked(alice) == ["aircraft_swapped"]


def test_all_the_money_goes_back_also_by_a_fare_without_refunds(flight: Flight) -> None:
    hold = saga.hold_seats(flight_id=flight.pk, seats=["1A"], fare="light")
    alice = settle(saga.start_payment(booking_id=hold.pk, code="00000"))
    change = saga.start_change(booking_id=alice.pk, seats=["1B"])
    saga.pay_change(booking_id=alice.pk, change_id=change.pk, code="00000")
    settle(change.booking)
    delay(flight)
    saga.take_full_refund(booking_id=alice.pk)
    settle(alice)
    assert standing(alice) == (State.CANCELLED, PaymentStatus.REFUNDED)
    assert (owned(alice), alice.kept_cents) == ([], 0)
    assert charged_cents(alice) == charged_cents(change.booking) == 0


def test_another_flight_of_the_route_is_taken_at_no_cost(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A", "1B")
    paid, dearer = alice.total_cents, a_flight("QQ1", base_fare_cents=90_000)
    delay(flight)
    found = saga.find_disruption(booking_id=alice.pk)
    assert found
    assert [(offer.flight.pk, list(offer.seats)) for offer in found.offers] == [
        (dearer.pk, ["1A", "1B"])
    ]
    saga.take_other_flight(booking_id=alice.pk, flight_id=dearer.pk)
    alice.refresh_from_db()
    assert (standing(alice), alice.flight_id, alice.total_cents) == (PAID, dearer.pk, paid)
    assert owned(alice) == ["1A", "1B"]
    assert owned(a_hold(flight, "1A")) == ["1A"]
    assert asked(alice) is None
    assert alice.events.get(name="moved_to_flight").by == "customer"
    # What has happened to that flight before is how it was taken.
    delay(dearer)
    assert asked(alice) == ["delayed"]


def test_a_flight_without_room_is_neither_offered_nor_taken(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    tiny = CabinLayout.objects.create(
        code="tiny", source=LAYOUT.replace("1-30", "1"), aircraft="Tiny", total_seats=6
    )
    other = a_flight("QQ1", layout=tiny)
    a_hold(other, *(f"1{letter}" for letter in "ABCDEF"))
    delay(flight)
    found = saga.find_disruption(booking_id=alice.pk)
    assert found
    assert found.offers == []
    with pytest.raises(NotPossible, match="no seats"):
        saga.take_other_flight(booking_id=alice.pk, flight_id=other.pk)
    with pytest.raises(FlightNotFound):
        saga.take_other_flight(booking_id=alice.pk, flight_id=10**9)
    elsewhere = a_flight("QQ2", currency="USD")
    with pytest.raises(NotPossible, match="same route"):
        saga.take_other_flight(booking_id=alice.pk, flight_id=elsewhere.pk)
    assert (standing(alice), owned(alice)) == (PAID, ["1A"])


@pytest.mark.parametrize("days", [11, 200, None])
def test_only_a_flight_that_is_offered_is_taken(flight: Flight, days: int | None) -> None:
    """Nobody comes from a flight of February to one of Christmas by a delay of a minute."""
    alice = a_confirmed_booking(flight, "1A")
    departure = flight.departure if days is None else timezone.now() + timedelta(days=days)
    times = {"departure": departure, "arrival": departure + timedelta(hours=8)}
    other = a_flight("QQ1", on_sale=days is not None, **times)
    delay(flight, 1)
    found = saga.find_disruption(booking_id=alice.pk)
    assert found
    assert found.offers == []
    with pytest.raises(NotPossible):
        saga.take_other_flight(booking_id=alice.pk, flight_id=other.pk)
    assert (owned(alice), standing(alice)) == (["1A"], PAID)
    alice.refresh_from_db()
    assert alice.flight_id == flight.pk


def test_only_who_made_it_answers_and_as_it_was_seen(flight: Flight) -> None:
    browser = uuid4()
    alice = a_confirmed_booking(flight, "1A", browser_id=browser)
    other = a_flight("QQ1")
    delay(flight)
    for answer in answers(alice, other, browser_id=uuid4()):
        with pytest.raises(NotYours):
            answer()
    for answer in answers(alice, other, browser_id=browser, version=alice.version - 1):
        with pytest.raises(BookingChanged):
            answer()
    with pytest.raises(NotYours):
        saga.find_disruption(booking_id=alice.pk)
    with pytest.raises(BookingNotFound):
        saga.accept_flight(booking_id=uuid4())
    assert standing(alice) == PAID


def test_nobody_answers_what_is_not_paid_has_left_or_is_cancelled(flight: Flight) -> None:
    hold, alice = a_hold(flight, "2A"), a_confirmed_booking(flight, "1A")
    other = a_flight("QQ1")
    delay(flight)
    for answer in answers(hold, other)[:2]:
        with pytest.raises(NotPossible, match="Only a paid booking"):
            answer()
    Flight.objects.filter(pk=flight.pk).update(departure=timezone.now() - timedelta(minutes=1))
    for answer in answers(alice, other):
        with pytest.raises(NotPossible):
            answer()
    assert asked(alice) is None
    Flight.objects.filter(pk=flight.pk).update(departure=timezone.now() + timedelta(days=1))
    saga.cancel_flight(flight_id=flight.pk, by=BY)
    assert asked(alice) is None
    with pytest.raises(NotPossible, match="cancelled"):
        saga.accept_flight(booking_id=alice.pk)
    assert owned(alice) == ["1A"]
