"""Other seats for a paid booking on the pages: chosen, held, paid for, and what is said of it."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from bookings import saga
from bookings.models import Booking, Change, PaymentStatus, State
from flights.models import Flight
from tests.alice import ALICE, a_confirmed_booking, a_hold
from tests.bookings.views.giving_back import said
from tests.people import owned, run_out, settle, standing

pytestmark = pytest.mark.django_db(transaction=True)

HTMX = {"HX-Request": "true"}
PAID = (State.CONFIRMED, PaymentStatus.CHARGED)


def address(booking: Booking) -> str:
    return f"/bookings/{booking.pk}/changes/"


def choose(client: Client, booking: Booking, *seats: str) -> Any:
    return client.post(address(booking), {"seats": seats}, follow=True)


def the_change() -> Change:
    return Change.objects.select_related("booking").get()


def of(change: Change) -> str:
    return f"/bookings/{change.booking.change_of_id}/changes/{change.pk}/"


def ticked(html: str) -> list[str]:
    return re.findall(r'name="seats" value="(\w+)" checked', html)


def test_the_map_shows_what_one_has_and_what_a_change_costs(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight, "12A", "12B")
    a_hold(flight, "12C", browser_id=uuid4())
    assert f'href="{address(booking)}"' in client.get(f"/bookings/{booking.pk}/").content.decode()
    answer = client.get(address(booking))
    html, text = answer.content.decode(), said(answer)
    assert ticked(html) == ["12A", "12B"]
    assert re.search(r'value="12C" data-state="held" disabled', html)
    assert "You have 12A, 12B" in text
    assert "Standard fare. A change costs €40, and what the seats cost more." in text
    assert "For cheaper seats 70 % of what they cost less goes back until" in text


def test_seats_are_held_paid_for_and_had(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight, "12A", "12B")
    held = choose(client, booking, "12B", "12D")
    assert held.redirect_chain == [(of(the_change()), 302)]
    assert "Your new seats are held" in said(held)
    assert "12D instead of 12A To pay €40" in said(held)
    # Whoever comes back to the map is shown what is under way.
    assert client.get(address(booking)).url == of(the_change())  # type: ignore[attr-defined]
    # And who sends it again, as somebody does whose answer was lost.
    assert choose(client, booking, "12B", "12D").redirect_chain == [(of(the_change()), 302)]
    paying = client.post(f"{of(the_change())}pay/", {"code": "00000"}, follow=True)
    html = paying.content.decode()
    assert "We are paying for your new seats" in html
    assert 'http-equiv="refresh"' in html
    settle(the_change().booking)
    assert "Your seats are changed" in said(client.get(of(the_change())))
    assert (standing(booking), owned(booking)) == (PAID, ["12B", "12D"])


def test_what_costs_nothing_is_done_at_once(client: Client, flight: Flight) -> None:
    hold = saga.hold_seats(flight_id=flight.pk, seats=["1A"], fare="flex", browser_id=ALICE)
    booking = settle(saga.start_payment(booking_id=hold.pk, code="00000", browser_id=ALICE))
    text = said(choose(client, booking, "30A"))
    assert "Your seats are changed You have 30A now. €20.80 is on its way back." in text


def test_wrong_seats_are_refused_beside_the_map_with_what_was_ticked(
    client: Client, flight: Flight
) -> None:
    booking = a_confirmed_booking(flight, "12A")
    a_hold(flight, "9A", browser_id=uuid4())
    for seats, status, why in (
        (["12A", "12B"], 400, "Please choose exactly 1 seat: as many as it has."),
        ([], 400, "Please choose exactly 1 seat: as many as it has."),
        (["12A"], 409, "These are the booking's seats already."),
        (["9A"], 409, "Seat 9A has just been taken."),
        (["99Z"], 400, "This aircraft has no seat 99Z."),
    ):
        answer = choose(client, booking, *seats)
        assert (answer.status_code, why in said(answer)) == (status, True), why
        assert ticked(answer.content.decode()) == [seat for seat in seats if seat in {"12A", "12B"}]
    assert not Change.objects.exists()


@pytest.mark.parametrize("code", ["1", "abcde", ""])
def test_a_wrong_code_is_said_beside_its_field(client: Client, flight: Flight, code: str) -> None:
    booking = a_confirmed_booking(flight, "12A")
    choose(client, booking, "12B")
    for headers in ({}, HTMX):
        answer = client.post(f"{of(the_change())}pay/", {"code": code}, headers=headers)
        assert answer.status_code == 400
        assert 'aria-invalid="true"' in answer.content.decode()
    assert standing(the_change().booking)[0] == State.SEATS_RESERVED


def test_a_payment_that_fails_leaves_the_booking_as_it_was(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight, "12A")
    choose(client, booking, "12B")
    client.post(f"{of(the_change())}pay/", {"code": "11111"})
    settle(the_change().booking)
    text = said(client.get(of(the_change())))
    assert "The change failed" in text
    assert "Nothing was charged. Your booking is as it was before." in text
    assert (standing(booking), owned(booking)) == (PAID, ["12A"])


def test_what_is_paid_too_late_is_said_to_go_back(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight, "12A")
    choose(client, booking, "12B")
    client.post(f"{of(the_change())}pay/", {"code": "00000"})
    saga.reseat(booking_id=booking.pk, seats=["12C"], by="operator:olga")
    settle(the_change().booking)
    assert "Whatever was charged has been given back in full." in said(client.get(of(the_change())))


def test_it_is_given_up_by_a_button_and_ends_by_itself(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight, "12A")
    choose(client, booking, "12B")
    change = the_change()
    left = client.post(f"{of(change)}give-up/", follow=True)
    assert left.redirect_chain == [(f"/bookings/{booking.pk}/", 302)]
    assert "The change was given up" in said(client.get(of(change)))
    choose(client, booking, "12C")
    later = Change.objects.exclude(pk=change.pk).select_related("booking").get()
    run_out(later.booking)
    late = client.post(f"{of(later)}pay/", {"code": "00000"})
    assert late.status_code == 409
    assert "The time to pay was over" in said(late)
    assert owned(booking) == ["12A"]


def test_polling_is_answered_with_nothing_while_nothing_has_changed(
    client: Client, flight: Flight
) -> None:
    booking = a_confirmed_booking(flight, "12A")
    choose(client, booking, "12B")
    change = the_change()
    seen = f"{of(change)}?seen={change.booking.version}"
    assert client.get(seen, headers=HTMX).status_code == 204
    anew = client.get(f"{of(change)}?seen=0", headers=HTMX).content.strip()
    assert anew.startswith(b'<div id="booking"')


def test_nobody_else_sees_or_does_anything(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight, "12A", browser_id=uuid4())
    change = saga.start_change(booking_id=booking.pk, seats=["12B"], browser_id=booking.browser_id)
    for path in (address(booking), of(change)):
        assert client.get(path).status_code == 403
    for path in (address(booking), f"{of(change)}pay/", f"{of(change)}give-up/"):
        assert client.post(path, {"seats": "12C", "code": "00000"}).status_code == 403
    # By its own id it is no booking's page.
    assert client.get(f"/bookings/{change.pk}/").status_code == 404
    own = a_confirmed_booking(flight, "14A")
    assert client.get(f"/bookings/{own.pk}/changes/{change.pk}/").status_code == 404
    assert standing(change.booking)[0] == State.SEATS_RESERVED


def test_what_cannot_be_changed_offers_no_map(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight, "14A")
    hold = a_hold(flight, "12A")
    assert client.get(address(hold), follow=True).redirect_chain == [(f"/bookings/{hold.pk}/", 302)]
    Flight.objects.filter(pk=flight.pk).update(on_sale=False)
    assert address(booking) not in client.get(f"/bookings/{booking.pk}/").content.decode()
