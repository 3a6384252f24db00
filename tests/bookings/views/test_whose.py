"""Whoever was given a booking's address sees how it stands; only who made it does more."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from bookings import saga, urls
from bookings.models import Booking, State
from flights.models import Flight
from tests.alice import ALICE, a_confirmed_booking, a_hold, a_payment, browser_of, cookie_of
from tests.people import named, run_out, settle

pytestmark = pytest.mark.django_db(transaction=True)

HTMX = {"HX-Request": "true"}
ADA: dict[str, Any] = {"name": "Ada Lovelace", "email": "ada@example.org"}
REFUSED = "This booking can be paid, changed or given back only where it was made."


def by_ada(flight: Flight) -> Booking:
    return named(a_hold(flight), "Ada Lovelace", email=ADA["email"])


def paid(flight: Flight, code: str = "00000") -> Booking:
    return settle(a_payment(flight, code=code, **ADA))


def failed(flight: Flight) -> Booking:
    return paid(flight, code="11111")


def paying(flight: Flight) -> Booking:
    booking = a_payment(flight, code="99999")
    saga.advance(booking.pk)
    return booking


def emptied(flight: Flight) -> Booking:
    return saga.update_seats(booking_id=a_hold(flight).pk, seats=[], browser_id=ALICE)


def expired(flight: Flight) -> Booking:
    booking = a_hold(flight)
    run_out(booking)
    return booking


def refunded(flight: Flight) -> Booking:
    booking = paid(flight)
    saga.cancel_and_refund(booking_id=booking.pk, by="operator:olga", reason="Ada is ill")
    return settle(booking)


STATES: dict[str, tuple[Callable[[Flight], Booking], str]] = {
    "held": (a_hold, "These seats are held"),
    "named": (by_ada, "These seats are held"),
    "emptied": (emptied, "This booking has no seats yet"),
    "paying": (paying, "These seats are being paid for"),
    "paid": (paid, "These seats are booked"),
    "failed": (failed, "This booking has ended"),
    "expired": (expired, "This booking has ended"),
    "refunded": (refunded, "This booking has ended"),
}
each_state = pytest.mark.parametrize(("make", "words"), STATES.values(), ids=STATES)


# A new browser, somebody else's, one that forges Alice's cookie, and one that knows her number.
STRANGERS: dict[str, dict[str, str]] = {
    "new": {},
    "bob": {"browser": cookie_of(uuid4())},
    "forger": {"browser": f"{ALICE.hex}:1abcde:forged"},
    "guesser": {"browser": ALICE.hex},
}


def strangers() -> Iterator[tuple[str, Client]]:
    """Each of them, by name."""
    for name, cookies in STRANGERS.items():
        client = Client()
        for cookie, value in cookies.items():
            client.cookies[cookie] = value
        yield name, client


def main_of(answer: Any) -> str:
    assert answer.status_code == 200
    html: str = answer.content.decode()
    return html.partition("<main")[2] or html


@each_state
def test_a_stranger_sees_how_it_stands_and_nothing_of_a_person(
    flight: Flight, make: Callable[[Flight], Booking], words: str, subtests: pytest.Subtests
) -> None:
    booking = make(flight)
    told = [*ADA.values(), "Ada", "declined", "refused", "charged", "given back in full", "ttempt"]
    secrets = (*told, str(ALICE), ALICE.hex, "Have a good flight")
    controls = ("<form", "<button", "hx-post", "data-copy", "csrfmiddlewaretoken", "<input")
    for part, headers in {"": {}, "progress/?seen=0": HTMX}.items():
        for name, stranger in strangers():
            with subtests.test(stranger=name, part=part):
                html = main_of(stranger.get(f"/bookings/{booking.pk}/{part}", headers=headers))
                assert words in html
                assert "AF1234" in html
                assert not booking.seats or "12A" in html
                locator = Booking.objects.get(pk=booking.pk).record_locator
                assert not locator or locator not in html
                assert [each for each in (*secrets, *controls) if each in html] == []


def test_the_clock_of_a_hold_runs_for_whoever_looks(flight: Flight) -> None:
    assert "data-due=" in main_of(Client().get(f"/bookings/{a_hold(flight).pk}/"))


@each_state
@pytest.mark.parametrize("action", ["pay", "passengers", "cancel", "cancellation", "again"])
def test_a_stranger_can_do_nothing_with_it(
    flight: Flight,
    make: Callable[[Flight], Booking],
    words: str,
    action: str,
    subtests: pytest.Subtests,
) -> None:
    booking = make(flight)
    saga.advance(booking.pk)
    before = saga.look(booking.pk)
    for headers, (name, stranger) in product(({}, HTMX), strangers()):
        with subtests.test(stranger=name, headers=headers):
            for code in ("00000", "99999", "nonsense"):
                data = {"code": code, "p0-given": "Bob", "email": "bob@example.org"}
                address = f"/bookings/{booking.pk}/{action}/"
                answer = stranger.post(address, data, headers=headers)
                html = answer.content.decode()
                assert answer.status_code == 403
                assert REFUSED in html
                assert not booking.record_locator or booking.record_locator not in html
            after = saga.look(booking.pk)
            assert (after.version, after.name, after.email) == (
                before.version, before.name, before.email,
            )  # fmt: skip
            assert after.passengers == before.passengers
            assert Booking.objects.count() == 1


def test_no_address_of_a_booking_takes_what_a_stranger_sends(flight: Flight) -> None:
    """Also one that somebody adds."""
    booking, bob = a_hold(flight), browser_of(uuid4())
    for page in urls.urlpatterns:
        if "booking_id" not in page.pattern.converters:
            continue
        address = "/" + str(page.pattern).replace("<uuid:booking_id>", str(booking.pk))
        address = address.replace("<uuid:change_id>", str(uuid4()))
        for headers in ({}, HTMX):
            assert bob.get(address, headers=headers).status_code in (200, 204, 403, 404, 405)
            assert bob.post(address, {"code": "00000"}, headers=headers).status_code in (403, 405)
    assert saga.look(booking.pk).version == booking.version


def test_what_a_program_began_is_in_no_browsers_hands(flight: Flight) -> None:
    """Not even in those of one that comes without a cookie, as programs do."""
    booking = saga.hold_seats(flight_id=flight.pk, seats=["12A"])
    for client in (Client(), browser_of(ALICE)):
        assert "<form" not in main_of(client.get(f"/bookings/{booking.pk}/"))
        for action in ("pay", "cancel", "again"):
            answer = client.post(f"/bookings/{booking.pk}/{action}/", {"code": "00000"})
            assert answer.status_code == 403
    assert saga.look(booking.pk).version == booking.version


def test_alices_other_tabs_do_all_of_it(client: Client, flight: Flight) -> None:
    booking = a_hold(flight)
    other_tab = browser_of(ALICE)
    assert "Who travels?" in main_of(other_tab.get(f"/bookings/{booking.pk}/"))
    assert other_tab.post(f"/bookings/{booking.pk}/cancel/").status_code == 302
    held = other_tab.post(f"/bookings/{booking.pk}/again/")["Location"]
    names = {"p0-given": "Ada", "p0-family": "Lovelace"}
    assert client.post(f"{held}passengers/", names)["Location"] == held
    assert "Pay now" in main_of(other_tab.get(held))
    answer = client.post(f"{held}pay/", {"code": "00000"})
    assert answer["Location"] == held
    confirmed = settle(Booking.objects.exclude(pk=booking.pk).get())
    assert confirmed.state == State.CONFIRMED
    assert "Ada Lovelace" in main_of(client.get(held))


def test_a_browser_that_lost_its_cookie_is_a_stranger(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight)
    locator = str(booking.record_locator)
    assert locator in main_of(client.get(f"/bookings/{booking.pk}/"))
    del client.cookies["browser"]
    assert locator not in main_of(client.get(f"/bookings/{booking.pk}/"))


def test_a_strangers_look_is_not_taken_for_his_own_hold(flight: Flight) -> None:
    bob = browser_of(uuid4())
    bob.get(f"/bookings/{a_hold(flight).pk}/")
    assert "held" not in bob.cookies
    assert "Your held seats" not in bob.get("/").content.decode()
