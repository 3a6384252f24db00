"""What a page says is true: prices that can still be had, how near seats are, what is set."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bookings import words
from flights.models import CabinLayout, Flight
from tests.bookings.views.maps import HTMX, click, the_map
from tests.bookings.views.test_best_seats import ask
from tests.people import a_flight, a_hold

pytestmark = pytest.mark.django_db(transaction=True)

SMALL = """
aircraft Test 10
range 6150 km
speed 830 km/h
cabin economy AB CD fare 1
1-12 AB CD
skip 13
14-15 AB CD
"""


@pytest.fixture
def small(client: Client) -> Flight:
    """56 seats: the first rows, "front of the cabin", are the dearer ones."""
    layout = CabinLayout(code="small", source=SMALL)
    layout.save()
    return a_flight("AF10", layout=layout)


def prices_in_results(client: Client) -> list[str]:
    html = client.get("/").content.decode()
    return re.findall(r"<small>from</small> (\S+)\n", html)


def take_all(flight: Flight, *, but: set[str]) -> None:
    seats = [seat for seat in flight.layout.parsed.seats if seat not in but]
    for first in range(0, len(seats), 9):
        a_hold(flight, *seats[first : first + 9])


def test_from_is_the_price_of_a_seat_that_is_free(client: Client, small: Flight) -> None:
    assert prices_in_results(client) == ["€200"]
    assert "Economy, from €200" in the_map(client, small).replace("\n", " ")
    # Only a dear one is left, and then none.
    take_all(small, but={"1A", "1B"})
    assert prices_in_results(client) == ["€216"]
    assert "Economy, from €216" in the_map(client, small)
    a_hold(small, "1A", "1B")
    assert prices_in_results(client) == []
    assert "Economy, sold out" in the_map(client, small)


@pytest.mark.parametrize(
    ("free", "said"),
    [
        ({"3A", "15D"}, "In rows 3, 15, 11 rows apart."),
        ({"12A", "14D"}, "In rows 12, 14, 1 row apart."),
        ({"2A", "5A", "9D"}, "In rows 2, 5, 9, 7 rows apart."),
        ({"7A", "7D"}, "In row 7, with 2 seats of others between them."),
        ({"7B", "7C"}, "Across the aisle in row 7."),
    ],
)
def test_how_far_apart_seats_are_is_said(
    client: Client, small: Flight, free: set[str], said: str
) -> None:
    take_all(small, but=free)
    html = ask(client, small, f"party={len(free)}", **HTMX).content.decode()
    assert said in html
    assert "as near" not in html


def test_no_text_spells_a_setting(client: Client, settings: Any) -> None:
    settings.SEAT_HOLD_SECONDS, settings.HOLD_LIMIT_SECONDS = 300, 600
    settings.MAX_SEATS_PER_BOOKING = 1
    flight = a_flight()
    plain = the_map(client, flight)
    assert "5 minutes" in plain
    assert "up to 1 seat." in plain
    one = click(client, flight, "12A").content.decode()
    assert "up to 10 minutes in all" in one
    too_many = click(client, flight, "12B").content.decode()
    assert "At most 1 seat can be booked together." in too_many
    settings.SEAT_HOLD_SECONDS = settings.HOLD_LIMIT_SECONDS
    last = click(Client(), flight, "13A").content.decode()
    assert "10 minutes is the longest we can hold seats" in last
    assert "hour" not in plain + one + last
    order = {"flightId": str(flight.pk), "seats": []}
    refused = client.post("/api/orders", order, content_type="application/json").json()
    assert "nine" not in refused["message"]


def test_no_hold_is_said_to_be_longer_than_its_limit(client: Client, settings: Any) -> None:
    settings.SEAT_HOLD_SECONDS, settings.HOLD_LIMIT_SECONDS = 900, 600
    assert "you have 10 minutes to pay" in the_map(client, a_flight())


def test_how_long_a_login_waits_is_said_as_it_is_set(client: Client, settings: Any) -> None:
    settings.AXES_COOLOFF_TIME = timedelta(minutes=90)
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = client.post(reverse("admin:login"), {"username": "ann", "password": "no"})
    assert "1 hour 30 minutes" in answer.content.decode()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (900, "15 minutes"),
        (3600, "1 hour"),
        (5400, "1 hour 30 minutes"),
        (60, "1 minute"),
        (5, "5 seconds"),
        (90.4, "1 minute 30 seconds"),
        (0, "0 seconds"),
    ],
)
def test_a_time_in_words(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said
