"""A hold that ended: the same seats again."""

import re
from typing import Any

import pytest
from django.test import Client

from bookings.models import Booking, State
from flights.models import Flight
from tests.alice import a_payment
from tests.bookings.views.maps import click, my_booking
from tests.people import a_flight, a_hold, owned, run_out, settle

pytestmark = pytest.mark.django_db(transaction=True)


def again(client: Client, booking: Booking) -> Any:
    return client.post(f"/bookings/{booking.pk}/again/")


def test_trying_again_holds_the_same_seats(client: Client, flight: Flight) -> None:
    booking = settle(a_payment(flight, "12A", "12B", code="11111"))
    response = again(client, booking)
    held = Booking.objects.get(state=State.SEATS_RESERVED)
    assert response["Location"] == f"/bookings/{held.pk}/"
    assert owned(held) == ["12A", "12B"]


def test_trying_again_keeps_the_rest_and_names_what_is_gone(client: Client, flight: Flight) -> None:
    booking = settle(a_payment(flight, "12A", "12B", code="11111"))
    a_hold(flight, "12A")
    response = client.get(again(client, booking)["Location"])
    html = response.content.decode()
    assert "Seat 12A has just been taken. Your other seats are still held." in html
    assert re.search(r'value="12B"[^>]* checked', html)


def test_trying_again_when_all_is_gone_leads_to_the_map(client: Client, flight: Flight) -> None:
    booking = settle(a_payment(flight, "12A", code="11111"))
    a_hold(flight, "12A")
    assert again(client, booking)["Location"] == f"/flights/{flight.pk}/?gone=12A"


def test_trying_again_beside_another_hold_leads_to_that(client: Client, flight: Flight) -> None:
    booking = settle(a_payment(flight, "12A", code="11111"))
    client.post(f"/flights/{flight.pk}/seat/", {"seat": "20A", "wanted": "true"})
    assert again(client, booking)["Location"] == f"/flights/{flight.pk}/"


def test_the_address_of_the_map_cannot_claim_that_a_free_seat_is_gone(
    client: Client, flight: Flight
) -> None:
    html = client.get(f"/flights/{flight.pk}/?gone=12A,99Z,<b>").content.decode()
    assert "has just been taken" not in html


# --- Who travels ------------------------------------------------------------------------------
FIELDS = ("name", "email", "code")
ADA = {"name": "Ada O\u2019Brien", "email": "ada@münchen.de"}


def of_mine(client: Client, flight: Flight, seat: str = "12A") -> Booking:
    """A hold that this browser made on the map."""
    click(client, flight, seat)
    return my_booking(client, flight)


def pay(client: Client, booking: Booking, code: str = "11111", **contact: str) -> Any:
    return client.post(f"/bookings/{booking.pk}/pay/", {"code": code, **(contact or ADA)})


def filled_in(client: Client, booking: Booking) -> tuple[str, ...]:
    """The name, the address and the code in the form of a booking's page."""
    html = client.get(f"/bookings/{booking.pk}/").content.decode()
    fields = (re.search(rf'<input id="{field}"[^>]* value="([^"]*)"', html) for field in FIELDS)
    return tuple(field[1] for field in fields if field)


TYPED = (ADA["name"], ADA["email"], "")


def test_after_a_declined_payment_who_travels_is_known(client: Client, flight: Flight) -> None:
    booking = of_mine(client, flight)
    assert filled_in(client, booking) == ("", "", "")
    pay(client, booking)
    settle(booking)
    again(client, booking)
    assert filled_in(client, my_booking(client, flight)) == TYPED


def test_after_a_payment_that_came_too_late_who_travels_is_known(
    client: Client, flight: Flight
) -> None:
    booking = of_mine(client, flight)
    run_out(booking)
    assert pay(client, booking).status_code == 409
    again(client, booking)
    assert filled_in(client, my_booking(client, flight)) == TYPED


def test_other_seats_and_other_flights_know_it_too(client: Client, flight: Flight) -> None:
    booking = of_mine(client, flight)
    pay(client, booking, code="123")
    assert filled_in(client, of_mine(client, a_flight("AF2"))) == TYPED
    pay(client, booking, name="", email="no address")
    assert filled_in(client, booking) == ("", "", "")


def test_a_confirmed_booking_ends_it(client: Client, flight: Flight) -> None:
    booking = of_mine(client, flight)
    pay(client, booking, code="00000")
    settle(booking)
    client.get(f"/bookings/{booking.pk}/")
    assert filled_in(client, of_mine(client, flight, "14A")) == ("", "", "")


def test_nobody_else_is_told_who_travels(client: Client, flight: Flight) -> None:
    mine = of_mine(client, flight)
    pay(client, mine, code="1")
    bob = Client()
    theirs = of_mine(bob, flight, "14A")
    assert filled_in(bob, theirs) == ("", "", "")
    for browser, booking in ((bob, mine), (client, theirs)):
        assert ADA["name"] not in browser.get(f"/bookings/{booking.pk}/").content.decode()


@pytest.mark.parametrize("value", ["", "x", "e30:1x:forged", "é" * 90])
def test_a_forged_cookie_fills_in_nothing(client: Client, flight: Flight, value: str) -> None:
    booking = of_mine(client, flight)
    client.cookies["who_travels"] = value
    assert filled_in(client, booking) == ("", "", "")


def test_what_was_typed_is_out_of_reach_of_scripts_and_of_other_pages(
    client: Client, flight: Flight
) -> None:
    pay(client, of_mine(client, flight))
    cookie = client.cookies["who_travels"]
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"]) == ("Lax", "/bookings/")
    assert 0 < cookie["max-age"] <= 3600
