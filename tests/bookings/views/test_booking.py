"""The booking's page: paying, progress, how it ended, and trying again."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.staticfiles import finders
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.test import Client

from bookings import saga
from bookings.models import Booking, PaymentAttempt, PaymentStatus, State
from bookings.saga.flight_cancellation import end_bookings
from flights.locking import lock_row
from flights.models import Flight
from tests.alice import a_confirmed_booking, a_hold, a_payment
from tests.people import MoodyGateway, named, owned, run_out, settle, standing

pytestmark = pytest.mark.django_db(transaction=True)

HTMX = {"HX-Request": "true"}


def page(client: Client, booking: Booking) -> str:
    return str(client.get(f"/bookings/{booking.pk}/").content.decode())


def poll(client: Client, booking: Booking, seen: int | str = "") -> Any:
    return client.get(f"/bookings/{booking.pk}/progress/?seen={seen}", headers=HTMX)


def pay(client: Client, booking: Booking, code: str, **headers: Any) -> Any:
    return client.post(f"/bookings/{booking.pk}/pay/", {"code": code}, headers=headers)


@contextmanager
def locked_elsewhere(booking: Booking) -> Iterator[None]:
    """Another connection holds the booking's row lock meanwhile."""
    locked, done = Event(), Event()

    def hold_the_lock() -> None:
        with transaction.atomic():
            lock_row(Booking, booking.pk)
            locked.set()
            done.wait(10)
        connection.close()

    thread = Thread(target=hold_the_lock)
    thread.start()
    locked.wait(10)
    yield
    done.set()
    thread.join()


def test_a_hold_shows_its_seats_total_clock_and_the_demo_codes(
    client: Client, flight: Flight
) -> None:
    html = page(client, named(a_hold(flight, "12A", "12B")))
    assert "€400" in html
    assert "data-due=" in html
    for code in ("00000", "99999", "11111", "15 %"):
        assert code in html


def test_demo_codes_are_not_spoken_of_with_a_real_gateway(
    client: Client, flight: Flight, gateway: type[MoodyGateway]
) -> None:
    assert "demo" not in page(client, named(a_hold(flight)))


@pytest.mark.parametrize("code", ["", "1234", "123456", "12a45", "12 45", "\uff11" * 5])
def test_a_code_that_is_not_five_digits_is_refused_before_anything_is_spent(
    client: Client, flight: Flight, code: str
) -> None:
    booking = named(a_hold(flight))
    response = pay(client, booking, code, **HTMX)
    assert response.status_code == 400
    assert b'aria-invalid="true"' in response.content
    assert standing(booking) == (State.SEATS_RESERVED, PaymentStatus.NONE)
    assert not PaymentAttempt.objects.exists()


def test_paying_shows_progress_that_polls(client: Client, flight: Flight) -> None:
    booking = a_hold(flight)
    html = pay(client, booking, "00000", **HTMX).content.decode()
    assert "Attempt 1 of 3" in html
    assert "every 2s" in html
    assert "00000" not in html


def test_paying_without_scripts_leads_to_the_page_which_reloads_itself(
    client: Client, flight: Flight
) -> None:
    booking = a_hold(flight)
    assert pay(client, booking, "00000")["Location"] == f"/bookings/{booking.pk}/"
    assert 'http-equiv="refresh"' in page(client, booking)


def test_progress_says_why_the_last_attempt_failed_and_when_the_next_comes(
    client: Client, flight: Flight
) -> None:
    booking = a_payment(flight, code="99999")
    saga.advance(booking.pk)
    html = poll(client, booking).content.decode()
    assert "Attempt 2 of 3" in html
    assert "The bank declined the payment this time." in html
    assert re.search(r"It starts in \d second", html)


def test_polling_is_answered_with_nothing_while_nothing_has_changed(
    client: Client, flight: Flight
) -> None:
    booking = a_payment(flight)
    booking.refresh_from_db()
    assert poll(client, booking, booking.version).status_code == 204
    assert poll(client, booking, booking.version - 1).status_code == 200


@pytest.mark.parametrize(("code", "ending"), [("00000", "Have a good"), ("11111", "failed")])
def test_polling_stops_at_the_end(client: Client, flight: Flight, code: str, ending: str) -> None:
    booking = settle(a_payment(flight, code=code))
    html = poll(client, booking, booking.version - 1).content.decode()
    assert ending in html
    assert "every 2s" not in html


def test_a_confirmed_booking_shows_its_code_in_full(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight, "12A")
    html = page(client, booking)
    assert f"<strong>{booking.record_locator}</strong>" in html
    assert "Paid" in html


def test_a_failed_booking_says_why_and_that_nothing_was_charged(
    client: Client, flight: Flight
) -> None:
    html = page(client, settle(a_payment(flight, code="11111")))
    assert "The bank refuses this payment code." in html
    assert "Nothing was charged." in html
    assert "Try again with the same seats" in html


def test_money_on_its_way_back_is_spoken_of(
    client: Client, flight: Flight, gateway: type[MoodyGateway]
) -> None:
    booking = a_confirmed_booking(flight)
    saga.cancel_and_refund(booking_id=booking.pk, by="operator:olga")
    assert "on its way back" in page(client, booking)
    assert "was given back on" in page(client, settle(booking))


def test_looking_at_a_hold_that_is_over_expires_it(client: Client, flight: Flight) -> None:
    booking = a_hold(flight)
    run_out(booking)
    assert "The hold ran out" in page(client, booking)
    assert standing(booking) == (State.EXPIRED, PaymentStatus.NONE)
    assert owned(booking) == []


def test_paying_for_a_hold_that_is_over_is_refused(client: Client, flight: Flight) -> None:
    booking = a_hold(flight)
    run_out(booking)
    response = pay(client, booking, "00000", **HTMX)
    assert response.status_code == 409
    assert b"The hold ran out" in response.content


def test_a_hold_can_be_cancelled_twice(client: Client, flight: Flight) -> None:
    booking = a_hold(flight)
    for _ in range(2):
        assert client.post(f"/bookings/{booking.pk}/cancel/").status_code == 302
    assert "This booking is cancelled" in page(client, booking)


def test_a_payment_cannot_be_cancelled(client: Client, flight: Flight) -> None:
    booking = a_payment(flight)
    response = client.post(f"/bookings/{booking.pk}/cancel/")
    assert response.status_code == 409
    assert b"The payment is being processed" in response.content


@pytest.mark.parametrize("action", ["", "progress/", "passengers/", "pay/", "cancel/", "again/"])
def test_an_unknown_booking_is_a_page_that_says_so(client: Client, action: str) -> None:
    url = f"/bookings/{uuid4()}/{action}"
    response = (
        client.get(url) if action in ("", "progress/") else client.post(url, {"code": "00000"})
    )
    assert response.status_code == 404
    assert b"There is no such booking" in response.content


def test_for_htmx_a_refusal_is_a_message_beside_what_is_there(client: Client) -> None:
    response = client.get(f"/bookings/{uuid4()}/progress/", headers=HTMX)
    assert response.status_code == 404
    assert response["HX-Retarget"] == "#message"
    assert b"</html>" not in response.content


def test_an_address_that_does_not_exist_is_a_page_in_our_look(client: Client) -> None:
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert b"Petrel" in response.content


def test_the_page_for_our_own_mistakes_needs_nothing_but_itself() -> None:
    html = render_to_string("500.html")
    assert "Something went wrong on our side" in html
    for address in re.findall(r'href="/static/([^"]+)"', html):
        assert finders.find(address)


def test_a_database_that_makes_one_wait_too_long_is_said_with_503(
    client: Client, flight: Flight
) -> None:
    booking = a_hold(flight)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
    with locked_elsewhere(booking):
        response = client.post(f"/bookings/{booking.pk}/cancel/")
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert b"We cannot reach our booking system" in response.content


def test_the_airlines_cancellation_is_told_as_such_and_sells_nothing(
    client: Client, flight: Flight
) -> None:
    booking = a_confirmed_booking(flight)
    saga.cancel_flight(flight_id=flight.pk, by="operator:olga")
    end_bookings(flight.pk)
    html = page(client, booking)
    assert "The airline cancelled AF1234" in html
    assert "on its way back" in html
    assert "Try again" not in html
    assert "Find another flight" in html
    assert "The airline cancelled this flight." in str(
        client.get(f"/flights/{flight.pk}/").content.decode()
    )
