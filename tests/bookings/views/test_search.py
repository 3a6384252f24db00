"""The search, its results and its type-ahead."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from flights.models import Airport, Flight
from tests.people import a_flight, a_hold

pytestmark = pytest.mark.django_db(transaction=True)


def search(client: Client, **query: Any) -> str:
    response = client.get("/", query)
    assert response.status_code == 200
    return str(response.content.decode())


def numbers(html: str) -> list[str]:
    return re.findall(r'<p class="craft">(\w+) ', html)


def test_without_a_search_the_next_departures_are_shown(client: Client) -> None:
    now = timezone.now()
    a_flight("AF2", departure=now + timedelta(days=2), arrival=now + timedelta(days=3))
    a_flight("AF1", departure=now + timedelta(days=1), arrival=now + timedelta(days=2))
    html = search(client)
    assert "Next departures" in html
    assert numbers(html) == ["AF1", "AF2"]


@pytest.mark.parametrize("typed", ["CDG", "cdg", "Paris (CDG)", "paris", "Charles de Gaulle"])
def test_an_airport_may_be_a_code_a_choice_or_a_name(client: Client, typed: str) -> None:
    a_flight("AF1")
    assert numbers(search(client, origin=typed)) == ["AF1"]
    assert "No flights" in search(client, destination=typed)


def test_times_are_local_with_their_zones_and_the_next_day_is_marked(client: Client) -> None:
    year = timezone.now().year + 1
    a_flight(
        departure=datetime(year, 1, 10, 21, 5, tzinfo=UTC),
        arrival=datetime(year, 1, 11, 6, 35, tzinfo=UTC),
    )
    html = search(client)
    assert "22:05 <small>CET</small>" in html
    assert "01:35 <small>EST</small>" in html
    assert ">+1 day</sup>" in html
    assert "9 h 30 min" in html


def hold_rows(flight: Flight, rows: range) -> None:
    for row in rows:
        a_hold(flight, *(f"{row}{letter}" for letter in "ABCDEF"))


def test_few_seats_left_are_said_and_too_few_for_the_party(client: Client) -> None:
    flight = a_flight()
    assert "180 seats left" in search(client)
    hold_rows(flight, range(1, 30))
    a_hold(flight, "30A", "30B")
    assert "only 4 left" in search(client)
    assert "too few for 5" in search(client, party=5)
    a_hold(flight, "30C", "30D", "30E", "30F")
    assert "sold out" in search(client)


def test_invalid_input_is_told_beside_its_field(client: Client) -> None:
    a_flight()
    query = {"origin": "xyzzy", "date": "tomorrow", "party": "99"}
    response = client.get("/", query)
    html = response.content.decode()
    assert response.status_code == 400
    assert "We know no airport like “xyzzy”" in html
    assert "like 2026-12-24" in html
    assert "At most 9" in html
    assert html.count('aria-invalid="true"') == 3


def test_a_name_that_fits_several_airports_lists_them(client: Client) -> None:
    a_flight()
    Airport.objects.create(
        code="ORY",
        name="Orly",
        city="Paris",
        country="FR",
        time_zone="Europe/Paris",
        latitude=48.7,
        longitude=2.4,
        served=True,
    )
    html = client.get("/", {"origin": "Paris"}).content.decode()
    assert "Several airports fit “Paris”" in html
    assert "Paris (CDG), Paris (ORY)" in html


def test_the_same_place_twice_is_refused(client: Client) -> None:
    a_flight()
    response = client.get("/", {"origin": "CDG", "destination": "CDG"})
    assert b"This is where you start" in response.content


@pytest.mark.parametrize(
    ("days", "offered", "words"),
    [(6, ["AF8"], "These are the next ones"), (20, ["AF7", "AF8"], "It is flown before")],
)
def test_a_day_without_flights_offers_those_that_follow_it(
    client: Client, days: int, offered: list[str], words: str
) -> None:
    for number, later in {"AF7": 3, "AF8": 9}.items():
        departure = timezone.now() + timedelta(days=later)
        a_flight(number, departure=departure, arrival=departure + timedelta(hours=8))
    day = (timezone.now() + timedelta(days=days)).date()
    html = search(client, origin="CDG", destination="JFK", date=day.isoformat())
    assert "No flights" in html
    assert words in html
    assert numbers(html) == offered


def test_another_route_is_offered_from_the_day_on(client: Client) -> None:
    for number, later in {"AF7": 3, "AF8": 9}.items():
        departure = timezone.now() + timedelta(days=later)
        a_flight(number, departure=departure, arrival=departure + timedelta(hours=8))
    day = (timezone.now() + timedelta(days=6)).date()
    html = search(client, origin="JFK", destination="CDG", date=day.isoformat())
    assert "These flights depart next" in html
    assert numbers(html) == ["AF8"]


def test_more_flights_come_by_a_plain_link_and_for_htmx_as_rows(client: Client) -> None:
    now = timezone.now()
    for number in range(1, 16):
        begin = now + timedelta(days=1, minutes=number)
        a_flight(f"AF{number}", departure=begin, arrival=begin + timedelta(hours=8))
    html = search(client, party=2)
    assert len(numbers(html)) == 12
    more = re.search(r'href="\?([^"]*after=[^"]*)"', html)
    assert more
    rest = client.get("/?" + more[1].replace("&amp;", "&"))
    assert numbers(rest.content.decode()) == ["AF13", "AF14", "AF15"]
    rows = client.get("/?" + more[1].replace("&amp;", "&"), headers={"HX-Request": "true"})
    assert numbers(rows.content.decode()) == ["AF13", "AF14", "AF15"]
    assert b"<html" not in rows.content
    assert "?party=2" in rows.content.decode()


def test_a_broken_cursor_is_refused_in_words(client: Client) -> None:
    response = client.get("/", {"after": "nonsense"})
    assert response.status_code == 400
    assert b"search again" in response.content


def test_the_list_asks_the_database_the_same_however_long_it_is(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(1, 13):
        a_flight(f"AF{number}")
    with django_assert_max_num_queries(3):
        search(client)


def test_the_type_ahead_finds_by_city_name_and_code(client: Client) -> None:
    a_flight()
    for typed in ("par", "charles", "CDG"):
        html = client.get("/airports/", {"origin": typed}).content.decode()
        assert 'data-value="Paris (CDG)"' in html
    assert client.get("/airports/", {"destination": "zzz"}).content.strip() == b""


def test_what_is_typed_is_never_markup(client: Client) -> None:
    response = client.get("/", {"origin": "<script>alert(1)</script>"})
    assert b"<script>alert" not in response.content
