"""Finding flights: what is found, in which order, page by page."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flights.models import Flight
from flights.search import InvalidSearch, search_flights
from tests.flights.places import a_flight, an_airport, utc

pytestmark = pytest.mark.django_db

DAY = dt.date(2030, 3, 4)


def at(hour: int, day: int = 4) -> dt.datetime:
    return dt.datetime(2030, 3, day, hour, tzinfo=dt.UTC)


def numbers(**search: object) -> list[str]:
    return [flight.number for flight in search_flights(**search).flights]  # type: ignore[arg-type]


def all_pages(limit: int, **search: object) -> list[str]:
    return [number for page in pages(limit, **search) for number in page]


def pages(limit: int, **search: object) -> list[list[str]]:
    """Every page, by following the cursors."""
    found, after = [], None
    while True:
        page = search_flights(after=after, limit=limit, **search)  # type: ignore[arg-type]
        found.append([flight.number for flight in page.flights])
        after = page.next_cursor
        if after is None:
            return found


def test_without_a_filter_the_next_departures_come_soonest_first() -> None:
    a_flight("FB2", departure=at(9))
    a_flight("FB1", departure=at(8))
    a_flight("FB3", "LHR", "HND", departure=at(7))
    assert numbers() == ["FB3", "FB1", "FB2"]


def test_origin_destination_and_date_each_narrow_the_search() -> None:
    a_flight("FB1", "CDG", "JFK", departure=at(8))
    a_flight("FB2", "CDG", "HND", departure=at(9))
    a_flight("FB3", "LHR", "JFK", departure=at(10))
    a_flight("FB4", "CDG", "JFK", departure=at(8, day=5))
    assert numbers(origin="CDG") == ["FB1", "FB2", "FB4"]
    assert numbers(destination="JFK") == ["FB1", "FB3", "FB4"]
    assert numbers(date=DAY) == ["FB1", "FB2", "FB3"]
    assert numbers(origin="CDG", destination="JFK") == ["FB1", "FB4"]
    assert numbers(origin="CDG", date=DAY) == ["FB1", "FB2"]
    assert numbers(destination="JFK", date=DAY) == ["FB1", "FB3"]
    assert numbers(origin="CDG", destination="JFK", date=DAY) == ["FB1"]


def test_what_a_form_sends_is_understood() -> None:
    a_flight("FB1", "CDG", "JFK", departure=at(8))
    assert numbers(origin=" cdg ", destination="", date="2030-03-04", after="") == ["FB1"]
    assert numbers(origin="ＣＤＧ", destination="jfk\u200b", date="2030‑03‑04") == ["FB1"]
    assert numbers(origin="\u200b", date=" ２０３０-03-04") == ["FB1"]


@pytest.mark.parametrize("with_origin", [True, False])
def test_a_date_is_the_local_one_at_the_origin(with_origin: bool) -> None:
    """In Tokyo, 4 March 2030 lasts from 15:00 UTC on the 3rd to 15:00 UTC on the 4th."""
    a_flight("FB1", "HND", "JFK", departure=utc("2030-03-03T14:59"))
    a_flight("FB2", "HND", "JFK", departure=utc("2030-03-03T15:00"))
    a_flight("FB3", "HND", "JFK", departure=utc("2030-03-04T14:59"))
    a_flight("FB4", "HND", "JFK", departure=utc("2030-03-04T15:00"))
    where = {"origin": "HND"} if with_origin else {"destination": "JFK"}
    assert numbers(date=DAY, **where) == numbers(date=DAY) == ["FB2", "FB3"]


def test_a_date_in_which_clocks_change_has_all_its_flights() -> None:
    """In Paris, 27 October 2030 has 25 hours, from 22:00 UTC to 23:00 UTC."""
    a_flight("FB1", departure=utc("2030-10-26T22:00"))
    a_flight("FB2", departure=utc("2030-10-27T22:59"))
    a_flight("FB3", departure=utc("2030-10-27T23:00"))
    assert numbers(origin="CDG", date="2030-10-27") == ["FB1", "FB2"]


def test_departed_and_closed_flights_are_not_found() -> None:
    now = timezone.now()
    a_flight("FB1", departure=now - dt.timedelta(seconds=1))
    a_flight("FB2", departure=now + dt.timedelta(days=1), on_sale=False)
    a_flight("FB3", departure=now + dt.timedelta(minutes=1))
    assert numbers() == ["FB3"]
    assert numbers(origin="CDG", destination="JFK") == ["FB3"]


def test_pages_hold_every_flight_once_though_many_depart_together() -> None:
    for n in range(1, 8):
        a_flight(f"FB{n}", departure=at(8))
    for n in range(8, 11):
        a_flight(f"FB{n}", departure=at(9))
    expected = [f"FB{n}" for n in range(1, 11)]
    assert numbers() == expected
    for limit in (1, 3, 5, 9, 10, 11):
        assert all_pages(limit) == expected
        assert all_pages(limit, date=DAY) == expected
        assert all_pages(limit, origin="CDG", date=DAY) == expected
        assert all_pages(limit, destination="JFK") == expected


def test_the_last_page_has_no_cursor_even_when_it_is_full() -> None:
    for n in range(1, 5):
        a_flight(f"FB{n}", departure=at(8 + n))
    assert pages(2) == [["FB1", "FB2"], ["FB3", "FB4"]]


def test_a_page_stays_where_it_is_when_flights_are_added_or_closed_before_it() -> None:
    for n in range(1, 5):
        a_flight(f"FB{n}", departure=at(8 + n))
    first = search_flights(limit=2)
    a_flight("FB9", departure=at(7))
    Flight.objects.filter(number="FB2").update(on_sale=False)
    assert numbers(after=first.next_cursor, limit=2) == ["FB3", "FB4"]


def test_a_cursor_of_another_search_does_not_reach_before_the_date() -> None:
    a_flight("FB1", departure=at(8, day=3))
    a_flight("FB2", departure=at(9, day=3))
    a_flight("FB3", departure=at(8, day=4))
    cursor = search_flights(limit=1).next_cursor
    assert numbers(origin="CDG", date=DAY, after=cursor) == ["FB3"]


def test_a_page_takes_two_queries_however_many_flights_it_has() -> None:
    for n in range(1, 11):
        a_flight(f"FB{n}", departure=at(8))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        for flight in search_flights(origin="CDG").flights:
            assert flight.origin.city
            assert flight.local_arrival
            assert flight.layout.aircraft
            assert flight.layout.total_seats
    assert len(queries) == 2


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ({"origin": "XXX"}, "There is no airport 'XXX'"),
        ({"destination": "Paris"}, "There is no airport 'PARIS'"),
        ({"origin": "\0\0\0"}, "There is no airport"),
        ({"date": "tomorrow"}, "'tomorrow' is not a date like 2026-12-24"),
        ({"date": "2030-02-30"}, "is not a date"),
        ({"date": "0001-01-01"}, "is not a date"),
        ({"date": dt.date(9999, 12, 31)}, "is not a date"),
        ({"after": "page 2"}, "This page of results does not exist"),
        ({"after": "ffffffffffffffff-1"}, "This page of results does not exist"),
        ({"limit": 0}, "A page has 1 to 100 flights"),
        ({"limit": 101}, "A page has 1 to 100 flights"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused_in_plain_words(
    search: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidSearch, match=message):
        search_flights(**search)  # type: ignore[arg-type]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None
)
@given(st.from_regex(r"[0-9a-f]{1,15}-[0-9a-f]{1,15}", fullmatch=True) | st.text(max_size=40))
def test_any_cursor_is_read_or_refused(cursor: str) -> None:
    an_airport("CDG")
    try:
        assert search_flights(origin="CDG", after=cursor).flights == []
    except InvalidSearch:
        assert cursor
