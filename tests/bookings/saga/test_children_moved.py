"""Whoever moves a booking knows who travels: children at no exit, and beside an adult of theirs."""

from datetime import date, timedelta
from typing import Any

import pytest

from bookings import saga
from bookings.errors import NotPossible
from bookings.invariants import broken
from bookings.models import Booking, PassengerType
from bookings.saga import Said
from bookings.saga.aircraft import STALE
from bookings.saga.left_over import propose_leaving
from flights.models import CabinLayout, Flight
from tests.people import a_confirmed_booking, a_flight, a_hold, owned, settle

pytestmark = pytest.mark.django_db(transaction=True)

OLGA: dict[str, Any] = {"by": "operator:olga", "reason": "Repair"}
BORN = date.today() - timedelta(days=7 * 366)
# Rows 1 and 2 are there, and 1 is at an exit.
EXITS = """
aircraft Test 4
range 6150 km
speed 830 km/h
cabin economy AB CD fare 1
1 AB CD exit
2-{} AB CD
"""


@pytest.fixture(autouse=True)
def aircraft(transactional_db: None) -> None:
    CabinLayout.objects.create(code="exits", source=EXITS.format(3))
    CabinLayout.objects.create(code="tiny", source=EXITS.format(2))


def with_a_child(booking: Booking, *, at: str) -> Booking:
    """Ada everywhere, and Byron in that seat."""
    said = [
        Said(seat, "Byron", "King", "child", BORN) if seat == at else Said(seat, "Ada", "King")
        for seat in booking.seats
    ]
    return saga.correct_passengers(booking_id=booking.pk, said=said, **OLGA)


def swap(flight: Flight, layout: str, leaving: Any = None) -> None:
    about: dict[str, Any] = {"flight_id": flight.pk, "layout": layout, "leaving": leaving or {}}
    saga.swap_aircraft(**about, digest=saga.foresee_swap(**about).digest, **OLGA)


def seat_of_byron(booking: Booking) -> str:
    booking.refresh_from_db()
    who = zip(booking.seats, booking.passengers, strict=True)
    return next(seat for seat, one in who if one and one.type == PassengerType.CHILD)


def test_a_swap_takes_a_child_and_its_adult_from_what_is_an_exit_now(flight: Flight) -> None:
    family = with_a_child(a_confirmed_booking(flight, "1A", "1B"), at="1A")
    alone = a_confirmed_booking(flight, "1C")
    swap(flight, "exits")
    assert owned(alone) == ["1C"]
    assert owned(family) == ["2A", "2B"]
    assert seat_of_byron(family) == "2A"
    assert list(broken(overdue_seconds=0)) == []


def test_a_swap_takes_an_adult_with_an_infant_from_an_exit(flight: Flight) -> None:
    """And who travels with them comes along; both would be at the exit by their seats' names."""
    pair = a_confirmed_booking(flight, "1A", "1B")
    said = [Said("1A", "Ada", "King"), Said("1B", "Will", "King")]
    baby = Said("1B", "Ralph", "King", "infant", date.today() - timedelta(days=200))
    saga.correct_passengers(booking_id=pair.pk, said=[*said, baby], **OLGA)
    swap(flight, "exits")
    assert owned(pair) == ["2A", "2B"]
    pair.refresh_from_db()
    assert [one and one.described for one in pair.passengers] == [
        "Ada King",
        "Will King with Ralph King",
    ]


def test_a_plan_is_another_one_when_a_child_is_named(flight: Flight) -> None:
    party = a_confirmed_booking(flight, "1A", "1B")
    digest = saga.foresee_swap(flight_id=flight.pk, layout="exits").digest
    with_a_child(party, at="1B")
    with pytest.raises(NotPossible) as refused:
        saga.swap_aircraft(flight_id=flight.pk, layout="exits", digest=digest, **OLGA)
    assert refused.value.message == STALE
    assert owned(party) == ["1A", "1B"]


def test_children_go_to_no_exit_of_another_flight(flight: Flight) -> None:
    family = with_a_child(a_confirmed_booking(flight, "1A", "1B"), at="1B")
    other = a_flight("AF1238", layout=CabinLayout.objects.get(code="tiny"))
    for seat in ("2A", "2C"):
        a_hold(other, seat)
    a_confirmed_booking(other, "1C")
    saga.move_to_flight(booking_id=family.pk, flight_id=other.pk, **OLGA)
    assert seat_of_byron(family) in ("2B", "2D")


def test_a_flight_with_exits_only_has_no_room_for_a_child(flight: Flight) -> None:
    family = with_a_child(a_confirmed_booking(flight, "1A", "1B"), at="1B")
    other = a_flight("AF1238", layout=CabinLayout.objects.get(code="tiny"))
    a_hold(other, "2A", "2B", "2C", "2D")
    with pytest.raises(NotPossible):
        saga.move_to_flight(booking_id=family.pk, flight_id=other.pk, **OLGA)
    assert owned(family) == ["1A", "1B"]


def test_who_is_left_over_by_the_exits_leaves_and_the_swap_is_done(flight: Flight) -> None:
    """Eight seats are enough for six people, and four of them are not for five children."""
    families = [
        with_a_child(a_confirmed_booking(flight, f"{row}A", f"{row}B"), at=f"{row}A")
        for row in (1, 2)
    ]
    adult = Said("3A", "Ada", "King")
    children = [Said(f"3{letter}", letter, "King", "child", BORN) for letter in "BCD"]
    last = a_confirmed_booking(flight, "3A", "3B", "3C", "3D")
    saga.correct_passengers(booking_id=last.pk, said=[adult, *children], **OLGA)
    foreseen = saga.foresee_swap(flight_id=flight.pk, layout="tiny")
    assert len(foreseen.plan.unseated) == 1
    tiny = CabinLayout.objects.get(code="tiny")
    leaving = propose_leaving(Flight.objects.get(pk=flight.pk), tiny, {}).leaving
    assert leaving == {last.pk: None}
    swap(flight, "tiny", leaving)
    for family in families:
        assert seat_of_byron(family) in ("2A", "2B", "2C", "2D")
    settle(last)
    assert list(broken(overdue_seconds=0)) == []
