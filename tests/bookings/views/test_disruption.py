"""The page on which a customer says what becomes of a booking whose flight has changed."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from bookings import saga
from bookings.models import Booking, PaymentStatus, State
from flights.models import Flight
from tests.alice import a_confirmed_booking
from tests.bookings.views.giving_back import said
from tests.people import a_flight, owned, standing

pytestmark = pytest.mark.django_db(transaction=True)

PAID = (State.CONFIRMED, PaymentStatus.CHARGED)
TOLD = "Your flight has changed. See what, and say what you want"


def delay(flight: Flight) -> None:
    saga.delay_flight(flight_id=flight.pk, minutes=75, by="operator:olga", reason="secret")


def address(booking: Booking) -> str:
    return f"/bookings/{booking.pk}/disruption/"


def test_the_booking_says_so_until_it_is_accepted(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight, "12A")
    home = f"/bookings/{booking.pk}/"
    assert client.get(address(booking), follow=True).redirect_chain == [(home, 302)]
    assert TOLD not in said(client.get(home))
    delay(flight)
    assert TOLD in said(client.get(home))
    text = said(client.get(address(booking)))
    assert "Delayed by 75 minutes" in text
    assert "secret" not in text
    assert "No other flight of this route has seats for you" in text
    answered = client.post(address(booking), {"answer": "accept"}, follow=True)
    assert answered.redirect_chain == [(home, 302)]
    assert TOLD not in said(answered)
    assert standing(booking) == PAID


def test_what_has_changed_since_the_page_was_seen_is_not_accepted(
    client: Client, flight: Flight
) -> None:
    booking = a_confirmed_booking(flight, "12A")
    delay(flight)
    seen = re.findall(r'name="seen" value="(\d+)"', client.get(address(booking)).content.decode())
    delay(flight)
    answered = client.post(address(booking), {"answer": "accept", "seen": seen})
    assert answered.status_code == 409
    assert "Your flight has changed once more" in said(answered)
    assert said(answered).count("Delayed by 75 minutes") == 2
    booking.refresh_from_db()
    assert booking.accepted_disruptions == 0


def test_another_flight_is_taken_by_its_button(client: Client, flight: Flight) -> None:
    booking, other = a_confirmed_booking(flight, "12A"), a_flight("QQ1")
    delay(flight)
    html = client.get(address(booking)).content.decode()
    assert re.findall(r'name="flight" value="(\d+)"', html) == [str(other.pk)]
    answered = client.post(address(booking), {"flight": other.pk}, follow=True)
    assert "QQ1" in said(answered)
    booking.refresh_from_db()
    assert (standing(booking), booking.flight_id) == (PAID, other.pk)


def test_all_the_money_goes_back(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight, "12A")
    delay(flight)
    assert "€200 goes back, whatever its fare" in said(client.get(address(booking)))
    client.post(address(booking), {"answer": "refund"})
    assert standing(booking) == (State.CANCELLED, PaymentStatus.REFUND_DUE)
    assert owned(booking) == []
    # Twice is told how it stands.
    assert client.post(address(booking), {"answer": "refund"}).status_code in (302, 409)


@pytest.mark.parametrize("flight_id", ["", "x", "-1", "0", "9" * 18, "9" * 30, "1.5"])
def test_nonsense_is_refused_and_changes_nothing(
    client: Client, flight: Flight, flight_id: str
) -> None:
    booking = a_confirmed_booking(flight, "12A")
    delay(flight)
    answer = client.post(address(booking), {"answer": "none", "flight": flight_id})
    assert answer.status_code in (404, 409)
    assert 'role="alert"' in answer.content.decode()
    assert standing(booking) == PAID


def test_nobody_else_answers(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight, "12A", browser_id=uuid4())
    delay(flight)
    assert TOLD not in said(client.get(f"/bookings/{booking.pk}/"))
    for answer in (
        client.get(address(booking)),
        client.post(address(booking), {"answer": "refund"}),
    ):
        assert answer.status_code == 403
    assert standing(booking) == PAID
