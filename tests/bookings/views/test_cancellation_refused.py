"""Paid seats given back on the page: what it says where something has changed, and who may."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from bookings import saga
from bookings.models import Booking, State
from bookings.saga import Said
from flights.models import Flight
from tests.alice import ALICE, a_confirmed_booking, a_hold, browser_of
from tests.bookings.views.giving_back import SURE, address, ask_for, confirm, page, said, sent_by
from tests.bookings.views.test_trip import ask, no_tries_yet  # noqa: F401 - a fixture
from tests.people import owned, settle, standing

pytestmark = pytest.mark.django_db(transaction=True)

BY = "operator:olga"
NOTHING = "Nothing was cancelled"


def other_seats(booking: Booking) -> None:
    saga.reseat(booking_id=booking.pk, seats=["12A", "14A"], by=BY)


def later(booking: Booking) -> None:
    saga.delay_flight(flight_id=booking.flight_id, minutes=30, by=BY)


def conditions_over(booking: Booking) -> None:
    Flight.objects.update(departure=timezone.now() + timedelta(hours=5))


@pytest.mark.parametrize(
    ("change", "goes_back"), [(other_seats, "€140"), (later, "€140"), (conditions_over, "€0")]
)
def test_a_quote_of_what_has_changed_is_followed_by_a_new_one(
    client: Client, flight: Flight, change: Callable[[Booking], None], goes_back: str
) -> None:
    booking = a_confirmed_booking(flight, "12A", "12B")
    sent = sent_by(ask_for(client, booking, "12A"))
    change(booking)
    before = saga.look(booking.pk)
    answer = client.post(address(booking), sent)
    assert answer.status_code == 409
    assert f"{NOTHING}: that took too long, or something has changed" in said(answer)
    assert f"Goes back to you {goes_back}" in said(answer)
    assert saga.look(booking.pk).version == before.version
    assert booking.refunds.count() == 0
    assert client.post(address(booking), sent_by(answer)).status_code == 302
    assert "12A" not in owned(booking)


def test_seats_that_staff_exchanged_are_chosen_again(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight, "12A", "12B")
    sent = sent_by(ask_for(client, booking, "12B"))
    other_seats(booking)
    answer = client.post(address(booking), sent)
    assert answer.status_code == 409
    assert NOTHING in said(answer)
    assert "Seat 12B is not of this booking." in said(answer)
    assert 'value="14A"' in answer.content.decode()


def test_a_quote_that_lasted_too_long_is_followed_by_a_new_one(
    client: Client, flight: Flight, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = a_confirmed_booking(flight, "12A")
    with monkeypatch.context() as patched:
        patched.setattr("bookings.saga.cancellation.VALID", timedelta(milliseconds=500))
        sent = sent_by(ask_for(client, booking, "12A"))
    time.sleep(0.6)
    answer = client.post(address(booking), sent)
    assert (answer.status_code, NOTHING in said(answer)) == (409, True)
    assert client.post(address(booking), sent_by(answer)).status_code == 302


def test_conditions_that_end_while_one_looks_are_asked_for_again(
    client: Client, flight: Flight, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = a_confirmed_booking(flight, "12A")
    with monkeypatch.context() as patched:
        patched.setattr("bookings.saga.cancellation.VALID", timedelta(0))
        answer = client.get(address(booking))
    assert (answer.status_code, SURE in said(answer)) == (409, False)
    assert "Please ask for a new one." in said(answer)
    assert 'value="12A"' in answer.content.decode()


@pytest.mark.parametrize("quote", [None, "", "x:y:z", "another's"])
def test_what_is_no_quote_of_this_booking_does_nothing(
    client: Client, flight: Flight, quote: str | None
) -> None:
    booking, other = a_confirmed_booking(flight, "12A"), a_confirmed_booking(flight, "14A")
    sent = {} if quote is None else {"quote": quote}
    if quote == "another's":
        sent = sent_by(ask_for(client, other, "14A"))
    answer = client.post(address(booking), sent)
    assert answer.status_code == 404
    assert NOTHING in said(answer)
    assert standing(booking)[0] == standing(other)[0] == State.CONFIRMED


def leave(booking: Booking) -> None:
    Flight.objects.update(departure=timezone.now() - timedelta(minutes=1))


def cancel_the_flight(booking: Booking) -> None:
    saga.cancel_flight(flight_id=booking.flight_id, by=BY)


def take_it_back(booking: Booking) -> None:
    saga.cancel_and_refund(booking_id=booking.pk, by=BY)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (leave, "This flight has left"),
        (cancel_the_flight, "all that was paid for its seats goes back by itself"),
        (take_it_back, "this booking is CANCELLED"),
    ],
)
def test_where_nothing_can_be_cancelled_any_more_it_says_so(
    client: Client, flight: Flight, change: Callable[[Booking], None], why: str
) -> None:
    booking = a_confirmed_booking(flight, "12A")
    sent = sent_by(ask_for(client, booking, "12A"))
    change(booking)
    before = saga.look(booking.pk).version
    for answer in (
        client.get(address(booking)),
        ask_for(client, booking, "12A"),
        client.post(address(booking), sent),
    ):
        assert answer.status_code == 409
        assert why in said(answer)
        assert SURE not in said(answer)
        assert "See your booking" in said(answer)
    assert saga.look(booking.pk).version == before
    assert "Cancel seats" not in page(client, booking)


@pytest.mark.parametrize("code", [None, "11111"], ids=["held", "failed"])
def test_what_is_not_paid_has_nothing_to_cancel(
    client: Client, flight: Flight, code: str | None
) -> None:
    booking = a_hold(flight, "12A")
    if code:
        saga.start_payment(booking_id=booking.pk, code=code, browser_id=ALICE)
        settle(booking)
    assert "Only what is paid can be given back" in said(client.get(address(booking)))
    assert "Cancel seats" not in page(client, booking)


# --- Whose it is ----------------------------------------------------------------------------
def test_nobody_else_sees_or_cancels_anything(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight, "12A", "12B")
    sent = sent_by(ask_for(client, booking, "12A"))
    for stranger in (Client(), browser_of(uuid4())):
        assert address(booking) not in stranger.get(f"/bookings/{booking.pk}/").content.decode()
        for answer in (
            stranger.get(address(booking)),
            ask_for(stranger, booking, "12A"),
            ask_for(stranger, booking, "9F"),
            ask_for(stranger, booking),
            stranger.post(address(booking), sent),
            stranger.post(address(booking), {"quote": "x"}),
        ):
            assert answer.status_code == 403
            assert "only where it was made" in said(answer)
            assert str(booking.record_locator) not in answer.content.decode()
    assert owned(booking) == ["12A", "12B"]
    assert Client().get(f"/bookings/{uuid4()}/cancellation/").status_code == 404


@pytest.mark.parametrize("browser_id", [ALICE, None], ids=["in a browser", "by a program"])
def test_whoever_finds_it_by_its_code_and_a_name_may(flight: Flight, browser_id: Any) -> None:
    hold = saga.hold_seats(flight_id=flight.pk, seats=["12A"], browser_id=browser_id)
    about = {"booking_id": hold.pk, "browser_id": browser_id}
    saga.name_passengers(**about, said=[Said("12A", "Ada", "Lovelace")])
    booking = settle(saga.start_payment(**about, code="00000"))
    elsewhere = Client()
    ask(elsewhere, booking.record_locator, "Lovelace")
    assert confirm(elsewhere, booking, "12A").status_code == 302
    assert standing(booking)[0] == State.CANCELLED
    assert "€140 is on its way back" in page(elsewhere, booking)


def test_its_address_alone_does_not_show_what_went_back(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight, "12A", "12B")
    confirm(client, booking, "12A")
    assert "Refunds" in page(client, booking)
    assert "Refunds" not in page(Client(), booking)
