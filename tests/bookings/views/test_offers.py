"""A route on a day: what all who travel pay, in which order flights come, and the days around."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from flights import search as searching
from flights.models import Flight
from tests.people import a_flight, a_hold

pytestmark = pytest.mark.django_db(transaction=True)

# In a season without a change of clocks.
DAY = date(timezone.now().year + 1, 6, 10)


def fly(number: str, day: date = DAY, hour: int = 9, hours: int = 8, **fields: Any) -> Flight:
    departure = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    return a_flight(
        number, departure=departure, arrival=departure + timedelta(hours=hours), **fields
    )


def search(client: Client, **query: Any) -> str:
    asked = {"origin": "CDG", "destination": "JFK", "date": DAY.isoformat(), **query}
    response = client.get("/", asked)
    assert response.status_code == 200
    return str(response.content.decode())


def numbers(html: str) -> list[str]:
    return re.findall(r'<p class="craft">(\w+) ', html)


def days(html: str) -> dict[str, str]:
    """What the page says of each day around, by its day of the month."""
    strip = html[html.index('<nav class="days"') :]
    found = re.findall(r"<span>\w+ (\d+) \w+</span>\s*<b>(.*?)</b>", strip[: strip.index("</nav>")])
    return dict(found)


def test_each_day_around_says_what_all_travellers_pay_at_least(client: Client) -> None:
    fly("AF1", DAY, base_fare_cents=20_000)
    fly("AF2", DAY, hour=12, base_fare_cents=15_000)
    fly("AF3", DAY + timedelta(days=2), base_fare_cents=30_000)
    fly("AF4", DAY + timedelta(days=4), base_fare_cents=100)
    html = search(client)
    none = dict.fromkeys(["7", "8", "9", "11", "13"], "no flights")
    assert days(html) == none | {"10": "€150", "12": "€300"}
    assert days(search(client, party=3))["10"] == "€450"
    assert re.search(r'date=\S+-06-10"[^>]* aria-current="date"', html)
    assert html.count('aria-current="date"') == 1


def test_a_price_is_of_seats_that_so_many_can_have(client: Client) -> None:
    flight = fly("AF1")
    for row in range(1, 30):
        a_hold(flight, *(f"{row}{letter}" for letter in "ABCDEF"))
    a_hold(flight, *(f"30{letter}" for letter in "ABCD"))
    assert ">from</small> €" in search(client, party=2)
    html = search(client, party=3)
    assert "too few for 3" in html
    assert ">from</small> €" not in html
    assert days(html)["10"] == "full"


def test_two_currencies_are_not_compared(client: Client) -> None:
    fly("AF1", base_fare_cents=20_000)
    fly("AF2", hour=12, base_fare_cents=10_000, currency="USD")
    assert days(search(client))["10"] == "2 flights"
    assert numbers(search(client, sort="price")) == ["AF1", "AF2"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", ["AF1", "AF2", "AF3"]),
        ("price", ["AF3", "AF2", "AF1"]),
        ("duration", ["AF2", "AF3", "AF1"]),
        ("nonsense", ["AF1", "AF2", "AF3"]),
    ],
)
def test_flights_come_in_the_order_asked_for(
    client: Client, sort: str, expected: list[str]
) -> None:
    fly("AF1", hour=6, hours=10, base_fare_cents=30_000)
    fly("AF2", hour=8, hours=7, base_fare_cents=20_000)
    fly("AF3", hour=10, hours=8, base_fare_cents=10_000)
    html = search(client, sort=sort)
    assert numbers(html) == expected
    strip = html[html.index('<nav class="days"') : html.index('<nav class="orders"')]
    assert strip.count("sort=") == (7 if sort in ("price", "duration") else 0)


def test_a_long_day_comes_page_by_page_in_its_order(client: Client) -> None:
    for number in range(1, 16):
        fly(f"AF{number}", hour=number, base_fare_cents=40_000 - 100 * number)
    html = search(client, sort="price")
    assert numbers(html) == [f"AF{number}" for number in range(15, 3, -1)]
    more = re.search(r'href="\?([^"]*after=[^"]*)"', html)
    assert more
    rest = client.get("/?" + more[1].replace("&amp;", "&"), headers={"HX-Request": "true"})
    assert numbers(rest.content.decode()) == ["AF3", "AF2", "AF1"]


@pytest.mark.parametrize("after", ["18c1-4", "-1", "x", "٣", "99999999999"])
def test_a_page_that_is_none_is_refused_in_words(client: Client, after: str) -> None:
    fly("AF1")
    asked = {"origin": "CDG", "destination": "JFK", "date": DAY.isoformat(), "after": after}
    response = client.get("/", asked)
    assert response.status_code == 400
    assert b"search again" in response.content


def test_no_day_before_today_is_offered(client: Client) -> None:
    a_flight("AF1")
    today = timezone.now().date() + timedelta(days=1)
    html = search(client, date=today.isoformat())
    assert len(days(html)) == 7
    assert f"date={today - timedelta(days=3)}" not in html


def test_a_day_without_flights_shows_those_around_it(client: Client) -> None:
    fly("AF1", DAY + timedelta(days=1), base_fare_cents=20_000)
    html = search(client)
    assert "No flights" in html
    assert days(html)["11"] == "€200"


def test_a_route_with_more_flights_than_can_be_compared_is_listed_by_departure(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MOST_OF_DAYS", 2)
    for number in range(1, 4):
        fly(f"AF{number}", hour=number)
    html = search(client, sort="price")
    assert numbers(html) == ["AF1", "AF2", "AF3"]
    assert 'class="days"' not in html


def test_a_day_and_those_around_it_are_one_query_and_their_seats_another(
    client: Client, django_assert_num_queries: Any
) -> None:
    for number in range(1, 13):
        fly(f"AF{number}", DAY + timedelta(days=number % 4), hour=number)
    search(client)
    # Two airports of the form.
    with django_assert_num_queries(4):
        search(client)
