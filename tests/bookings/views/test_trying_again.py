"""A hold that ended: the same seats again."""

import re
from typing import Any

import pytest
from django.test import Client

from bookings.models import Booking, State
from flights.models import Flight
from tests.alice import a_payment
from tests.people import a_hold, owned, settle

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
