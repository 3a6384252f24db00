from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from bookings.models import Booking
from flights import redis_circuit
from flights.models import Flight
from tests.people import a_flight


class Program:
    """A program that speaks to the API: no cookies, JSON in and JSON out."""

    def __init__(self) -> None:
        self._client = Client(raise_request_exception=False)

    def get(self, address: str) -> Any:
        return self._client.get(f"/api{address}")

    def post(self, address: str, body: object) -> Any:
        return self._client.post(f"/api{address}", body, content_type="application/json")

    def put(self, address: str, body: object) -> Any:
        return self._client.put(f"/api{address}", body, content_type="application/json")

    def delete(self, address: str) -> Any:
        return self._client.delete(f"/api{address}")

    def call(self, method: str, address: str, **anything: Any) -> Any:
        return self._client.generic(method, f"/api{address}", **anything)

    def hold(self, flight: Flight, *seats: str) -> str:
        """Hold these seats; returns the order's id."""
        answer = self.post("/orders", {"flightId": str(flight.pk), "seats": seats})
        assert answer.status_code == 201, answer.content
        order_id: str = answer.json()["orderId"]
        return order_id

    def status(self, order_id: str) -> Any:
        answer = self.get(f"/orders/{order_id}/status")
        assert answer.status_code == 200, answer.content
        return answer.json()


def booking_of(order_id: str) -> Booking:
    return Booking.objects.get(pk=order_id)


@pytest.fixture(autouse=True)
def quick_gateway(settings: Settings) -> None:
    settings.PAYMENT_LATENCY_SECONDS = (0, 0)


@pytest.fixture
def api() -> Program:
    return Program()


@pytest.fixture
def flight(transactional_db: None) -> Flight:
    return a_flight()


@pytest.fixture
def no_workers() -> Iterator[None]:
    """Redis counts as away, so no worker hears of a payment and it keeps running."""
    redis_circuit.rest(60)
    yield
    redis_circuit.rest(0)
