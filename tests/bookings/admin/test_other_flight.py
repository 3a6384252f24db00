"""Staff move a booking to another flight of its route, from its page."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from bookings import saga
from bookings.models import Booking
from flights.models import Flight
from tests.bookings.admin.flight_pages import address as flight_address
from tests.bookings.admin.flight_pages import page as flight_page
from tests.bookings.admin.staff import WHY, a_supervisor, act, an_onlooker, page
from tests.bookings.admin.test_operations import KINDS
from tests.people import MoodyGateway, a_confirmed_booking, a_flight, a_hold

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def later(flight: Flight) -> Flight:
    return a_flight("AF1236", departure=flight.departure + timedelta(hours=2))


def address(booking: Booking) -> str:
    return reverse("admin:bookings_booking_to_flight", args=[booking.pk])


def move(client: Client, booking: Booking, flight: Flight, reason: str = WHY) -> Any:
    answers = {"flight_id": flight.pk, "version": booking.version, "reason": reason}
    return client.post(address(booking), answers, follow=True)


@pytest.mark.parametrize("kind", KINDS)
def test_confirmed_bookings_are_moved_and_others_are_not_offered_it(
    olga: Client, flight: Flight, later: Flight, gateway: type[MoodyGateway], kind: str
) -> None:
    make, _ = KINDS[kind]
    booking = make(flight)
    booking.refresh_from_db()
    movable = kind.startswith("confirmed")
    assert (address(booking) in olga.get(page(booking)).content.decode()) == movable
    said = move(olga, booking, later).content.decode()
    booking.refresh_from_db()
    assert booking.flight_id == (later.pk if movable else flight.pk)
    if movable:
        assert f"{flight} became {later}, seats 12A" in said
        assert WHY in LogEntry.objects.get().get_change_message()
    else:
        assert "it cannot be moved to another flight" in said
        assert not LogEntry.objects.exists()


def test_the_page_says_which_flights_there_are_and_which_seats(
    olga: Client, flight: Flight, later: Flight
) -> None:
    alice = a_confirmed_booking(flight, "12A")
    full = a_flight("AF1238", departure=flight.departure + timedelta(hours=3))
    saga.block_seats(
        flight_id=full.pk, seats=list(full.layout.parsed.seats), by="operator:olga", reason="crew"
    )
    said = olga.get(address(alice)).content.decode()
    assert f'value="{later.pk}"' in said
    assert f'value="{full.pk}"' not in said
    assert "no room for them" in said
    assert "no room for them any more" in move(olga, alice, full).content.decode()
    assert "Choose a flight first." in olga.post(address(alice), {"reason": "x"}).content.decode()


def test_who_may_not_move_seats_may_not_move_to_flights(flight: Flight, later: Flight) -> None:
    alice, vera = a_confirmed_booking(flight, "12A"), an_onlooker()
    assert address(alice) not in vera.get(page(alice)).content.decode()
    assert move(vera, alice, later).status_code == 403


def test_the_second_operator_is_told(olga: Client, flight: Flight, later: Flight) -> None:
    alice, oscar = a_confirmed_booking(flight, "12A"), a_supervisor("oscar")
    assert "done for" in move(olga, alice, later).content.decode()
    latest = a_flight("AF1238", departure=flight.departure + timedelta(hours=3))
    for answer in (move(oscar, alice, latest), act(oscar, "cancel_and_refund", alice)):
        assert "It was changed while you were deciding" in answer.content.decode()
    alice.refresh_from_db()
    assert alice.flight_id == later.pk


def test_both_flights_and_the_booking_tell_of_it(
    olga: Client, flight: Flight, later: Flight
) -> None:
    alice = a_confirmed_booking(flight, "12A")
    move(olga, alice, later)
    bob = a_hold(flight, "12A")

    def history(of: Flight) -> str:
        return olga.get(flight_address("seat", of), {"seat": "12A"}).content.decode()

    assert "free again: moved to flight" in history(flight)
    assert str(bob.pk)[:8] in history(flight)
    assert "moved to flight" in history(later)
    assert "free again" not in history(later)
    assert "held" not in history(later)
    assert f"1 to {later}" in olga.get(flight_page(flight)).content.decode()
    told = olga.get(page(alice)).content.decode()
    assert f"<dt>flight</dt><dd>{later}</dd>" in told
    assert f"<dt>flight</dt><dd>{flight}</dd>" in told
