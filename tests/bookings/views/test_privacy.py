"""Who sees what of a map, and what a browser keeps."""

import re
from uuid import UUID, uuid4

import pytest
from django.test import Client

from bookings import saga
from tests.bookings.views.maps import click, my_booking, state_of, the_map
from tests.people import a_flight, a_hold, owned

BOB = UUID("b0b00000-0000-4000-8000-000000000000")

pytestmark = pytest.mark.django_db(transaction=True)


def test_another_customer_sees_that_a_seat_is_held_and_nothing_else(client: Client) -> None:
    flight = a_flight()
    click(client, flight, "12A")
    booking = my_booking(client, flight)
    bob = Client()
    html = the_map(bob, flight)
    assert state_of(html, "12A") == "held"
    for secret in (booking.pk, booking.browser_id):
        assert str(secret) not in html
    answer = click(bob, flight, "1A").content.decode()
    assert str(booking.pk) not in answer
    assert owned(booking) == ["12A"]


def test_another_customers_panel_does_not_tell_how_a_booking_ended(client: Client) -> None:
    flight = a_flight()
    booking = a_hold(flight, "12A", browser_id=BOB)
    saga.cancel(booking_id=booking.pk, browser_id=BOB)
    html = client.get(f"/flights/{flight.pk}/panel/?booking={booking.pk}").content.decode()
    assert "cancelled" not in html
    assert str(booking.pk) not in html


def test_another_tab_of_the_same_browser_finds_the_same_hold(client: Client) -> None:
    flight = a_flight()
    click(client, flight, "12A")
    other_tab = Client()
    other_tab.cookies["browser"] = client.cookies["browser"].value
    assert state_of(the_map(other_tab, flight), "12A") == "mine"


def test_a_forged_cookie_is_nobody(client: Client) -> None:
    flight = a_flight()
    browser_id = uuid4()
    a_hold(flight, "12A", browser_id=browser_id)
    client.cookies["browser"] = f"{browser_id.hex}:1abcde:forged"
    assert state_of(the_map(client, flight), "12A") == "held"


def test_the_cookie_is_signed_and_out_of_reach_of_scripts_and_other_sites() -> None:
    client = Client()
    the_map(client, a_flight())
    cookie = client.cookies["browser"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] > 300 * 24 * 3600
    assert ":" in cookie.value


def test_personal_pages_are_kept_by_nobody_and_leak_no_address(client: Client) -> None:
    flight = a_flight()
    click(client, flight, "12A")
    for url in (f"/flights/{flight.pk}/", f"/bookings/{my_booking(client, flight).pk}/"):
        response = client.get(url)
        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "same-origin"
        assert "'nonce-" in response["Content-Security-Policy"]


def test_a_post_without_the_token_is_refused_in_our_own_look() -> None:
    response = Client(enforce_csrf_checks=True).post(f"/flights/{a_flight().pk}/seat/")
    assert response.status_code == 403
    assert b"Petrel" in response.content


def test_no_page_has_an_inline_style_or_handler(client: Client) -> None:
    flight = a_flight()
    click(client, flight, "12A")
    for html in (the_map(client, flight), client.get("/").content.decode()):
        assert not re.search(r"\s(style|on\w+)=", html)
        assert not re.search(r"<script(?![^>]*(src|application/json))", html)
