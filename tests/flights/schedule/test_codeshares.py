"""One aircraft under two numbers: its seats would be sold twice."""

import pytest
from django.utils import timezone

from flights.models import Flight
from flights.schedule.file import Imported
from tests.flights.places import a_flight, a_layout, utc
from tests.flights.schedule.rows import changed, load

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("places")]


def test_the_second_number_of_an_aircraft_is_told_and_goes_in() -> None:
    result, told = load(changed(number="AF100"), changed(number="DL8100"))
    assert result == Imported(new=2, codeshares=1)
    assert str(result) == "2 new, 0 updated, 0 unchanged, 0 bad, 1 under a second number"
    assert told[3].startswith("DL8100 leaves as AF100 does (line 2): same route, time and layout.")
    assert Flight.objects.count() == 2


def test_an_aircraft_that_is_there_already_is_told() -> None:
    a_flight("AF100", departure=utc("2030-01-15T09:00"))
    _, told = load(changed(number="DL8100"))
    assert told[2].startswith("DL8100 leaves as AF100 does (there already)")


@pytest.mark.parametrize(
    "other",
    [
        {"departure": "2030-01-15 10:05"},
        {"destination": "HND", "arrival": "2030-01-16 06:00"},
        {"layout": "larger"},
    ],
    ids=["time", "route", "layout"],
)
def test_another_time_route_or_layout_is_another_aircraft(other: dict[str, str]) -> None:
    a_layout("larger")
    assert load(changed(number="AF100"), changed(number="DL8100", **other))[1] == {}


def test_a_cancelled_flight_shares_no_aircraft() -> None:
    a_flight("AF100", departure=utc("2030-01-15T09:00"), on_sale=False, cancelled_at=timezone.now())
    assert load(changed(number="DL8100"))[1] == {}


def test_what_the_file_says_of_the_other_flight_counts() -> None:
    a_flight("AF100", departure=utc("2030-01-15T09:00"), arrival=utc("2030-01-15T17:00"))
    later = changed(number="AF100", departure="2030-01-15 11:00")
    assert load(later, changed(number="DL8100"), update=True)[1] == {}


def test_a_file_that_changes_nothing_tells_nothing_again() -> None:
    rows = changed(number="AF100"), changed(number="DL8100")
    load(*rows)
    assert load(*rows) == (Imported(unchanged=2), {})


def test_a_flight_that_moves_to_the_time_of_another_is_told() -> None:
    load(changed(number="AF100"), changed(number="DL8100", departure="2030-01-15 09:00"))
    result, told = load(changed(number="DL8100"), update=True)
    assert (result, list(told)) == (Imported(updated=1, codeshares=1), [2])
