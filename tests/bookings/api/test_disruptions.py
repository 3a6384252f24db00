"""A flight changes, and a program answers for its order; and every refusal."""

from uuid import uuid4

import pytest

from bookings import saga
from bookings.models import Booking
from flights.models import Flight
from tests.bookings.api.conftest import Program
from tests.bookings.api.test_errors import assert_refused
from tests.people import a_confirmed_booking, a_flight, charged_cents, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(flight: Flight) -> Booking:
    return a_confirmed_booking(flight, "1A")


@pytest.fixture
def address(order: Booking) -> str:
    return f"/orders/{order.pk}/disruption"


def delay(flight: Flight) -> None:
    saga.delay_flight(flight_id=flight.pk, minutes=60, by="operator:olga")


def test_what_has_changed_is_told_and_accepted(api: Program, flight: Flight, address: str) -> None:
    assert api.get(address).json() == {"isOpen": False, "what": [], "flights": []}
    assert_refused(api.post(address, {"answer": "accept"}), 409, "ORDER_CLOSED")
    delay(flight)
    assert api.get(address).json() == {"isOpen": True, "what": ["delayed"], "flights": []}
    accepted = api.post(address, {"answer": "accept"})
    assert accepted.status_code == 200
    assert accepted.json()["status"] == "CONFIRMED"
    assert api.get(address).json()["isOpen"] is False


def test_another_flight_is_offered_and_taken(api: Program, flight: Flight, address: str) -> None:
    other = a_flight("QQ1")
    delay(flight)
    [offer] = api.get(address).json()["flights"]
    assert (offer["flightId"], offer["seats"]) == (str(other.pk), ["1A"])
    taken = api.post(address, {"answer": "other_flight", "flightId": offer["flightId"]}).json()
    assert (taken["flightId"], taken["seats"], taken["status"]) == (
        str(other.pk),
        ["1A"],
        "CONFIRMED",
    )


def test_all_the_money_is_given_back(
    api: Program, flight: Flight, order: Booking, address: str
) -> None:
    delay(flight)
    assert api.post(address, {"answer": "refund"}).json()["status"] == "CANCELLED"
    settle(order)
    assert charged_cents(order) == 0


def test_what_cannot_be_answered_is_refused(api: Program, flight: Flight, address: str) -> None:
    delay(flight)
    assert_refused(api.post(address, {"answer": "no"}), 400, "INVALID_REQUEST")
    assert_refused(api.post(address, {}), 400, "INVALID_REQUEST")
    assert_refused(api.post(address, {"answer": "other_flight"}), 404, "FLIGHT_NOT_FOUND")
    nowhere = {"answer": "other_flight", "flightId": "999999"}
    assert_refused(api.post(address, nowhere), 404, "FLIGHT_NOT_FOUND")
    own = {"answer": "other_flight", "flightId": str(flight.pk)}
    assert_refused(api.post(address, own), 409, "ORDER_CLOSED")
    assert_refused(api.get(f"/orders/{uuid4()}/disruption"), 404, "ORDER_NOT_FOUND")
    hers = a_confirmed_booking(flight, "2A", browser_id=uuid4())
    assert_refused(api.get(f"/orders/{hers.pk}/disruption"), 403, "FORBIDDEN")
