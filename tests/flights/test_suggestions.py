"""The type-ahead over airports."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flights.search import suggest_airports
from tests.flights.places import a_flight, an_airport

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def flights() -> None:
    a_flight("FB1", "ZRH", "GRU")
    a_flight("FB2", "LHR", "LGW")
    a_flight("FB3", "CDG", "JFK")


def codes(query: str, limit: int = 8) -> list[str]:
    return [airport.code for airport in suggest_airports(query, limit)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("zurich", ["ZRH"]),
        ("ZÜRICH", ["ZRH"]),
        ("sao", ["GRU"]),
        ("são p", ["GRU"]),
        ("paul", ["GRU"]),
        ("london", ["LGW", "LHR"]),
        ("london h", ["LHR"]),
        ("heathrow", ["LHR"]),
        ("gaulle paris", ["CDG"]),
        ("jfk", ["JFK"]),
        ("  new   york ", ["JFK"]),
        ("ondon", []),
        ("", []),
        ("%", []),
        ("_", []),
        ("' or 1=1", []),
    ],
)
def test_airports_are_found_by_code_city_and_name(query: str, found: list[str]) -> None:
    assert codes(query) == found


def test_the_code_itself_comes_first_then_cities_then_names() -> None:
    a_flight("FB4", "OSL", "HND")
    lhr = an_airport("LHR")
    lhr.city, lhr.name = "Lhrtown", "Elsewhere"
    lhr.save()
    oslo = an_airport("OSL")
    oslo.name = "Lhr Memorial"
    oslo.save()
    zurich = an_airport("ZRH")
    zurich.city = "Lhrbach"
    zurich.save()
    assert codes("lhr") == ["LHR", "ZRH", "OSL"]


def test_airports_without_flights_are_not_suggested() -> None:
    an_airport("OSL")
    assert codes("oslo") == []


def test_no_more_are_suggested_than_asked_for() -> None:
    assert codes("l", limit=1) == ["LGW"]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None
)
@given(st.text(max_size=200))
def test_whatever_is_typed_gets_an_answer(query: str) -> None:
    assert len(suggest_airports(query)) <= 8
