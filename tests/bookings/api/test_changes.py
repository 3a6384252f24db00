"""Changing the seats of a paid order over the API: held, paid, given up, and every refusal."""

import re
from uuid import uuid4

import pytest

from bookings.models import Booking
from flights.models import Flight
from tests.bookings.api.conftest import Program
from tests.bookings.api.test_errors import assert_refused
from tests.people import a_confirmed_booking, a_hold, owned, run_out, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(flight: Flight) -> Booking:
    return a_confirmed_booking(flight, "1A", "1B")


def test_other_seats_are_held_paid_for_and_had(api: Program, order: Booking) -> None:
    address = f"/orders/{order.pk}/changes"
    started = api.post(address, {"seats": ["1B", "1C"]})
    assert started.status_code == 201
    change = started.json()
    expires, change_id = change.pop("expiresAt"), change.pop("changeId")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", expires)
    assert started["Location"] == f"/api{address}/{change_id}"
    fee = change.pop("differenceCents")
    assert fee > 0
    assert change == {
        "status": "SEATS_RESERVED",
        "seats": ["1C", "1B"],
        "currency": "EUR",
        "lastError": None,
    }
    for _ in range(2):
        paying = api.post(f"{address}/{change_id}/pay", {"paymentCode": "00000"})
        assert (paying.status_code, paying.json()["status"]) == (202, "PAYMENT_PROCESSING")
    settle(Booking.objects.get(pk=change_id))
    made = api.get(f"{address}/{change_id}").json()
    assert (made["status"], made["expiresAt"], made["differenceCents"]) == ("CHANGED", None, fee)
    assert api.post(f"{address}/{change_id}/pay", {"paymentCode": "00000"}).status_code == 200
    status = api.get(f"/orders/{order.pk}/status").json()
    assert (status["status"], status["seats"]) == ("CONFIRMED", ["1C", "1B"])


def test_what_is_given_up_leaves_the_order_as_it_was(api: Program, order: Booking) -> None:
    address = f"/orders/{order.pk}/changes"
    change_id = api.post(address, {"seats": ["2A", "2B"]}).json()["changeId"]
    for _ in range(2):
        assert api.call("DELETE", f"{address}/{change_id}").status_code == 204
    assert api.get(f"{address}/{change_id}").json()["status"] == "CANCELLED"
    assert owned(order) == ["1A", "1B"]
    assert_refused(
        api.post(f"{address}/{change_id}/pay", {"paymentCode": "00000"}), 409, "ORDER_CLOSED"
    )


def test_a_change_that_is_over_says_so(api: Program, order: Booking) -> None:
    address = f"/orders/{order.pk}/changes"
    change_id = api.post(address, {"seats": ["2A", "2B"]}).json()["changeId"]
    run_out(Booking.objects.get(pk=change_id))
    assert api.get(f"{address}/{change_id}").json()["status"] == "EXPIRED"


def test_what_cannot_be_changed_is_refused(api: Program, order: Booking, flight: Flight) -> None:
    a_hold(flight, "9A")
    address = f"/orders/{order.pk}/changes"
    for seats in ([], ["1A"], ["1A", "1A"], ["1A", "30Z"]):
        assert_refused(api.post(address, {"seats": seats}), 400, "INVALID_SEATS")
    assert_refused(api.post(address, {}), 400, "INVALID_REQUEST")
    assert_refused(api.post(address, {"seats": ["1B", "1A"]}), 409, "ORDER_CLOSED")
    taken = api.post(address, {"seats": ["1B", "9A"]})
    assert (taken.status_code, taken.json()["seats"]) == (409, ["9A"])
    assert_refused(
        api.post(f"/orders/{uuid4()}/changes", {"seats": ["2A"]}), 404, "ORDER_NOT_FOUND"
    )
    assert_refused(api.get(f"{address}/nonsense"), 404, "CHANGE_NOT_FOUND")
    assert_refused(api.get(f"{address}/{uuid4()}"), 404, "CHANGE_NOT_FOUND")
    change_id = api.post(address, {"seats": ["2A", "2B"]}).json()["changeId"]
    assert_refused(api.post(address, {"seats": ["3A", "3B"]}), 409, "CHANGE_OPEN")
    pay = f"{address}/{change_id}/pay"
    assert_refused(api.post(pay, {"paymentCode": "1"}), 400, "PAYMENT_FAILED")
    # A change is no order.
    assert_refused(api.get(f"/orders/{change_id}/status"), 403, "FORBIDDEN")
    assert_refused(api.call("DELETE", f"/orders/{change_id}"), 403, "FORBIDDEN")


def test_a_hold_is_changed_otherwise(api: Program, flight: Flight) -> None:
    held = api.post("/orders", {"flightId": str(flight.pk), "seats": ["2A"]}).json()["orderId"]
    refused = api.post(f"/orders/{held}/changes", {"seats": ["2B"]})
    assert_refused(refused, 409, "ORDER_CLOSED")
