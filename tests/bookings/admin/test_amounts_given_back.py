"""Staff give back an amount of what was paid, of one booking or of several."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from bookings.models import Booking, PaymentStatus, State
from flights.models import Flight
from tests.bookings.admin.staff import LIST, WHY, act, page, staff_with
from tests.people import a_confirmed_booking, a_flight, charged_cents, settle, standing

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = reverse("admin:bookings_booking_act", args=["give_refund"])


def give(client: Client, *bookings: Booking, amount: str, reason: str = WHY) -> Any:
    return act(client, "give_refund", *bookings, reason=reason, amount=amount)


def said(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def test_an_amount_goes_back_and_the_seats_stay(olga: Client, flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "12A")
    asked = said(olga.get(f"{ADDRESS}?ids={alice.pk}"))
    assert "of 200.00 EUR that are left of what was paid. The seats stay." in asked
    assert "Amount in EUR:" in asked
    told = said(give(olga, alice, amount=" 19.5 "))
    label = alice.record_locator
    assert f"begun for {label}. 19.50 EUR go back for {label}." in told
    [entry] = LogEntry.objects.all()
    assert f"19.50 EUR go back for {label}: {WHY}" in entry.get_change_message()
    settle(alice)
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.CHARGED)
    assert charged_cents(alice) == 18_050
    history = said(olga.get(page(alice)))
    assert f"refund given operator:olga {WHY}" in history
    assert "19.50 EUR" in history
    assert "180.50 EUR that are left" in said(olga.get(f"{ADDRESS}?ids={alice.pk}"))


WRONG = {
    "": "This field is required.",
    "0": "The amount is a sum above 0",
    "0.00": "The amount is a sum above 0",
    "-5": "The amount is a sum above 0",
    "12,50": "The amount is a sum above 0",
    "1e3": "The amount is a sum above 0",
    "a lot": "The amount is a sum above 0",
    "\u0665": "The amount is a sum above 0",
    "1.505": "EUR has 2 decimals.",
    "200.01": "That is more than what is left of what was paid: 200.00 EUR.",
    "9999999999": "The amount is at most 21,474,836.47 EUR.",
}


@pytest.mark.parametrize("amount", WRONG)
def test_what_is_no_amount_of_what_is_left_is_told_beside_it(
    olga: Client, flight: Flight, amount: str
) -> None:
    alice = a_confirmed_booking(flight, "12A")
    answer = give(olga, alice, amount=amount)
    assert WRONG[amount] in said(answer)
    assert f'value="{WHY}"' in answer.content.decode()
    assert (alice.refunds.count(), LogEntry.objects.count()) == (0, 0)


def test_a_reason_is_asked_for_too(olga: Client, flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "12A")
    answer = give(olga, alice, amount="20", reason=" ")
    assert "This field is required." in said(answer)
    assert 'value="20"' in answer.content.decode()
    assert alice.refunds.count() == 0


def test_a_yen_has_no_decimals(olga: Client) -> None:
    alice = a_confirmed_booking(a_flight(currency="JPY"), "12A")
    assert "JPY has no decimals." in said(give(olga, alice, amount="1.5"))
    assert "20,000 JPY go back" in said(give(olga, alice, amount="20000"))
    settle(alice)
    assert charged_cents(alice) == 0
    assert "Nothing: as the booking stands" in said(olga.get(f"{ADDRESS}?ids={alice.pk}"))


def test_who_sends_it_twice_gives_once(olga: Client, flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "12A")
    give(olga, alice, amount="20")
    assert "changed while you were deciding" in said(give(olga, alice, amount="20"))
    assert alice.refunds.get().amount_cents == 2_000


def test_of_several_each_gets_it_that_has_so_much_left(olga: Client, flight: Flight) -> None:
    alice, bob = a_confirmed_booking(flight, "1A", "1B"), a_confirmed_booking(flight, "2A")
    chosen = {"action": "give_refund", "_selected_action": [str(alice.pk), str(bob.pk)]}
    assert "Amount in EUR for each:" in said(olga.post(LIST, chosen))
    told = said(give(olga, alice, bob, amount="300"))
    assert f"refused for {bob.record_locator}. That is more than what is left" in told
    assert (alice.refunds.get().amount_cents, bob.refunds.count()) == (30_000, 0)


def test_several_currencies_are_refunded_one_by_one(olga: Client, flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    bob = a_confirmed_booking(a_flight("AF2", currency="JPY"), "1A")
    assert "please refund one by one" in said(give(olga, alice, bob, amount="20"))
    assert (alice.refunds.count(), bob.refunds.count()) == (0, 0)


def test_who_may_cancel_and_refund_may_give_an_amount_and_nobody_else(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "12A")
    others = ("view_booking", "terminate_booking", "retry_booking", "move_seats")
    sam = staff_with(*others, name="sam")
    assert "give_refund" not in sam.get(page(alice)).content.decode()
    assert sam.get(f"{ADDRESS}?ids={alice.pk}").status_code == 403
    assert give(sam, alice, amount="20").status_code == 403
    kim = staff_with("view_booking", "refund_booking", name="kim")
    assert "Refund an amount…" in said(kim.get(page(alice)))
    assert "20.00 EUR go back" in said(give(kim, alice, amount="20"))
