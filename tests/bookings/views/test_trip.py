"""A booking found again, in another browser: by its code and a name, or by the link of a mail."""

import re
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django_redis import get_redis_connection
from pytest_django import DjangoAssertNumQueries

from bookings import saga
from bookings.models import Booking, PaymentStatus, State
from bookings.notifications.links import key_of, link_to
from bookings.notifications.outbox import send_due
from bookings.saga import Said
from bookings.views import rights, trip
from flights import redis_circuit
from flights.models import Flight
from tests.alice import ALICE, a_hold, a_payment
from tests.bookings.saga.test_correcting_names import leave
from tests.people import named, settle, standing

pytestmark = pytest.mark.django_db(transaction=True)

UNKNOWN = "We find no booking with this code and name."


@pytest.fixture(autouse=True)
def no_tries_yet() -> None:
    redis = get_redis_connection()
    if keys := redis.keys("tries:*"):
        redis.delete(*keys)


@pytest.fixture
def booking(flight: Flight) -> Booking:
    """Alice's, of Ada Lovelace and José de la Cruz; paid."""
    hold = a_hold(flight, "12A", "12B")
    said = [Said("12A", "Ada", "Lovelace"), Said("12B", "José", "de la Cruz")]
    about: dict[str, Any] = {"booking_id": hold.pk, "browser_id": ALICE}
    saga.name_passengers(**about, said=said, email="ada@example.org")
    return settle(saga.start_payment(**about, code="00000"))


def ask(client: Client, locator: str | None, surname: str, **more: Any) -> Any:
    return client.post("/trip/", {"locator": locator or "", "surname": surname}, **more)


def is_open(client: Client, booking: Booking) -> bool:
    return "Have a good flight" in client.get(f"/bookings/{booking.pk}/").content.decode()


@pytest.mark.parametrize(
    "surname",
    [
        "Lovelace",
        " LOVELACE\u3000",
        "lóvelace",
        "de la cruz",
        "Delacruz",
        "DE-LA-CRUZ",
        "d e lacruz",
    ],
)
def test_it_is_found_however_the_name_is_written(booking: Booking, surname: str) -> None:
    client = Client()
    assert not is_open(client, booking)
    locator = str(booking.record_locator)
    answer = ask(client, f" {locator[:3]} {locator[3:].lower()}", surname)
    assert answer["Location"] == f"/bookings/{booking.pk}/"
    assert is_open(client, booking)


@pytest.mark.parametrize("surname", ["Ada", "Love", "Lovelacey", "Cruz", "%", "\x00", "A" * 201])
def test_another_name_finds_nothing(booking: Booking, surname: str) -> None:
    client = Client()
    answer = ask(client, booking.record_locator, surname)
    assert answer.status_code in (400, 404)
    assert "rights" not in client.cookies
    assert not is_open(client, booking)


def test_a_wrong_name_and_an_unknown_code_are_answered_alike(
    booking: Booking, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client, answers = Client(), []
    for locator in (booking.record_locator, "X2X2XX"):
        with django_assert_num_queries(1):
            answers.append(ask(client, locator, "Hopper"))
    assert {answer.status_code for answer in answers} == {404}
    pages = [
        re.sub(r'value="[^"]*"|nonce="[^"]*"', "", answer.content.decode()) for answer in answers
    ]
    assert UNKNOWN in pages[0]
    assert pages[0] == pages[1]


def test_who_has_one_name_or_none_was_named(flight: Flight) -> None:
    one = named(a_hold(flight, "13A"), "Sukarno")
    saga.name_passengers(booking_id=one.pk, said=[Said("13A", "Sukarno")], browser_id=ALICE)
    settle(saga.start_payment(booking_id=one.pk, code="00000", browser_id=ALICE))
    unnamed = settle(a_payment(flight, "14A", name="Grace Hopper"))
    nobody = settle(a_payment(flight, "15A"))
    for booking, surname in ((one, "sukarno"), (unnamed, "HOPPER"), (unnamed, "Grace Hopper")):
        booking.refresh_from_db()
        assert ask(Client(), booking.record_locator, surname).status_code == 302
    for surname in ("", " ", "-", "None"):
        assert ask(Client(), nobody.record_locator, surname).status_code in (400, 404)


def test_what_is_not_paid_has_no_code_to_be_found_by(flight: Flight) -> None:
    hold = named(a_hold(flight), "Lovelace")
    for locator in ("", str(hold.record_locator), "NONE"):
        assert ask(Client(), locator, "Lovelace").status_code in (400, 404)


def test_what_is_missing_is_told_beside_its_field(client: Client) -> None:
    answer = ask(client, "", "")
    assert answer.status_code == 400
    html = answer.content.decode()
    assert 'id="locator-error"' in html
    assert 'id="surname-error"' in html
    assert html.count("autofocus") == 1


# --- Tries ----------------------------------------------------------------------------------
@pytest.mark.parametrize("redis", ["there", "away"])
def test_a_client_tries_so_often_and_then_waits(
    booking: Booking, monkeypatch: pytest.MonkeyPatch, redis: str
) -> None:
    monkeypatch.setattr(trip, "MOST_TRIES", 3)
    # In a stretch of its own, and so long that none ends meanwhile.
    monkeypatch.setattr(trip, "STRETCH_SECONDS", 10**6 + uuid4().int % 10**6)
    if redis == "away":
        redis_circuit.rest(60)
    codes = [f"X2X2X{letter}" for letter in "ABCD"]
    assert [ask(Client(), code, "Hopper").status_code for code in codes] == [404] * 3 + [429]
    answer = ask(Client(), booking.record_locator, "Lovelace")
    redis_circuit.rest(0)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "tried too often" in answer.content.decode()
    elsewhere = ask(Client(), booking.record_locator, "Lovelace", REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 302


def test_a_code_is_tried_so_often_whoever_asks(
    booking: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trip, "MOST_TRIES", 3)
    answers = [
        ask(Client(), booking.record_locator, "Hopper", REMOTE_ADDR=f"192.0.2.{n}").status_code
        for n in range(4)
    ]
    assert answers == [404] * 3 + [429]


# --- Rights ---------------------------------------------------------------------------------
def test_whoever_found_it_may_do_what_its_maker_may(booking: Booking) -> None:
    client = Client()
    ask(client, booking.record_locator, "Lovelace")
    page = f"/bookings/{booking.pk}/"
    assert "Correct a name" in client.get(page).content.decode()
    fields = {
        "p0-given": "Adda",
        "p0-family": "Lovelace",
        "p1-given": "José",
        "p1-family": "de la Cruz",
    }
    assert client.post(f"{page}passengers/", fields).status_code == 302
    assert Booking.objects.get(pk=booking.pk).name == "Adda Lovelace"


def test_an_order_of_a_program_is_found_too(flight: Flight) -> None:
    hold = saga.hold_seats(flight_id=flight.pk, seats=["12A"])
    paid = settle(saga.start_payment(booking_id=hold.pk, code="00000", name="Ada Lovelace"))
    client = Client()
    assert ask(client, paid.record_locator, "Lovelace").status_code == 302
    assert is_open(client, paid)


def test_after_a_cancellation_the_same_seats_are_held_again(booking: Booking) -> None:
    client = Client()
    ask(client, booking.record_locator, "Lovelace")
    saga.cancel_and_refund(booking_id=booking.pk, by="operator:olga")
    settle(booking)
    held = client.post(f"/bookings/{booking.pk}/again/")["Location"]
    assert "Pay now" in client.get(held).content.decode()
    assert "Pay now" not in Client().get(held).content.decode()


def test_rights_end(booking: Booking, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    ask(client, booking.record_locator, "Lovelace")
    cookie = client.cookies["rights"]
    assert (cookie["max-age"], cookie["path"], cookie["samesite"]) == (3600, "/bookings/", "Lax")
    assert cookie["httponly"]
    assert is_open(client, booking)
    now = time.time()
    monkeypatch.setattr("bookings.views.rights.time.time", lambda: now + 3601)
    assert not is_open(client, booking)


@pytest.mark.parametrize("value", ["", "x", "e30:1x:forged", "W10:1x:y", "é" * 90])
def test_forged_rights_are_none(booking: Booking, value: str) -> None:
    client = Client()
    client.cookies["rights"] = value
    assert not is_open(client, booking)


def test_rights_to_one_are_no_rights_to_another(booking: Booking, flight: Flight) -> None:
    other = settle(a_payment(flight, "20A", name="Bob"))
    client = Client()
    ask(client, booking.record_locator, "Lovelace")
    assert not is_open(client, other)
    assert client.post(f"/bookings/{other.pk}/cancel/").status_code == 403


# --- The link of a mail ---------------------------------------------------------------------
def test_the_mails_link_opens_it(
    booking: Booking, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    send_due(booking.pk)
    found = re.search(r"http://\S+", str(mailoutbox[0].body))
    assert found
    client = Client()
    answer = client.get("/" + found[0].split("/", 3)[3])
    assert answer["Location"] == f"/bookings/{booking.pk}/"
    assert is_open(client, booking)


def path_of(booking: Booking) -> str:
    return "/" + link_to(booking).split("/", 3)[3]


def test_it_ends_with_the_departure_and_with_another_address(
    booking: Booking, flight: Flight
) -> None:
    old = path_of(booking)
    said = [Said("12A", "Ada", "Lovelace"), Said("12B", "José", "de la Cruz")]
    about: dict[str, Any] = {"booking_id": booking.pk, "said": said, "by": "operator:olga"}
    saga.correct_passengers(**about, email="augusta@example.org")
    assert Client().get(old).status_code == 404
    booking.refresh_from_db()
    assert Client().get(path_of(booking)).status_code == 302
    leave(flight)
    answer = Client().get(path_of(booking))
    assert answer.status_code == 404
    assert "This link has ended." in answer.content.decode()


def test_a_link_that_somebody_makes_up_opens_nothing(booking: Booking, flight: Flight) -> None:
    nobodys = settle(a_payment(flight, "14A"))
    keys = [key_of(nobodys), key_of(booking)[:-1], "x", "%00"]
    paths = [f"/trip/{booking.pk}/{key}/" for key in keys] + [path_of(nobodys)]
    for path in [*paths, f"/trip/{uuid4()}/{key_of(booking)}/"]:
        client = Client()
        assert client.get(path).status_code == 404, path
        assert "rights" not in client.cookies
    assert standing(booking) == (State.CONFIRMED, PaymentStatus.CHARGED)
    assert timedelta(seconds=rights.SECONDS) == timedelta(hours=1)
