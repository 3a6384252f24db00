"""Pay pressed again, while the payment runs and when it is over."""

from typing import Any

import pytest
from django.test import Client

from bookings.models import Booking, State
from flights.models import Flight
from tests.alice import a_confirmed_booking, a_payment
from tests.people import settle

pytestmark = pytest.mark.django_db(transaction=True)

HTMX = {"HX-Request": "true"}


def pay(client: Client, booking: Booking, code: str, **headers: Any) -> Any:
    return client.post(f"/bookings/{booking.pk}/pay/", {"code": code}, headers=headers)


def test_paying_with_another_code_meanwhile_is_refused_and_changes_nothing(
    client: Client, flight: Flight
) -> None:
    booking = a_payment(flight, code="00000")
    assert pay(client, booking, "12345", **HTMX).status_code == 409
    assert settle(booking).state == State.CONFIRMED


def test_paying_again_what_is_paid_shows_it_confirmed(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight)
    response = pay(client, booking, "00000", **HTMX)
    assert response.status_code == 200
    assert str(booking.record_locator) in response.content.decode()
    assert pay(client, booking, "00000")["Location"] == f"/bookings/{booking.pk}/"


def test_paying_with_another_code_what_is_paid_is_told_so(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight)
    for headers in ({}, HTMX):
        response = pay(client, booking, "12345", **headers)
        html = response.content.decode()
        assert response.status_code == 409
        assert "already paid" in html
        assert str(booking.record_locator) in html
    assert "already paid" in client.post(f"/bookings/{booking.pk}/cancel/").content.decode()
