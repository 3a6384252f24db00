"""A flight gets another aircraft: everybody has a seat on it, or nothing happens."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings import saga
from bookings.errors import BookingChanged, NotPossible, SeatTaken
from bookings.invariants import broken
from bookings.models import (
    Booking,
    Message,
    PaymentStatus,
    SeatClaim,
    State,
    waiting_of_each,
)
from bookings.saga.aircraft import STALE, Foreseen
from bookings.saga.flight_locking import BUSY
from flights.locking import lock_row
from flights.models import CabinLayout, Flight
from tests.people import (
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

# Without the letter C, and shorter.
SMALLER = """
aircraft Test 319
range 6150 km
speed 830 km/h
cabin economy AB DEF fare 1
1-20 AB DEF
"""
TINY = """
aircraft Test 2
range 6150 km
speed 830 km/h
cabin economy A B fare 1
1 A B
"""


@pytest.fixture(autouse=True)
def aircraft(transactional_db: None) -> None:
    CabinLayout.objects.create(code="smaller", source=SMALLER)
    CabinLayout.objects.create(code="tiny", source=TINY)


def foresee(flight: Flight, layout: str = "smaller") -> Foreseen:
    return saga.foresee_swap(flight_id=flight.pk, layout=layout)


def swap(flight: Flight, digest: str = "", layout: str = "smaller") -> Flight:
    """As Olga does, who has just seen the plan."""
    digest = digest or foresee(flight, layout).digest
    return saga.swap_aircraft(
        flight_id=flight.pk, layout=layout, digest=digest, by="operator:olga", reason="Repair"
    )


def test_who_can_keep_a_seat_does_and_others_move_with_their_party(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A", "1B")
    bob = a_confirmed_booking(flight, "2A", "2B", "2C")
    carol = a_hold(flight, "25D")
    paid = {booking: booking.total_cents for booking in (alice, bob, carol)}
    before = bob.version
    swap(flight)
    assert owned(alice) == ["1A", "1B"]
    assert owned(bob) == ["2D", "2E", "2F"]
    assert owned(carol) == ["20D"]
    for booking, cents in paid.items():
        claims = SeatClaim.objects.filter(booking=booking)
        assert sum(claims.values_list("price_cents", flat=True)) == cents
    bob.refresh_from_db()
    assert (bob.seats, bob.version) == (["2D", "2E", "2F"], before + 1)
    event = bob.events.last()
    assert event is not None
    assert (event.name, event.by, event.detail) == ("moved", "operator:olga", "Repair")
    assert alice.events.filter(name="moved").count() == 0
    assert Flight.objects.get().layout_id == "smaller"
    [told] = flight.events.all()
    assert told.changes["moved"]["2A"] == "2D"
    assert list(broken()) == []


def test_a_hold_and_a_payment_go_on_after_the_swap(flight: Flight) -> None:
    browser_id = uuid4()
    hold = a_hold(flight, "2C", browser_id=browser_id)
    mine: dict[str, Any] = {"booking_id": hold.pk, "browser_id": browser_id}
    paying = a_payment(flight, "3C")
    swap(flight)
    with pytest.raises(BookingChanged):
        saga.update_seats(**mine, seats=["9A"], version=hold.version)
    [seat] = owned(hold)
    Flight.objects.update(base_fare_cents=99_000)
    held = saga.update_seats(**mine, seats=[seat, "9E"])
    # The seat that is kept costs what it did.
    assert held.total_cents == sum(held.claims.values_list("price_cents", flat=True))
    settle(paying)
    assert standing(paying) == (State.CONFIRMED, PaymentStatus.CHARGED)
    assert charged_cents(paying) == paying.total_cents
    settle(saga.start_payment(**mine, code="00000"))
    assert list(broken()) == []


def test_two_parties_may_change_places(flight: Flight) -> None:
    """All claims are rewritten at once, so it does not matter whose comes first."""
    bookings = [a_confirmed_booking(flight, f"{row}B", f"{row}C") for row in range(1, 15)]
    swap(flight)
    seats = [seat for booking in bookings for seat in owned(booking)]
    assert len(seats) == len({*seats}) == 28
    assert list(broken()) == []


def test_blocks_stay_but_for_those_that_are_gone(flight: Flight) -> None:
    saga.block_seats(flight_id=flight.pk, seats=["1A", "29F"], by="operator:olga", reason="crew")
    assert foresee(flight).plan.lost_blocks == ("29F",)
    swap(flight)
    assert list(SeatClaim.objects.values_list("seat", "block_reason")) == [("1A", "crew")]
    with pytest.raises(SeatTaken):
        a_hold(flight, "1A")
    assert list(broken()) == []


def test_nothing_happens_when_somebody_has_no_seat(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A", "1B", "1C")
    assert foresee(flight, "tiny").plan.unseated
    with pytest.raises(NotPossible, match="no seat for 1"):
        swap(flight, layout="tiny")
    assert owned(alice) == ["1A", "1B", "1C"]
    assert Flight.objects.get().layout_id == "test-320"
    assert not flight.events.exists()


def test_nothing_happens_when_the_plan_is_not_what_was_seen(flight: Flight) -> None:
    a_confirmed_booking(flight, "1C")
    seen = foresee(flight).digest
    a_hold(flight, "9A")
    with pytest.raises(NotPossible) as refused:
        swap(flight, digest=seen)
    assert refused.value.message == STALE
    assert Flight.objects.get().layout_id == "test-320"


def test_nothing_happens_while_a_booking_is_being_changed(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1C")
    seen = foresee(flight).digest
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        lock_row(Booking, alice.pk)
        # At once: whoever has the booking may be waiting for the flight.
        [refused] = pool.submit(race, partial(swap, flight, seen)).result(3)
    assert refused.message == BUSY
    assert owned(alice) == ["1C"]
    swap(flight)
    assert list(broken()) == []


def test_two_operators_swap_once(flight: Flight) -> None:
    a_confirmed_booking(flight, "1C")
    seen = foresee(flight).digest
    other = foresee(flight, "tiny").digest
    answers = race(
        partial(swap, flight, seen),
        partial(swap, flight, seen),
        partial(swap, flight, other, "tiny"),
    )
    refused = [answer for answer in answers if isinstance(answer, NotPossible)]
    assert len(refused) == 2
    assert flight.events.count() == 1
    assert list(broken()) == []


def test_customers_and_a_swap_at_once_leave_nobody_without_a_seat(flight: Flight) -> None:
    bookings = [a_hold(flight, f"{row}C") for row in range(1, 7)]
    seen = foresee(flight).digest
    race(
        *(partial(a_hold, flight, f"{row}C", f"{row}A") for row in range(21, 26)),
        *(
            partial(saga.update_seats, booking_id=booking.pk, seats=[f"{row + 10}C"])
            for row, booking in enumerate(bookings)
        ),
        *(partial(saga.start_payment, booking_id=bookings[0].pk, code="00000") for _ in "12"),
        partial(swap, flight, seen),
    )
    assert list(broken()) == []
    for _ in range(3):
        if Flight.objects.get().layout_id == "test-320":
            swap(flight)
    for booking in Booking.objects.all():
        settle(booking)
    assert list(broken(overdue_seconds=0)) == []


def test_whoever_moves_is_sent_a_new_confirmation(flight: Flight) -> None:
    hold = a_hold(flight, "1C")
    alice = saga.start_payment(
        booking_id=hold.pk, code="00000", name="Alice", email="alice@example.org"
    )
    settle(alice)
    Message.objects.update(due_at=None)
    mail.outbox.clear()
    swap(flight)
    alice.refresh_from_db()
    assert waiting_of_each(alice.messages.all())
    settle(alice)
    assert list(broken()) == []


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "the same": ({}, "test-320", "has this aircraft already"),
    "an unknown one": ({}, "concorde", "no such aircraft"),
    "a departed flight": ({"departure": timezone.now()}, "smaller", "has departed"),
    "a cancelled flight": (
        {"on_sale": False, "cancelled_at": timezone.now()},
        "smaller",
        "stays cancelled",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_makes_no_sense_is_refused(transactional_db: None, what: str) -> None:
    fields, layout, why = REFUSED[what]
    flight = a_flight(**fields)
    with pytest.raises(NotPossible, match=why):
        swap(flight, layout=layout)


def test_a_swap_takes_as_many_queries_for_twenty_bookings_as_for_two(flight: Flight) -> None:
    def queries(layout: str) -> int:
        digest = foresee(flight, layout).digest
        with CaptureQueriesContext(connection) as captured:
            swap(flight, digest, layout)
        return len(captured)

    for row in (1, 2):
        a_hold(flight, f"{row}A", f"{row}C")
    few = queries("smaller")
    for row in range(3, 20):
        a_hold(flight, f"{row}B", f"{row}D")
    CabinLayout.objects.create(code="other", source=SMALLER.replace("AB DEF", "AC DEF"))
    assert queries("other") == few
