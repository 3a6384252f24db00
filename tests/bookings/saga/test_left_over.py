"""A smaller aircraft: some leave for other flights or with their money, the others have seats."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings import saga
from bookings.errors import BookingError, NotPossible
from bookings.invariants import broken
from bookings.models import Booking, PaymentStatus, State
from bookings.saga.aircraft import STALE
from bookings.saga.left_over import Proposal, Wish, propose_leaving
from bookings.saga.other_flights import WRONG_FLIGHT
from flights.models import CabinLayout, Flight
from tests.people import (
    a_confirmed_booking,
    a_flight,
    a_hold,
    a_payment,
    owned,
    settle,
    standing,
)
from tests.racing import race

pytestmark = pytest.mark.django_db(transaction=True)

# Four seats.
TINY = """
aircraft Test 4
range 6150 km
speed 830 km/h
cabin economy A B fare 1
1-2 A B
"""
TWO_CABINS = """
aircraft Test 6
range 6150 km
speed 830 km/h
cabin business A B fare 3
1 A B
cabin economy A B fare 1
2-3 A B
"""


@pytest.fixture(autouse=True)
def tiny(transactional_db: None) -> CabinLayout:
    return CabinLayout.objects.create(code="tiny", source=TINY)


@pytest.fixture
def later(flight: Flight) -> Flight:
    return at(flight, "AF1236", hours=2)


def at(flight: Flight, number: str, *, hours: int, **fields: Any) -> Flight:
    """Another one of its route, so many hours later."""
    delay = timedelta(hours=hours)
    times = {"departure": flight.departure + delay, "arrival": flight.arrival + delay}
    return a_flight(number, **times, **fields)


def proposed(flight: Flight, wishes: dict[UUID, Wish | int] | None = None) -> Proposal:
    tiny = CabinLayout.objects.get(code="tiny")
    return propose_leaving(Flight.objects.get(pk=flight.pk), tiny, wishes or {})


def swap(flight: Flight, leaving: Any, digest: str = "") -> Flight:
    """As Olga does, who has just seen the plan."""
    about: dict[str, Any] = {"flight_id": flight.pk, "layout": "tiny", "leaving": leaving}
    digest = digest or saga.foresee_swap(**about).digest
    return saga.swap_aircraft(**about, digest=digest, by="operator:olga", reason="Repair")


def test_whom_it_hurts_least_leaves_first(flight: Flight, later: Flight) -> None:
    """Who has not paid, then who booked last; and a small party may stay where a large one
    cannot."""
    hold = a_hold(flight, "20A")
    first = a_confirmed_booking(flight, "1A", "1B")
    paying = a_payment(flight, "21A")
    second = a_confirmed_booking(flight, "5A")
    large = a_confirmed_booking(flight, "6A", "6B")
    last = a_confirmed_booking(flight, "7A")
    found = proposed(flight)
    ordered = [hold, paying, last, large, second, first]
    assert [booking.pk for booking in found.bookings] == [each.pk for each in ordered]
    assert found.leaving == {large.pk: later.pk, paying.pk: None, hold.pk: None}
    assert found.flights == {later: 178}
    swap(flight, found.leaving)
    assert [standing(each)[0] for each in (hold, paying)] == [State.CANCELLED, State.CANCELLED]
    assert owned(large) == ["6A", "6B"]
    large.refresh_from_db()
    assert large.flight_id == later.pk
    stay = [*owned(first), *owned(second), *owned(last)]
    assert sorted(stay) == ["1A", "1B", "2A", "2B"]
    assert Flight.objects.get(pk=flight.pk).layout_id == "tiny"
    settle(paying)
    assert list(broken(overdue_seconds=0)) == []


def test_volunteers_go_where_they_want_and_others_stay_for_it(
    flight: Flight, later: Flight
) -> None:
    latest = at(flight, "AF1238", hours=5)
    parties = [a_confirmed_booking(flight, f"{row}A", f"{row}B") for row in range(5, 9)]
    one, two, three, four = [party.pk for party in parties]
    wishes: dict[UUID, Wish | int] = {one: latest.pk, two: Wish.ENDS, four: Wish.STAYS}
    assert proposed(flight, wishes).leaving == {one: latest.pk, two: None}
    leaves = proposed(flight, {one: Wish.LEAVES, three: Wish.LEAVES, four: Wish.LEAVES}).leaving
    assert leaves == {one: later.pk, three: later.pk, four: later.pk}
    # Everybody wants to stay: there are four seats, and who booked first has them.
    assert proposed(flight, dict.fromkeys((one, two, three, four), Wish.STAYS)).leaving.keys() == {
        three,
        four,
    }
    swap(flight, {one: latest.pk, two: None})
    booking = Booking.objects.get(pk=two)
    assert standing(booking) == (State.CANCELLED, PaymentStatus.REFUND_DUE)
    assert standing(settle(booking)) == (State.CANCELLED, PaymentStatus.REFUNDED)
    assert Booking.objects.get(pk=one).flight_id == latest.pk
    assert [len(owned(party)) for party in parties] == [2, 0, 2, 2]
    assert list(broken(overdue_seconds=0)) == []


def test_nobody_is_sent_to_a_flight_that_is_full(flight: Flight) -> None:
    small = at(flight, "AF1236", hours=1, layout_id="tiny")
    next_one = at(flight, "AF1238", hours=4, layout_id="tiny")
    a_hold(small, "1A", "1B")
    parties = [a_confirmed_booking(flight, f"{row}A", f"{row}B") for row in range(5, 12)]
    found = proposed(flight, {parties[-1].pk: small.pk})
    gone = {party.pk: found.leaving.get(party.pk, 0) for party in parties}
    assert list(gone.values()) == [0, 0, next_one.pk, next_one.pk, None, None, small.pk]
    assert found.flights == {small: 0, next_one: 0}
    swap(flight, found.leaving)
    assert list(broken()) == []


def test_a_better_cabin_will_do_and_a_worse_one_will_not(flight: Flight) -> None:
    CabinLayout.objects.create(code="two-cabins", source=TWO_CABINS)
    Flight.objects.update(layout_id="two-cabins")
    flight.refresh_from_db()
    other = at(flight, "AF1236", hours=1, layout_id="two-cabins")
    a_hold(other, "1A")
    business = [a_confirmed_booking(flight, seat) for seat in ("1A", "1B")]
    economy = a_confirmed_booking(flight, "2A", "2B")
    leave = {each.pk: Wish.LEAVES for each in (*business, economy)}
    assert proposed(flight, {**leave}).leaving == {
        business[0].pk: other.pk,
        business[1].pk: None,
        economy.pk: other.pk,
    }


def test_nothing_is_done_when_somebody_has_acted_meanwhile(flight: Flight, later: Flight) -> None:
    parties = [a_confirmed_booking(flight, f"{row}A", f"{row}B") for row in range(5, 8)]
    hold = a_hold(flight, "20A")
    leaving = proposed(flight).leaving
    about: dict[str, Any] = {"flight_id": flight.pk, "layout": "tiny", "leaving": leaving}

    def changes(act: Any) -> None:
        seen = saga.foresee_swap(**about).digest
        act()
        with pytest.raises(NotPossible) as refused:
            swap(flight, leaving, digest=seen)
        assert refused.value.message == STALE
        assert not Flight.objects.get(pk=flight.pk).events.exists()

    # The hold that was to end is being paid, and then it is paid: it is money now.
    changes(partial(saga.start_payment, booking_id=hold.pk, code="00000"))
    changes(partial(settle, hold))
    # The other flight fills up where somebody was to sit, though there is room elsewhere.
    changes(partial(a_hold, later, *owned(parties[2])))
    # Who was to leave is reseated, and then has left.
    changes(partial(saga.reseat, booking_id=parties[2].pk, seats=["9A", "9B"], by="operator:oscar"))
    changes(partial(saga.cancel_and_refund, booking_id=parties[2].pk, by="operator:oscar"))
    assert Flight.objects.get(pk=flight.pk).layout_id == "test-320"
    assert list(broken()) == []


def test_a_flight_that_will_not_take_them_is_refused_whole(flight: Flight, later: Flight) -> None:
    parties = [a_confirmed_booking(flight, f"{row}A", f"{row}B") for row in range(5, 8)]
    leaving = proposed(flight).leaving
    seen = saga.foresee_swap(flight_id=flight.pk, layout="tiny", leaving=leaving).digest
    saga.cancel_flight(flight_id=later.pk, by="operator:oscar")
    with pytest.raises(NotPossible) as refused:
        swap(flight, leaving, digest=seen)
    assert refused.value.message == WRONG_FLIGHT
    tiny = at(flight, "AF1238", hours=1, layout_id="tiny")
    everybody = {party.pk: tiny.pk for party in parties}
    with pytest.raises(NotPossible, match="no seats for them"):
        swap(flight, everybody)
    with pytest.raises(NotPossible, match="another flight of the same route"):
        swap(flight, dict.fromkeys(everybody, 0))
    assert [owned(party) for party in parties] == [["5A", "5B"], ["6A", "6B"], ["7A", "7B"]]
    assert list(broken()) == []


def test_staff_and_customers_at_once_leave_nobody_on_two_flights(
    flight: Flight, later: Flight
) -> None:
    parties = [a_confirmed_booking(flight, f"{row}A", f"{row}B") for row in range(5, 9)]
    hold = a_hold(flight, "20A")
    leaving = proposed(flight).leaving
    seen = saga.foresee_swap(flight_id=flight.pk, layout="tiny", leaving=leaving).digest
    by: Any = {"by": "operator:oscar"}
    answers = race(
        *(partial(swap, flight, leaving, seen) for _ in "12"),
        partial(saga.move_to_flight, booking_id=parties[3].pk, flight_id=later.pk, **by),
        partial(saga.cancel_and_refund, booking_id=parties[2].pk, **by),
        partial(saga.start_payment, booking_id=hold.pk, code="00000"),
        partial(a_hold, later, *owned(parties[3])),
        partial(saga.close_flight, flight_id=later.pk, **by),
    )
    assert all(isinstance(each, Flight | Booking | BookingError) for each in answers)
    assert sum(event.name == "aircraft_swapped" for event in flight.events.all()) <= 1
    for booking in Booking.objects.filter(due_at__isnull=False):
        settle(booking)
    assert list(broken(overdue_seconds=0)) == []


def test_two_flights_that_swap_into_each_other_do_not_wait_in_a_circle(
    flight: Flight, later: Flight
) -> None:
    for each in (flight, later):
        for row in range(5, 8):
            a_confirmed_booking(each, f"{row}A", f"{row}B")
    plans = [(each, proposed(each).leaving) for each in (flight, later)]
    answers = race(*(partial(swap, each, leaving) for each, leaving in plans))
    assert any(isinstance(answer, Flight) for answer in answers)
    assert all(isinstance(answer, Flight | NotPossible) for answer in answers)
    assert list(broken()) == []


def test_forty_who_leave_take_as_many_queries_as_four(flight: Flight) -> None:
    other = at(flight, "AF1236", hours=1)
    last = at(flight, "AF1238", hours=3)

    def queries(flight: Flight) -> int:
        ended, *others = proposed(flight).leaving
        leaving = {ended: None, **dict.fromkeys(others, last.pk)}
        digest = saga.foresee_swap(flight_id=flight.pk, layout="tiny", leaving=leaving).digest
        with CaptureQueriesContext(connection) as captured:
            swap(flight, leaving, digest)
        return len(captured)

    for row in range(1, 9):
        a_confirmed_booking(flight, f"{row}A")
    few = queries(flight)
    for row in range(1, 23):
        for letter in "AF":
            a_confirmed_booking(other, f"{row + 8}{letter}")
    assert queries(other) == few
    assert list(broken()) == []
