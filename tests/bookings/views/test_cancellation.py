"""Paid seats given back on the page: which, what goes back, and what the booking says then."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from bookings import saga
from bookings.models import Booking, PaymentStatus, State
from bookings.saga import Said
from flights.models import Flight
from tests.alice import ALICE, a_confirmed_booking, a_hold
from tests.bookings.views.giving_back import SURE, address, ask_for, confirm, page, said, sent_by
from tests.people import MoodyGateway, a_flight, charged_cents, owned, settle, standing

pytestmark = pytest.mark.django_db(transaction=True)

BY = "operator:olga"
HTMX = {"HX-Request": "true"}


def paid_at(flight: Flight, fare: str, *seats: str) -> Booking:
    booking = saga.hold_seats(flight_id=flight.pk, seats=seats, fare=fare, browser_id=ALICE)
    return settle(saga.start_payment(booking_id=booking.pk, code="00000", browser_id=ALICE))


# --- Which seats, and what goes back ------------------------------------------------------
def test_seats_are_ticked_then_quoted_and_nothing_is_done_by_looking(
    client: Client, flight: Flight
) -> None:
    booking = a_confirmed_booking(flight, "12A", "12B", "12C")
    assert f'href="{address(booking)}"' in client.get(f"/bookings/{booking.pk}/").content.decode()
    asked = client.get(address(booking))
    html = asked.content.decode()
    assert re.findall(r'name="seats" value="(\w+)"( checked)?', html) == [
        ("12A", ""), ("12B", ""), ("12C", ""),
    ]  # fmt: skip
    assert SURE not in html
    assert "70 % back (€420) if cancelled by" in said(asked)
    assert "Now €420 would go back for all of them." in said(asked)
    quoted = said(ask_for(client, booking, "12C", "12A"))
    assert "Cancel 12A, 12C?" in quoted
    assert "Seats 12A, 12C €400 Does not go back €120 Goes back to you €280" in quoted
    assert "Standard fare. 70 % back (€280) if cancelled by" in quoted
    assert "12B stays booked under the same code." in quoted
    assert standing(booking) == (State.CONFIRMED, PaymentStatus.CHARGED)
    assert saga.look(booking.pk).version == booking.version


def test_how_long_it_is_promised_is_said_by_the_clocks_of_the_departure(
    client: Client, flight: Flight
) -> None:
    booking = a_confirmed_booking(flight, "12A")
    before = timezone.now()
    text = said(client.get(address(booking)))
    found = re.search(r"We promise this until (\d\d:\d\d) CES?T \(Paris time\)", text)
    assert found
    ends = (before + timedelta(minutes=15)).astimezone(flight.origin.zone)
    assert found[1] in {f"{ends:%H:%M}", f"{ends + timedelta(minutes=1):%H:%M}"}


def test_who_has_one_seat_need_not_tick_it(client: Client, flight: Flight) -> None:
    text = said(client.get(address(a_confirmed_booking(flight, "12A"))))
    assert "Cancel your booking?" in text
    assert "Your booking ends" in text
    assert "Choose again" not in text


@pytest.mark.parametrize(
    ("fare", "goes_back"),
    [("light", "€170 Goes back to you €0"), ("flex", "€0 Goes back to you €260")],
)
def test_what_goes_back_is_the_fares(
    client: Client, flight: Flight, fare: str, goes_back: str
) -> None:
    booking = paid_at(flight, fare, "12A")
    text = said(client.get(address(booking)))
    assert f"Does not go back {goes_back}" in text
    assert ("The money goes back by itself" in text) == (fare == "flex")


def test_a_yen_has_no_decimals(client: Client) -> None:
    booking = a_confirmed_booking(a_flight(base_fare_cents=12_345, currency="JPY"), "12A")
    text = said(client.get(address(booking)))
    assert "Seat 12A ¥12,345 Does not go back ¥3,703 Goes back to you ¥8,642" in text


def test_what_staff_gave_back_before_is_counted(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight, "12A")
    saga.give_refund(booking_id=booking.pk, amount_cents=10_000, by=BY)
    text = said(client.get(address(booking)))
    assert "Goes back to you €100" in text
    assert "€100 was given back before" in text


WRONG = {
    "none": ([], "Choose at least one seat."),
    "another": (["9F"], "Seat 9F is not of this booking."),
    "twice": (["12A", "12A"], "Each seat can be chosen only once."),
    "markup": (["<b>"], "Seat <b> is not of this booking."),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_what_cannot_be_ticked_is_told_above_the_ticks(
    client: Client, flight: Flight, case: str, headers: dict[str, str]
) -> None:
    seats, why = WRONG[case]
    answer = ask_for(client, a_confirmed_booking(flight, "12A", "12B"), *seats, headers=headers)
    html = answer.content.decode()
    assert answer.status_code == 400
    assert why in unescape(html)
    assert "<b>" not in re.findall(r"Seat \S+ is", html)
    assert 'type="checkbox"' in html
    assert ('value="12A" checked' in html) == (case == "twice")
    assert ("<html" in html) == (not headers)


def test_a_child_is_not_left_alone(client: Client, flight: Flight) -> None:
    hold = a_hold(flight, "12A", "12B")
    born = timezone.now().date() - timedelta(days=2000)
    who = [Said("12A", "Ada", "Lovelace"), Said("12B", "Kit", "Lovelace", "child", born)]
    saga.name_passengers(booking_id=hold.pk, said=who, browser_id=ALICE)
    settle(saga.start_payment(booking_id=hold.pk, code="00000", browser_id=ALICE))
    answer = ask_for(client, hold, "12A")
    assert answer.status_code == 400
    assert "A child cannot travel without an adult." in said(answer)
    assert "Ada Lovelace" in said(answer)
    assert SURE in said(ask_for(client, hold, "12B"))


# --- Done -----------------------------------------------------------------------------------
def test_some_seats_are_given_back_and_the_page_says_what_becomes_of_the_money(
    client: Client, flight: Flight
) -> None:
    booking = a_confirmed_booking(flight, "12A", "12B")
    answer = confirm(client, booking, "12B")
    assert (answer.status_code, answer["Location"]) == (302, f"/bookings/{booking.pk}/")
    assert owned(booking) == ["12A"]
    text = page(client, booking)
    assert "Have a good flight" in text
    assert "Refunds €140 is on its way back" in text
    assert "Paid €200" in text
    settle(booking)
    done = booking.refunds.get().done_at
    assert done
    assert f"€140 was given back on {done:%a} {done.day} {done:%b %Y}." in page(client, booking)
    assert charged_cents(booking) == 26_000


def test_all_seats_end_the_booking(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight, "12A", "12B")
    confirm(client, booking, "12A", "12B")
    assert standing(booking) == (State.CANCELLED, PaymentStatus.REFUND_DUE)
    text = page(client, booking)
    assert "This booking is cancelled The seats are free again." in text
    assert "€280 is on its way back" in text
    assert "all of it" not in text
    assert "in full" not in page(client, settle(booking))
    assert "Cancel seats" not in page(client, booking)


def test_where_nothing_goes_back_the_page_says_why(client: Client, flight: Flight) -> None:
    booking = paid_at(flight, "light", "12A")
    confirm(client, booking, "12A")
    text = page(client, booking)
    assert "By the conditions of its fare nothing goes back." in text
    assert "Refunds" not in text


def test_who_sends_it_twice_is_answered_the_same_and_gets_it_once(
    client: Client, flight: Flight
) -> None:
    booking = a_confirmed_booking(flight, "12A", "12B")
    sent = sent_by(ask_for(client, booking, "12A"))
    answers = [client.post(address(booking), sent) for _ in range(2)]
    settle(booking)
    answers.append(client.post(address(booking), sent))
    assert {(each.status_code, each["Location"]) for each in answers} == {
        (302, f"/bookings/{booking.pk}/")
    }
    assert booking.refunds.get().amount_cents == 14_000


def test_a_refund_that_waits_is_still_on_its_way(
    client: Client, flight: Flight, gateway: type[MoodyGateway]
) -> None:
    booking = a_confirmed_booking(flight, "12A", "12B", "12C")
    confirm(client, booking, "12A")
    settle(booking)
    gateway.refunds = False
    confirm(client, booking, "12B")
    saga.advance(booking.pk)
    text = page(client, booking)
    assert "€140 was given back on" in text
    assert "€140 is on its way back" in text
