"""An order's id is the key to it; a booking's address on the site is not."""

import json
from typing import Any

import pytest

from flights.models import Flight
from tests.alice import ALICE, a_confirmed_booking, a_hold, a_payment, cookie_of
from tests.bookings.api.conftest import Program, booking_of
from tests.bookings.api.test_errors import JSON, assert_refused

pytestmark = pytest.mark.django_db(transaction=True)

CALLS: list[tuple[str, str, Any]] = [
    ("PUT", "/seats", {"seats": ["14A"]}),
    ("PUT", "/seats", {"seats": []}),
    ("POST", "/pay", {"paymentCode": "00000", "name": "Bob", "email": "bob@example.org"}),
    ("DELETE", "", None),
    ("GET", "/status", None),
]


@pytest.mark.parametrize("make", [a_hold, a_payment, a_confirmed_booking])
@pytest.mark.parametrize("cookie", ["", cookie_of(ALICE)], ids=["program", "alice"])
@pytest.mark.parametrize(("method", "part", "body"), CALLS, ids=str)
def test_what_was_begun_in_a_browser_is_no_order(
    api: Program, flight: Flight, make: Any, cookie: str, method: str, part: str, body: Any
) -> None:
    booking = make(flight, "12A")
    sent = {"data": json.dumps(body), "content_type": JSON} if body else {}
    address = f"/orders/{booking.pk}{part}"
    answer = api.call(method, address, HTTP_COOKIE=f"browser={cookie}", **sent)
    assert "only where it was made" in assert_refused(answer, 403, "FORBIDDEN")
    assert booking_of(booking.pk).version == booking.version


def test_an_order_is_whoevers_who_knows_its_id(api: Program, flight: Flight) -> None:
    order = api.hold(flight, "12A")
    other = Program()
    assert other.put(f"/orders/{order}/seats", {"seats": ["14A"]}).status_code == 200
    assert other.status(order)["seats"] == ["14A"]
    assert other.delete(f"/orders/{order}").status_code == 204


def test_the_description_says_that_the_id_is_a_secret(api: Program) -> None:
    said = " ".join(api.get("/openapi.json").json()["info"]["description"].split())
    assert "whoever knows an order's id may see, pay and change it" in said
