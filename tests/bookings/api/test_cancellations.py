"""Giving a paid order back over the API: the quote, its confirmation, and every refusal."""

import re

import pytest

from bookings.models import Booking
from flights.models import Flight
from tests.bookings.api.conftest import Program
from tests.bookings.api.test_errors import assert_refused
from tests.people import a_confirmed_booking, charged_cents, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(flight: Flight) -> Booking:
    return a_confirmed_booking(flight, "1A", "1B")


def test_a_quote_is_asked_for_and_confirmed(api: Program, order: Booking) -> None:
    asked = api.post(f"/orders/{order.pk}/cancellation", {"seats": ["1B"]})
    assert asked.status_code == 201
    quote = asked.json()
    valid_until, quote_id = quote.pop("validUntil"), quote.pop("quoteId")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", valid_until)
    amounts = {"seats": ["1B"], "refundCents": 15_120, "feeCents": 6_480, "currency": "EUR"}
    assert quote == amounts
    for _ in range(2):
        confirmed = api.call("POST", f"/orders/{order.pk}/cancellation/{quote_id}/confirm")
        assert confirmed.status_code == 202
        assert confirmed.json() == {"orderId": str(order.pk), "status": "CONFIRMED", **amounts}
    settle(order)
    assert charged_cents(order) == 21_600 + 6_480
    status = api.get(f"/orders/{order.pk}/status").json()
    assert (status["seats"], status["totalCents"]) == (["1A"], 21_600)


@pytest.mark.parametrize("body", [None, {}, {"seats": ["1A", "1B"]}])
def test_all_seats_end_the_order(
    api: Program, order: Booking, body: dict[str, list[str]] | None
) -> None:
    address = f"/orders/{order.pk}/cancellation"
    asked = api.call("POST", address) if body is None else api.post(address, body)
    quote = asked.json()
    assert quote["refundCents"] == 30_240
    confirmed = api.post(f"/orders/{order.pk}/cancellation/{quote['quoteId']}/confirm", {})
    assert (confirmed.status_code, confirmed.json()["status"]) == (202, "CANCELLED")


def test_what_cannot_be_given_back_is_refused(api: Program, order: Booking) -> None:
    address = f"/orders/{order.pk}/cancellation"
    for seats in ([], ["1A", "1A"], ["30F"]):
        assert_refused(api.post(address, {"seats": seats}), 400, "INVALID_SEATS")
    assert_refused(api.post(address, {"seats": "1A"}), 400, "INVALID_REQUEST")
    assert_refused(api.post("/orders/x/cancellation", {}), 404, "ORDER_NOT_FOUND")
    assert_refused(api.post(f"{address}/nonsense/confirm", {}), 404, "QUOTE_NOT_FOUND")
    first, second = (api.post(address, {"seats": ["1A"]}).json()["quoteId"] for _ in range(2))
    assert api.post(f"{address}/{first}/confirm", {}).status_code == 202
    assert_refused(api.post(f"{address}/{second}/confirm", {}), 409, "QUOTE_ENDED")


def test_what_is_not_paid_has_no_quote(api: Program, flight: Flight) -> None:
    held = api.post("/orders", {"flightId": str(flight.pk), "seats": ["2A"]}).json()["orderId"]
    assert_refused(api.post(f"/orders/{held}/cancellation", {}), 409, "ORDER_CLOSED")
