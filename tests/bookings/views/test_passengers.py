"""Who travels, as the page asks for it, keeps it and shows it."""

import re
from typing import Any

import pytest
from django.test import Client

from bookings import saga
from bookings.models import Booking, PaymentStatus, State
from flights.models import Flight
from tests.alice import ALICE, a_hold, a_payment
from tests.bookings.views.maps import click, my_booking
from tests.people import a_flight, named, run_out, settle, standing

pytestmark = pytest.mark.django_db(transaction=True)

HTMX = {"HX-Request": "true"}
FIELDS = ("p0-given", "p0-family", "email")
ADA = {"p0-given": "Ada", "p0-family": "O\u2019Brien", "email": "ada@münchen.de"}
TYPED = tuple(ADA.values())


def say(client: Client, booking: Booking, headers: Any = HTMX, **fields: str) -> Any:
    said = {key.replace("_", "-", 1): value for key, value in fields.items()}
    return client.post(f"/bookings/{booking.pk}/passengers/", said, headers=headers)


def page(client: Client, booking: Booking, query: str = "") -> str:
    return str(client.get(f"/bookings/{booking.pk}/{query}").content.decode())


def test_who_travels_is_kept_and_shown(client: Client, flight: Flight) -> None:
    booking = a_hold(flight)
    answer = say(
        client, booking, p0_given=" Ada\u3000", p0_family="Lovelace", email="a@example.org"
    )
    assert answer.status_code == 200
    assert "Pay now" in answer.content.decode()
    saga.start_payment(booking_id=booking.pk, code="00000", browser_id=ALICE)
    html = page(client, settle(booking))
    assert "Have a good flight, Ada Lovelace" in html
    assert "a@example.org" in html


def test_without_scripts_one_is_led_back_to_the_booking(client: Client, flight: Flight) -> None:
    booking = a_hold(flight)
    answer = say(client, booking, headers={}, p0_given="Ada")
    assert (answer.status_code, answer["Location"]) == (302, f"/bookings/{booking.pk}/")


WRONG = {
    "no name": ({"p0_given": " "}, "p0-given"),
    "too long": ({"p0_given": "a" * 81}, "p0-given"),
    "not printable": ({"p0_given": "a\x1bb"}, "p0-given"),
    "half a letter": ({"p0_given": "a\x00b"}, "p0-given"),
    "no address": ({"email": "ada"}, "email"),
    "a long address": ({"email": "ada@" + "a" * 200}, "email"),
    "no day": ({"p0_type": "child", "p0_born": "yesterday"}, "p0-born"),
    "a grown child": ({"p0_type": "child", "p0_born": "1990-01-01"}, "p0-born"),
    "another type": ({"p0_type": "senior"}, "p0-type"),
    "an old infant": ({"p0_infant_given": "Al", "p0_infant_born": "1990-01-01"}, "p0-infant_born"),
    "an infant without a name": ({"p0_infant_born": "2026-06-01"}, "p0-infant_given"),
    "an infant of unknown age": ({"p0_infant_family": "King"}, "p0-infant_born"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_lost(
    client: Client, flight: Flight, case: str
) -> None:
    wrong, field = WRONG[case]
    booking = a_hold(flight)
    answer = say(client, booking, **{"p0_given": "Ada", "p0_family": "", "email": "", **wrong})
    html = answer.content.decode()
    assert answer.status_code == 400
    if field != "p0-type":
        assert f'id="{field}-error"' in html
        assert html.count("autofocus") == 1
    assert standing(booking) == (State.SEATS_RESERVED, PaymentStatus.NONE)
    assert booking.passengers == ()
    for name, typed in wrong.items():
        if typed.strip().isprintable() and "type" not in name:
            assert f'value="{typed.strip()}"' in html


def test_a_name_is_refused_for_its_own_reason(client: Client, flight: Flight) -> None:
    html = say(client, a_hold(flight), p0_given="www.evil", p0_family=".example").content.decode()
    assert "Please give a name, without addresses." in html
    assert "80 characters" not in html


def test_children_alone_are_told_above(client: Client, flight: Flight) -> None:
    answer = say(client, a_hold(flight), p0_given="Eve", p0_type="child", p0_born="2020-06-01")
    assert answer.status_code == 400
    assert "At least one adult must travel on the booking." in answer.content.decode()


def test_of_two_tabs_the_second_is_told_and_keeps_what_it_typed(
    client: Client, flight: Flight
) -> None:
    booking = a_hold(flight)
    saga.update_seats(booking_id=booking.pk, seats=["14A", "14B"], browser_id=ALICE)
    answer = say(client, booking, p0_given="Ada", version="1")
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "was changed in another tab" in html
    assert 'value="Ada"' in html
    assert 'name="p1-given"' in html
    assert 'name="version" value="2"' in html
    assert saga.look(booking.pk).passengers == ()


def test_a_hold_that_is_over_says_so(client: Client, flight: Flight) -> None:
    booking = a_hold(flight)
    run_out(booking)
    answer = say(client, booking, p0_given="Ada")
    assert "The hold ran out" in answer.content.decode()


def test_who_is_named_can_be_named_otherwise(client: Client, flight: Flight) -> None:
    booking = named(a_hold(flight), "Ada")
    assert "Pay now" in page(client, booking)
    html = page(client, booking, "?passengers=change")
    assert "Pay now" not in html
    assert 'value="Ada"' in html


def test_markup_in_a_name_stays_a_text(client: Client, flight: Flight) -> None:
    booking = a_hold(flight)
    say(client, booking, p0_given="O&apos;<i>")
    assert "<i>" not in page(client, booking)
    say(client, booking, p0_given='"><b x')
    assert "<b x" not in page(client, booking)


# --- Known again --------------------------------------------------------------------------
def of_mine(client: Client, flight: Flight, seat: str = "12A") -> Booking:
    """A hold that this browser made on the map."""
    click(client, flight, seat)
    return my_booking(client, flight)


def filled_in(client: Client, booking: Booking) -> tuple[str, ...]:
    """The names and the address in the form of a booking's page."""
    html = page(client, booking, "?passengers=change")
    fields = (re.search(rf'<input id="{field}"[^>]* value="([^"]*)"', html) for field in FIELDS)
    return tuple(field[1] for field in fields if field)


def again(client: Client, booking: Booking) -> Any:
    return client.post(f"/bookings/{booking.pk}/again/")


def say_all(client: Client, booking: Booking, **more: str) -> Any:
    return client.post(f"/bookings/{booking.pk}/passengers/", {**ADA, **more})


def test_after_a_declined_payment_they_need_not_be_named_again(
    client: Client, flight: Flight
) -> None:
    booking = of_mine(client, flight)
    assert filled_in(client, booking) == ("", "", "")
    say_all(client, booking)
    client.post(f"/bookings/{booking.pk}/pay/", {"code": "11111"})
    settle(booking)
    html = client.get(again(client, booking)["Location"]).content.decode()
    assert "Pay now" in html
    assert "Ada O\u2019Brien" in html
    held = my_booking(client, flight)
    assert (held.email, filled_in(client, held)) == ("ada@münchen.de", TYPED)


def test_after_names_that_came_too_late_they_are_known(client: Client, flight: Flight) -> None:
    booking = of_mine(client, flight)
    run_out(booking)
    assert say_all(client, booking).status_code == 409
    again(client, booking)
    assert filled_in(client, my_booking(client, flight)) == TYPED


def test_other_seats_and_other_flights_know_them_too(client: Client, flight: Flight) -> None:
    booking = of_mine(client, flight)
    say_all(client, booking, **{"p0-type": "child", "p0-born": "nonsense"})
    other = of_mine(client, a_flight("AF2"))
    assert filled_in(client, other) == TYPED
    say_all(client, booking, **dict.fromkeys(FIELDS, ""))
    assert filled_in(client, booking) == ("", "", "")


def test_a_confirmed_booking_ends_it(client: Client, flight: Flight) -> None:
    booking = of_mine(client, flight)
    say_all(client, booking)
    client.post(f"/bookings/{booking.pk}/pay/", {"code": "00000"})
    settle(booking)
    page(client, booking)
    assert filled_in(client, of_mine(client, flight, "14A")) == ("", "", "")


def test_nobody_else_is_told_who_travels(client: Client, flight: Flight) -> None:
    mine = of_mine(client, flight)
    say_all(client, mine)
    bob = Client()
    theirs = of_mine(bob, flight, "14A")
    assert filled_in(bob, theirs) == ("", "", "")
    for browser, booking in ((bob, mine), (client, theirs)):
        assert "O\u2019Brien" not in page(browser, booking)


@pytest.mark.parametrize("value", ["", "x", "e30:1x:forged", "é" * 90])
def test_a_forged_cookie_fills_in_nothing(client: Client, flight: Flight, value: str) -> None:
    booking = of_mine(client, flight)
    client.cookies["who_travels"] = value
    assert filled_in(client, booking) == ("", "", "")


def test_more_than_a_browser_keeps_is_not_sent_to_it(client: Client, flight: Flight) -> None:
    booking = of_mine(client, flight)
    long = "".join(map(chr, range(0x4E00, 0x4E00 + 2500)))
    assert say_all(client, booking, **{"p0-given": long}).status_code == 400
    assert "who_travels" not in client.cookies


def test_what_was_typed_is_out_of_reach_of_scripts_and_of_other_pages(
    client: Client, flight: Flight
) -> None:
    say_all(client, of_mine(client, flight))
    cookie = client.cookies["who_travels"]
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"]) == ("Lax", "/bookings/")
    assert 0 < cookie["max-age"] <= 3600


# --- Once it is paid ----------------------------------------------------------------------
def paid(flight: Flight) -> Booking:
    hold = named(a_hold(flight), "Lovelace", email="ada@example.org")
    return settle(saga.start_payment(booking_id=hold.pk, code="00000", browser_id=ALICE))


def test_a_slip_is_corrected_on_the_page(client: Client, flight: Flight) -> None:
    booking = paid(flight)
    assert "Correct a name" in page(client, booking)
    html = page(client, booking, "?passengers=change")
    assert 'value="Lovelace"' in html
    assert "Pay now" not in html
    answer = say(client, booking, p0_given="Ada", p0_family="Lovelac", email="ada@example.org")
    assert answer.status_code == 400
    assert "ask the airline" in answer.content.decode()
    answer = say(client, booking, p0_family="Lovelaze", email="ada@example.org")
    assert answer.status_code == 200
    assert "Lovelaze" in page(client, booking)
    assert "Have a good flight" in page(client, booking)


def test_whoever_paid_unnamed_says_who_travels(client: Client, flight: Flight) -> None:
    booking = settle(a_payment(flight))
    assert "Say who travels" in page(client, booking)
    assert say(client, booking, p0_given="Ada").status_code == 200
    assert "Have a good flight, Ada" in page(client, booking)
