"""What is kept of pages: never anything of one browser's, and never older than Postgres is."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from bookings import saga
from bookings.models import Booking
from flights import known_fares
from flights.models import Airport, CabinLayout, Flight
from tests.alice import ALICE
from tests.people import LAYOUT, a_hold, run_out

pytestmark = pytest.mark.django_db(transaction=True)

HTMX = {"HX-Request": "true"}


def page(client: Client, flight: Flight) -> str:
    return str(client.get(f"/flights/{flight.pk}/").content.decode())


def click(client: Client, flight: Flight, seat: str) -> Any:
    data = {"seat": seat, "wanted": "true"}
    return client.post(f"/flights/{flight.pk}/seat/", data, headers=HTMX)


def pay(client: Client, booking: Booking) -> Any:
    return client.post(f"/bookings/{booking.pk}/pay/", {"code": "00000"}, headers=HTMX)


def elsewhere(flight: Flight, column: str, value: dt.datetime | str | int) -> None:
    """Change the flight as another process does, of which this one hears nothing."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE flights_flight SET {column} = %s WHERE id = %s", [value, flight.pk])


def secrets(html: str) -> set[str]:
    token, nonce = r'csrfmiddlewaretoken" value="(\w+)"', r'nonce="([^"]+)"'
    return {*re.findall(token, html), *re.findall(nonce, html)}


def test_no_page_has_the_secrets_of_another(flight: Flight) -> None:
    first, second = (secrets(page(Client(), flight)) for _ in range(2))
    assert len(first) == len(second) == 2
    assert not first & second


def test_the_nonce_of_a_page_is_the_one_that_its_header_allows(
    client: Client, flight: Flight
) -> None:
    for _ in range(2):
        answer = client.get(f"/flights/{flight.pk}/")
        nonces = re.findall(r'nonce="([^"]+)"', answer.content.decode())
        assert nonces
        assert all(f"'nonce-{nonce}'" in answer["Content-Security-Policy"] for nonce in nonces)


def test_the_form_of_a_kept_page_is_taken(flight: Flight) -> None:
    page(Client(), flight)
    careful = Client(enforce_csrf_checks=True)
    (token,) = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', page(careful, flight))
    data = {"seat": "12A", "wanted": "true", "csrfmiddlewaretoken": token}
    assert careful.post(f"/flights/{flight.pk}/seat/", data, headers=HTMX).status_code == 200


def test_what_one_customer_holds_is_only_taken_for_the_others(flight: Flight) -> None:
    alice, bob = Client(), Client()
    click(alice, flight, "12A")
    booking = Booking.objects.get()
    for _ in range(2):
        mine, theirs = page(alice, flight), page(bob, flight)
        assert '"12A" checked' in mine
        assert str(booking.pk) in mine
        assert '"12A" data-state="held" disabled' in theirs
        assert str(booking.pk) not in theirs
        assert "checked autocomplete" not in theirs


def test_a_seat_is_shown_as_it_is_now(client: Client, flight: Flight) -> None:
    assert "data-state" not in page(client, flight)
    booking = a_hold(flight, "12A")
    assert '"12A" data-state="held"' in page(client, flight)
    run_out(booking)
    assert "data-state" not in page(client, flight)


def test_a_flight_that_another_process_changed_is_shown_as_it_is_now(
    client: Client, flight: Flight
) -> None:
    page(client, flight)
    later = flight.departure + dt.timedelta(days=1)
    elsewhere(flight, "arrival", flight.arrival + dt.timedelta(days=1))
    elsewhere(flight, "departure", later)
    there = later.astimezone(flight.origin.zone)
    assert f"{there:%a} {there.day}" in page(client, flight)
    elsewhere(flight, "base_fare_cents", 77_700)
    assert "€777" in page(client, flight)
    elsewhere(flight, "on_sale", False)
    assert "no longer sold" in page(client, flight)


def test_an_aircraft_that_another_process_changed_is_shown_as_it_is_now(
    client: Client, flight: Flight
) -> None:
    assert page(client, flight).count('name="seats"') == 180
    smaller = LAYOUT.replace("1-30", "1-10").replace("Test 320", "Test 100")
    CabinLayout(code="test-100", source=smaller).save()
    elsewhere(flight, "layout_id", "test-100")
    assert page(client, flight).count('name="seats"') == 60
    layout = CabinLayout.objects.get(code="test-100")
    layout.source = smaller.replace("1-10", "1-11")
    layout.save()
    assert page(client, flight).count('name="seats"') == 66


@pytest.mark.usefixtures("no_old_locks")
def test_a_click_asks_postgres_three_times_and_a_look_once(
    flight: Flight, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    alice = Client()
    page(alice, flight)
    known_fares.sold()
    with django_assert_num_queries(1):
        page(alice, flight)
    # What was held, the hold, and what is held now.
    with django_assert_num_queries(3):
        click(alice, flight, "12A")
    with django_assert_num_queries(1):
        page(alice, flight)
    with django_assert_num_queries(1):
        alice.get(f"/flights/{flight.pk}/panel/", headers=HTMX)


def test_paying_asks_postgres_twice_and_looking_on_once(
    client: Client, flight: Flight, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    booking = a_hold(flight, "12A", browser_id=ALICE)
    client.get(f"/bookings/{booking.pk}/")
    with django_assert_num_queries(1):
        client.get(f"/bookings/{booking.pk}/")
    # The transition, and how the booking stands.
    with django_assert_num_queries(2):
        assert pay(client, booking).status_code == 200
    version = saga.look(booking.pk).version
    for seen, status in ((version, 204), (0, 200)):
        with django_assert_num_queries(1):
            answer = client.get(f"/bookings/{booking.pk}/progress/?seen={seen}", headers=HTMX)
        assert answer.status_code == status


def test_an_airport_may_be_known_from_before(client: Client, flight: Flight) -> None:
    """Of all that is shown only this, and half a minute at most."""
    page(client, flight)
    Airport.objects.filter(code="CDG").update(city="Lutetia")
    assert "Paris" in page(client, flight)
