"""Best seats together, as browsers with and without scripts ask for them."""

import re
from typing import Any

import pytest
from django.test import Client

from bookings.models import Booking, State
from flights.models import Flight
from tests.bookings.views.maps import HTMX, click, my_booking, state_of, the_map
from tests.people import a_flight, a_hold, owned

pytestmark = pytest.mark.django_db(transaction=True)


def ask(client: Client, flight: Flight, query: str, **headers: str) -> Any:
    return client.get(f"/flights/{flight.pk}/together/?{query}", headers=headers)


def proposed(html: str) -> list[str]:
    found = re.search(r'name="proposal" value="([\w,]+)"', html)
    return found[1].split(",") if found else []


def take(client: Client, flight: Flight, seats: str, *, version: int = 0, **more: Any) -> Any:
    data = {"proposal": seats, "version": version, "party": len(seats.split(",")), **more}
    return client.post(f"/flights/{flight.pk}/together/", data, headers=HTMX)


def test_seats_are_proposed_with_their_prices_and_nothing_is_held(
    client: Client, flight: Flight
) -> None:
    html = ask(client, flight, "party=3&window=on", **HTMX).content.decode()
    assert proposed(html) == ["4A", "4B", "4C"]
    assert "Side by side in row 4." in html
    assert "€600" in html
    assert not Booking.objects.exists()


def test_what_is_proposed_is_held_all_at_once(client: Client, flight: Flight) -> None:
    assert take(client, flight, "4A,4B,4C").status_code == 200
    assert owned(my_booking(client, flight)) == ["4A", "4B", "4C"]


def test_it_takes_the_place_of_the_seats_held_before(client: Client, flight: Flight) -> None:
    click(client, flight, "4B")
    version = my_booking(client, flight).version
    html = ask(client, flight, "party=3", **HTMX).content.decode()
    # One's own seat is in nobody's way.
    assert proposed(html) == ["4A", "4B", "4C"]
    assert "They replace the seats that you hold." in html
    take(client, flight, "4A,4B,4C", version=version)
    assert owned(my_booking(client, flight)) == ["4A", "4B", "4C"]
    assert Booking.objects.count() == 1


def test_if_somebody_is_faster_nothing_is_held_and_the_next_best_are_proposed(
    client: Client, flight: Flight
) -> None:
    a_hold(flight, "4B")
    response = take(client, flight, "4A,4B,4C")
    html = response.content.decode()
    assert response.status_code == 409
    assert "Seat 4B has just been taken. These are the next best." in html
    assert proposed(html) == ["4D", "4E", "4F"]
    assert Booking.objects.count() == 1


def test_a_proposal_to_a_hold_that_changed_since_is_refused(client: Client, flight: Flight) -> None:
    click(client, flight, "20F")
    assert take(client, flight, "4A,4B").status_code == 409
    assert owned(my_booking(client, flight)) == ["20F"]


def test_without_scripts_the_whole_page_shows_the_proposal(client: Client, flight: Flight) -> None:
    html = ask(client, flight, "party=2&aisle=on").content.decode()
    assert "</html>" in html
    seats = proposed(html)
    assert len(seats) == 2
    assert html.count(" data-proposed") == 2
    assert state_of(html, seats[0]) == "available"
    # What was asked for is still filled in.
    assert 'name="aisle" checked' in html
    response = client.post(
        f"/flights/{flight.pk}/together/",
        {"proposal": ",".join(seats), "version": 0, "party": 2},
    )
    assert response.status_code == 302
    assert Booking.objects.get().seats == seats


def test_a_cabin_with_too_few_seats_says_so(client: Client) -> None:
    flight = a_flight()
    for row in range(1, 31):
        a_hold(flight, *(f"{row}{letter}" for letter in "ABCDEF"))
    html = ask(client, flight, "party=2", **HTMX).content.decode()
    assert "no 2 free seats" in html
    assert proposed(html) == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("party=", "How many travel?"),
        ("party=two", "How many travel?"),
        ("party=0", "At least one"),
        ("party=10", "At most 9"),
        ("party=3&children=some", "How many of them are children?"),
        ("party=3&children=-1", "How many of them are children?"),
        ("party=2&children=2", "A child travels with at least one adult on the booking."),
        ("party=two&children=2", "How many travel?"),
    ],
)
def test_a_party_that_cannot_be_is_refused_in_words(
    client: Client, flight: Flight, query: str, words: str
) -> None:
    response = ask(client, flight, query, **HTMX)
    assert response.status_code == 400
    assert words in response.content.decode()


def test_children_are_kept_at_an_adults_side_and_in_the_form(
    client: Client, flight: Flight
) -> None:
    html = ask(client, flight, "party=3&children=2").content.decode()
    assert proposed(html) == ["4A", "4B", "4C"]
    # In the form, and in the one that takes what is proposed.
    assert html.count('name="children"') == 2
    assert html.count('name="children" value="2"') == 1
    assert 'max="8" value="2"' in html
    a_hold(flight, "4B")
    html = take(client, flight, "4A,4B,4C", children=2).content.decode()
    assert proposed(html) == ["4D", "4E", "4F"]
    # One adult for two blocks of three.
    html = ask(client, flight, "party=5&children=4", **HTMX).content.decode()
    assert "no 5 free seats outside its exit rows" in html
    assert proposed(html) == []


def test_a_cabin_that_the_aircraft_lacks_is_the_cheapest(client: Client, flight: Flight) -> None:
    assert proposed(ask(client, flight, "party=1&cabin=first").content.decode())


def test_a_proposal_of_nonsense_is_refused(client: Client, flight: Flight) -> None:
    assert take(client, flight, "99Z").status_code == 400
    assert take(client, flight, "4A,4A").status_code == 400
    assert client.post(f"/flights/{flight.pk}/together/", {"version": 0}).status_code == 400
    assert not Booking.objects.exists()


def test_nothing_is_proposed_where_nothing_is_sold(client: Client) -> None:
    flight = a_flight(on_sale=False)
    assert proposed(ask(client, flight, "party=2").content.decode()) == []
    assert take(client, flight, "4A").status_code == 409


def test_words_say_where_a_party_sits(client: Client, flight: Flight) -> None:
    assert "Across the aisle in row 4." in ask(client, flight, "party=4").content.decode()
    assert "In rows 4, 5, 1 row apart." in ask(client, flight, "party=8").content.decode()
    a_hold(flight, *(f"{row}{side}" for row in (1, 2, 3, 4) for side in "AF"))
    html = ask(client, flight, "party=2&front=on&window=on").content.decode()
    assert "None of them" not in html


def test_each_cabin_says_what_its_seats_cost_and_for_what(client: Client) -> None:
    html = the_map(client, a_flight(base_fare_cents=20_000))
    assert "<p>€200, front of the cabin €216</p>" in html


def test_a_held_proposal_is_one_hold(client: Client, flight: Flight) -> None:
    take(client, flight, "4A,4B")
    booking = my_booking(client, flight)
    assert (booking.state, booking.events.count()) == (State.SEATS_RESERVED, 1)
