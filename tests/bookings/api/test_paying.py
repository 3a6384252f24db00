"""Paying for an order, and how it ends."""

from collections.abc import Callable
from typing import Any

import pytest

from bookings.models import State
from flights.models import Flight
from tests.bookings.api.conftest import Program, booking_of
from tests.people import charged_cents, owned, run_out, settle
from tests.running import Processes, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


NOBODYS = "7b6c1f1e-1f4b-4b5e-9a56-000000000000"


# --- Paying -------------------------------------------------------------------------------
def test_a_payment_ends_confirmed_with_a_record_locator(
    api: Program, flight: Flight, celery_workers: Processes
) -> None:
    order = api.hold(flight, "12A")
    answer = api.post(f"/orders/{order}/pay", {"paymentCode": "00000"})
    assert answer.status_code == 202
    assert answer.json() == {"orderId": order, "status": "PAYMENT_PROCESSING"}
    wait_until(lambda: api.status(order)["status"] == "CONFIRMED", "the payment", seconds=10)
    status = api.status(order)
    assert len(status["recordLocator"]) == 6
    assert (status["paymentAttempts"], status["lastError"]) == (1, None)
    assert (status["timerRemaining"], status["expiresAt"]) == (0, None)


@pytest.mark.usefixtures("no_workers")
def test_the_same_code_again_is_the_same_answer_and_one_charge(
    api: Program, flight: Flight
) -> None:
    order = api.hold(flight, "12A")
    first, again = (api.post(f"/orders/{order}/pay", {"paymentCode": "00000"}) for _ in range(2))
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    booking = settle(booking_of(order))
    assert booking.state == State.CONFIRMED
    assert charged_cents(booking) == booking.total_cents


@pytest.mark.usefixtures("no_workers")
def test_a_declined_payment_says_why(api: Program, flight: Flight) -> None:
    order = api.hold(flight, "12A")
    api.post(f"/orders/{order}/pay", {"paymentCode": "99999"})
    settle(booking_of(order))
    status = api.status(order)
    assert (status["status"], status["paymentAttempts"]) == ("FAILED", 3)
    assert "declined" in status["lastError"]
    assert status["recordLocator"] is None


@pytest.mark.parametrize(
    "code", ["", "1234", "123456", "1234a", "12 45", "١٢٣٤٥", "12345\n", "1234\u0000", "\uff19" * 5]
)
def test_a_code_that_is_not_five_digits_is_refused(api: Program, flight: Flight, code: str) -> None:
    order = api.hold(flight, "12A")
    answer = api.post(f"/orders/{order}/pay", {"paymentCode": code})
    assert answer.status_code == 400
    assert answer.json() == {
        "error": "PAYMENT_FAILED",
        "message": "The payment code must be exactly five digits, 0 to 9.",
    }
    assert api.status(order)["status"] == "SEATS_RESERVED"


def test_a_contact_is_refused_for_its_own_reasons(api: Program, flight: Flight) -> None:
    order = api.hold(flight, "12A")
    payment = {"paymentCode": "00000", "name": "www.evil.example", "email": "ada"}
    answer = api.post(f"/orders/{order}/pay", payment)
    assert (answer.status_code, answer.json()["error"]) == (400, "INVALID_REQUEST")
    assert answer.json()["message"] == (
        "Please give a name, without addresses. "
        "This is no e-mail address yet; one looks like ada@example.org."
    )
    assert api.status(order)["status"] == "SEATS_RESERVED"


@pytest.mark.parametrize("name", ["山田\u3000太郎", "علی\u200cرضا", "Ada\u00a0Lovelace"])
@pytest.mark.usefixtures("no_workers")
def test_a_name_of_any_language_is_taken(api: Program, flight: Flight, name: str) -> None:
    order = api.hold(flight, "12A")
    answer = api.post(f"/orders/{order}/pay", {"paymentCode": "00000", "name": name})
    assert answer.status_code == 202


def test_paying_without_a_seat_is_refused(api: Program, flight: Flight) -> None:
    order = api.hold(flight, "12A")
    api.put(f"/orders/{order}/seats", {"seats": []})
    answer = api.post(f"/orders/{order}/pay", {"paymentCode": "00000"})
    assert (answer.status_code, answer.json()["error"]) == (400, "INVALID_SEATS")


@pytest.mark.usefixtures("no_workers")
def test_nothing_else_can_be_done_while_the_payment_runs(api: Program, flight: Flight) -> None:
    order = api.hold(flight, "12A")
    api.post(f"/orders/{order}/pay", {"paymentCode": "00000"})
    for answer in (
        api.post(f"/orders/{order}/pay", {"paymentCode": "12345"}),
        api.put(f"/orders/{order}/seats", {"seats": ["12B"]}),
        api.delete(f"/orders/{order}"),
    ):
        assert answer.status_code == 409
        assert answer.json() == {
            "error": "PAYMENT_IN_PROGRESS",
            "message": "The payment is being processed. Please wait for its result.",
        }
    assert settle(booking_of(order)).state == State.CONFIRMED


# --- Ending -------------------------------------------------------------------------------
def test_deleting_an_order_frees_its_seats_and_again_is_the_same(
    api: Program, flight: Flight
) -> None:
    order = api.hold(flight, "12A")
    for _ in range(2):
        answer = api.delete(f"/orders/{order}")
        assert (answer.status_code, answer.content) == (204, b"")
    assert api.status(order)["status"] == "CANCELLED"
    assert api.post("/orders", {"flightId": flight.pk, "seats": ["12A"]}).status_code == 201


def test_nothing_can_be_done_with_an_order_that_has_ended(api: Program, flight: Flight) -> None:
    order = api.hold(flight, "12A")
    api.delete(f"/orders/{order}")
    for answer in (
        api.post(f"/orders/{order}/pay", {"paymentCode": "00000"}),
        api.put(f"/orders/{order}/seats", {"seats": ["12B"]}),
    ):
        assert (answer.status_code, answer.json()["error"]) == (409, "ORDER_CLOSED")
        assert "cancelled" in answer.json()["message"]


@pytest.mark.usefixtures("no_workers")
def test_the_same_code_again_after_it_was_paid_answers_what_happened(
    api: Program, flight: Flight
) -> None:
    order = api.hold(flight, "12A")
    api.post(f"/orders/{order}/pay", {"paymentCode": "00000"})
    booking = settle(booking_of(order))
    for _ in range(2):
        answer = api.post(f"/orders/{order}/pay", {"paymentCode": "00000"})
        assert answer.status_code == 200
        assert answer.json() == {
            "orderId": order,
            "status": "CONFIRMED",
            "recordLocator": booking.record_locator,
        }
    assert charged_cents(booking) == booking.total_cents


@pytest.mark.usefixtures("no_workers")
def test_a_confirmed_order_says_that_it_is_paid_whatever_else_is_tried(
    api: Program, flight: Flight
) -> None:
    order = api.hold(flight, "12A")
    api.post(f"/orders/{order}/pay", {"paymentCode": "00000"})
    booking = settle(booking_of(order))
    for answer in (
        api.post(f"/orders/{order}/pay", {"paymentCode": "12345"}),
        api.put(f"/orders/{order}/seats", {"seats": ["12B"]}),
        api.delete(f"/orders/{order}"),
    ):
        assert (answer.status_code, answer.json()["error"]) == (409, "ORDER_CLOSED")
        assert "already paid" in answer.json()["message"]
        assert "new one" not in answer.json()["message"]
    assert (api.status(order)["status"], owned(booking)) == ("CONFIRMED", ["12A"])


@pytest.mark.usefixtures("no_workers")
@pytest.mark.parametrize("code", ["11111", "00000"])
def test_an_order_whose_payment_failed_says_so_whatever_the_code(
    api: Program, flight: Flight, code: str
) -> None:
    order = api.hold(flight, "12A")
    api.post(f"/orders/{order}/pay", {"paymentCode": "11111"})
    settle(booking_of(order))
    for answer in (
        api.post(f"/orders/{order}/pay", {"paymentCode": code}),
        api.put(f"/orders/{order}/seats", {"seats": ["12B"]}),
        api.delete(f"/orders/{order}"),
    ):
        assert (answer.status_code, answer.json()["error"]) == (409, "ORDER_CLOSED")
        assert "payment" in answer.json()["message"]
        assert "failed" in answer.json()["message"]


def test_whoever_comes_after_the_hold_is_over_is_told_so(api: Program, flight: Flight) -> None:
    calls: tuple[Callable[[str], Any], ...] = (
        lambda order: api.post(f"/orders/{order}/pay", {"paymentCode": "00000"}),
        lambda order: api.put(f"/orders/{order}/seats", {"seats": ["12B"]}),
        lambda order: api.delete(f"/orders/{order}"),
    )
    for call in calls:
        order = api.hold(flight, "12A")
        run_out(booking_of(order))
        for _ in range(2):
            answer = call(order)
            assert answer.status_code == 409
            assert answer.json()["error"] == "ORDER_EXPIRED"
        assert api.status(order)["status"] == "EXPIRED"


@pytest.mark.parametrize("order", [NOBODYS, "1", "not-an-id", "%00", "a" * 5000])
def test_an_unknown_order_is_not_found(api: Program, order: str) -> None:
    for answer in (
        api.get(f"/orders/{order}/status"),
        api.post(f"/orders/{order}/pay", {"paymentCode": "00000"}),
        api.put(f"/orders/{order}/seats", {"seats": []}),
        api.delete(f"/orders/{order}"),
    ):
        assert answer.status_code == 404
        assert answer.json() == {
            "error": "ORDER_NOT_FOUND",
            "message": "There is no such booking.",
        }
