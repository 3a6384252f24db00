"""The fares on a booking's page, and what is said of the one that was sold."""

from uuid import uuid4

import pytest
from django.test import Client

from bookings import saga
from bookings.models import Booking
from flights import known_fares
from flights.models import Fare, Flight
from tests.alice import ALICE, a_confirmed_booking, a_hold, a_payment, browser_of
from tests.people import a_flight, named, run_out

pytestmark = pytest.mark.django_db(transaction=True)

HTMX = {"HX-Request": "true"}


def choose(client: Client, booking: Booking, fare: str = "light", **headers: str) -> str:
    answer = client.post(f"/bookings/{booking.pk}/fare/", {"fare": fare}, headers=headers)
    return f"{answer.status_code} {answer.content.decode()}"


def page(client: Client, booking: Booking) -> str:
    return client.get(f"/bookings/{booking.pk}/").content.decode()


def fare_of(booking: Booking) -> str:
    return Booking.objects.select_related("fare").get(pk=booking.pk).fare.code


def test_a_hold_shows_every_fare_with_its_price_and_its_conditions(
    client: Client, flight: Flight
) -> None:
    shown = page(client, named(a_hold(flight, "12A", "12B")))
    for words in ("€340", "€400", "€520", "Nothing back if cancelled.", "Free changes."):
        assert words in shown
    assert "A change costs €40." in shown


def test_choosing_leads_back_to_the_page_and_with_htmx_draws_it_anew(
    client: Client, flight: Flight
) -> None:
    booking = named(a_hold(flight, "12A"))
    answer = client.post(f"/bookings/{booking.pk}/fare/?party=2", {"fare": "flex"})
    assert (answer.status_code, answer["Location"]) == (302, f"/bookings/{booking.pk}/?party=2")
    shown = choose(client, booking, **HTMX)
    assert shown.startswith("200 ")
    assert "Pay €170" in shown
    assert 'data-say="Light, €170."' in shown


@pytest.mark.parametrize("fare", ["gold", "", "\x00"])
def test_a_fare_that_is_none_is_refused_on_the_page(
    client: Client, flight: Flight, fare: str
) -> None:
    booking = named(a_hold(flight, "12A"))
    said = choose(client, booking, fare)
    assert said.startswith("400 ")
    assert "This fare is not sold. Please choose another one." in said
    assert "Pay €200" in said


def test_only_its_own_browser_chooses_and_only_for_a_hold(client: Client, flight: Flight) -> None:
    hold, paying = a_hold(flight), a_payment(a_flight("AF1"))
    over = a_hold(a_flight("AF2"))
    run_out(over)
    assert choose(browser_of(uuid4()), hold).startswith("403 ")
    assert choose(client, paying).startswith("409 ")
    assert "The hold ran out" in choose(client, over)
    assert choose(client, Booking(pk=uuid4())).startswith("404 ")
    assert client.get(f"/bookings/{hold.pk}/fare/").status_code == 405
    assert {fare_of(each) for each in (hold, paying, over)} == {"standard"}


def test_whoever_else_looks_sees_no_fares_to_choose(flight: Flight) -> None:
    assert 'name="fare"' not in page(browser_of(uuid4()), named(a_hold(flight)))


def test_a_paid_booking_says_what_was_sold_whatever_is_sold_now(
    client: Client, flight: Flight
) -> None:
    booking = a_confirmed_booking(flight, "12A")
    standard = Fare.objects.get(code="standard")
    standard.refund_percent = 0
    standard.replace()
    known_fares.forget()
    assert "<b>Standard fare.</b> 70\u00a0% back (€140) if cancelled by" in page(client, booking)


def test_seats_that_are_held_again_keep_their_fare_while_it_is_sold(
    client: Client, flight: Flight
) -> None:
    first = a_hold(flight, "12A")
    for sold, kept in ((True, "light"), (False, "standard")):
        saga.choose_fare(booking_id=first.pk, fare="light", browser_id=ALICE)
        run_out(first)
        saga.advance(first.pk)
        Fare.objects.filter(code="light").exclude(on_sale=sold).update(on_sale=sold)
        known_fares.forget()
        client.post(f"/bookings/{first.pk}/again/")
        first = Booking.objects.exclude(pk=first.pk).latest("created_at")
        assert fare_of(first) == kept


def test_the_panel_and_best_seats_say_prices_at_the_fare_of_the_hold(
    client: Client, flight: Flight
) -> None:
    saga.choose_fare(booking_id=a_hold(flight, "12A").pk, fare="light", browser_id=ALICE)
    panel = client.get(f"/flights/{flight.pk}/panel/", headers=HTMX).content.decode()
    assert "€170" in panel
    assert "Light fare" in panel
    best = client.get(f"/flights/{flight.pk}/together/", {"party": 2}, headers=HTMX)
    assert "€340" in best.content.decode()
