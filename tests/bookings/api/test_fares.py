"""The fare of an order, as programs choose it and read what was sold."""

from datetime import datetime, timedelta

import pytest

from bookings import saga
from flights.models import Flight
from tests.bookings.api.conftest import Program, booking_of
from tests.people import settle

pytestmark = pytest.mark.django_db(transaction=True)


def instant(flight: Flight, hours: int) -> str:
    """So long before the departure."""
    until = flight.departure - timedelta(hours=hours)
    return f"{until:%Y-%m-%dT%H:%M:%S}.{until.microsecond // 1000:03}Z"


def test_an_order_without_a_fare_is_standard_and_says_so(api: Program, flight: Flight) -> None:
    body = api.post("/orders", {"flightId": flight.pk, "seats": ["12A", "12B"]}).json()
    assert (body["fare"], body["totalCents"]) == ("standard", 40_000)
    assert body["conditions"] == {
        "fare": "standard",
        "name": "Standard",
        "refundPercent": 70,
        "refundableUntil": instant(flight, 24),
        "refundCents": 28_000,
        "changeFeePercent": 10,
        "changeFeeCents": 4_000,
        "currency": "EUR",
    }
    assert api.status(body["orderId"])["conditions"] == body["conditions"]


def test_a_flight_names_its_fares_before_anything_is_held(api: Program, flight: Flight) -> None:
    light, standard, flex = api.get(f"/flights/{flight.pk}").json()["fares"]
    assert light == {
        "fare": "light",
        "name": "Light",
        "pricePercent": 85,
        "refundPercent": 0,
        "refundableUntil": None,
        "changeFeePercent": 30,
    }
    assert (standard["fare"], standard["pricePercent"]) == ("standard", 100)
    assert (flex["refundPercent"], flex["refundableUntil"]) == (100, instant(flight, 2))


def test_a_fare_is_named_with_the_seats_or_chosen_later(api: Program, flight: Flight) -> None:
    order = api.post("/orders", {"flightId": flight.pk, "seats": ["12A"], "fare": "light"}).json()
    assert (order["fare"], order["totalCents"]) == ("light", 17_000)
    address = f"/orders/{order['orderId']}"
    answer = api.put(f"{address}/fare", {"fare": "flex"})
    assert (answer.status_code, answer.json()["totalCents"]) == (200, 26_000)
    assert answer.json()["expiresAt"] == order["expiresAt"]
    kept = api.put(f"{address}/seats", {"seats": ["12B"]}).json()
    assert (kept["fare"], kept["totalCents"]) == ("flex", 26_000)
    changed = api.put(f"{address}/seats", {"seats": ["12B"], "fare": "light"}).json()
    assert changed["conditions"]["refundableUntil"] is None
    assert (changed["fare"], changed["totalCents"]) == ("light", 17_000)


@pytest.mark.parametrize(
    ("fare", "error"),
    [
        ("gold", "INVALID_FARE"),
        ("", "INVALID_FARE"),
        ("Light\n", "INVALID_FARE"),
        (5, "INVALID_REQUEST"),
        (["light"], "INVALID_REQUEST"),
        ({}, "INVALID_REQUEST"),
    ],
)
def test_a_fare_that_is_none_is_refused_by_name(
    api: Program, flight: Flight, fare: object, error: str
) -> None:
    order = api.hold(flight, "12A")
    for answer in (
        api.post("/orders", {"flightId": flight.pk, "seats": ["13A"], "fare": fare}),
        api.put(f"/orders/{order}/fare", {"fare": fare}),
        api.put(f"/orders/{order}/seats", {"seats": ["13A"], "fare": fare}),
    ):
        assert (answer.status_code, answer.json()["error"]) == (400, error)
    missing = api.put(f"/orders/{order}/fare", {})
    assert missing.json() == {"error": "INVALID_REQUEST", "message": "fare: Field required."}
    assert api.status(order)["seats"] == ["12A"]


def test_a_paid_order_keeps_its_fare_and_its_conditions(api: Program, flight: Flight) -> None:
    order = api.hold(flight, "12A")
    saga.start_payment(booking_id=booking_of(order).pk, code="00000")
    answer = api.put(f"/orders/{order}/fare", {"fare": "flex"})
    assert (answer.status_code, answer.json()["error"]) == (409, "PAYMENT_IN_PROGRESS")
    settle(booking_of(order))
    answer = api.put(f"/orders/{order}/fare", {"fare": "flex"})
    assert (answer.status_code, answer.json()["error"]) == (409, "ORDER_CLOSED")
    assert api.status(order)["conditions"]["refundPercent"] == 70
    assert datetime.fromisoformat(api.status(order)["conditions"]["refundableUntil"])
