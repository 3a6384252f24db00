"""Orders, as programs hold, change and look at them."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from bookings.models import Booking, PaymentAttempt
from flights.models import Flight
from tests.bookings.api.conftest import Program, booking_of
from tests.people import let_time_pass, owned, run_out

pytestmark = pytest.mark.django_db(transaction=True)

ORDER = {
    *("orderId", "flightId", "status", "seats", "expiresAt", "totalCents", "currency"),
    *("fare", "conditions"),
}


# --- Holding ------------------------------------------------------------------------------
def test_an_order_is_answered_when_its_seats_are_held(api: Program, flight: Flight) -> None:
    answer = api.post("/orders", {"flightId": str(flight.pk), "seats": ["12B", "12A"]})
    assert answer.status_code == 201
    body = answer.json()
    assert body.keys() == ORDER | {"workflowId"}
    assert body["workflowId"] == f"booking-{body['orderId']}"
    assert body["flightId"] == str(flight.pk)
    assert (body["status"], body["seats"]) == ("SEATS_RESERVED", ["12A", "12B"])
    assert (body["totalCents"], body["currency"]) == (40_000, "EUR")
    assert owned(booking_of(body["orderId"])) == ["12A", "12B"]
    assert answer["Location"] == f"/api/orders/{body['orderId']}/status"


def test_the_hold_ends_fifteen_minutes_from_now_in_utc(api: Program, flight: Flight) -> None:
    body = api.post("/orders", {"flightId": str(flight.pk), "seats": ["12A"]}).json()
    assert body["expiresAt"].endswith("Z")
    left = datetime.fromisoformat(body["expiresAt"]) - timezone.now()
    assert timedelta(minutes=14, seconds=50) < left <= timedelta(minutes=15)


def test_a_flights_id_may_also_be_given_as_a_number(api: Program, flight: Flight) -> None:
    answer = api.post("/orders", {"flightId": flight.pk, "seats": ["12A"]})
    assert answer.status_code == 201
    assert answer.json()["flightId"] == str(flight.pk)


def test_fields_that_nobody_asked_for_are_ignored(api: Program, flight: Flight) -> None:
    body = {"flightId": flight.pk, "seats": ["12A"], "customer": "Alice"}
    assert api.post("/orders", body).status_code == 201


def test_a_taken_seat_is_refused_by_name_and_nothing_is_held(api: Program, flight: Flight) -> None:
    api.hold(flight, "12A", "12C")
    answer = api.post("/orders", {"flightId": flight.pk, "seats": ["12A", "12B", "12C"]})
    assert answer.status_code == 409
    assert answer.json() == {
        "error": "SEATS_UNAVAILABLE",
        "message": "Seats 12A, 12C have just been taken.",
        "seats": ["12A", "12C"],
    }
    assert Booking.objects.count() == 1
    assert api.post("/orders", {"flightId": flight.pk, "seats": ["12B"]}).status_code == 201


@pytest.mark.parametrize(
    ("seats", "wrong"),
    [
        ([], "at least one"),
        (["12A", "12A"], "only once"),
        (["99Z"], "99Z"),
        (["12a"], "12a"),
        (["12A\u0000"], "no seat"),
        ([""], "no seat"),
        (["\U0001f4ba"], "no seat"),
        ([f"{row}A" for row in range(1, 11)], "At most 9"),
        (["x" * 100_000], "no seat"),
    ],
)
def test_seats_that_cannot_be_held_are_refused(
    api: Program, flight: Flight, seats: list[str], wrong: str
) -> None:
    answer = api.post("/orders", {"flightId": str(flight.pk), "seats": seats})
    assert answer.status_code == 400
    assert answer.json().keys() == {"error", "message"}
    assert answer.json()["error"] == "INVALID_SEATS"
    assert wrong in answer.json()["message"]
    assert len(answer.json()["message"]) < 300


@pytest.mark.parametrize("flight_id", ["0", -1, 2**63, 10**400, "", "FL-1", "1\u0000", "٣"])
@pytest.mark.usefixtures("flight")
def test_an_unknown_flight_is_not_found(api: Program, flight_id: str | int) -> None:
    answer = api.post("/orders", {"flightId": flight_id, "seats": ["12A"]})
    assert answer.status_code == 404
    assert answer.json() == {"error": "FLIGHT_NOT_FOUND", "message": "There is no such flight."}


def test_a_flight_that_is_not_on_sale_is_refused(api: Program, flight: Flight) -> None:
    Flight.objects.update(on_sale=False)
    answer = api.post("/orders", {"flightId": flight.pk, "seats": ["12A"]})
    assert (answer.status_code, answer.json()["error"]) == (409, "ORDER_CLOSED")


# --- Changing -----------------------------------------------------------------------------
def test_new_seats_replace_the_old_and_start_the_clock_again(api: Program, flight: Flight) -> None:
    order = api.hold(flight, "12A", "12B")
    let_time_pass(booking_of(order), 100)
    answer = api.put(f"/orders/{order}/seats", {"seats": ["12B", "14C"]})
    assert answer.status_code == 200
    assert answer.json().keys() == ORDER
    assert (answer.json()["status"], answer.json()["seats"]) == ("SEATS_RESERVED", ["12B", "14C"])
    assert owned(booking_of(order)) == ["12B", "14C"]
    assert api.status(order)["timerRemaining"] > 890


def test_an_empty_list_frees_all_and_leaves_the_order_open(api: Program, flight: Flight) -> None:
    order = api.hold(flight, "12A")
    answer = api.put(f"/orders/{order}/seats", {"seats": []})
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["seats"]) == ("CREATED", [])
    assert answer.json()["totalCents"] == 0
    assert answer.json()["expiresAt"] is not None
    assert owned(booking_of(order)) == []
    assert api.put(f"/orders/{order}/seats", {"seats": ["1A"]}).json()["seats"] == ["1A"]


def test_a_conflict_keeps_the_seats_and_the_clock(api: Program, flight: Flight) -> None:
    api.hold(flight, "12B")
    order = api.hold(flight, "12A")
    before = api.status(order)
    answer = api.put(f"/orders/{order}/seats", {"seats": ["12B", "12C"]})
    assert answer.status_code == 409
    assert (answer.json()["error"], answer.json()["seats"]) == ("SEATS_UNAVAILABLE", ["12B"])
    after = api.status(order)
    assert (after["seats"], after["expiresAt"]) == (before["seats"], before["expiresAt"])


# --- Status -------------------------------------------------------------------------------
def test_the_status_says_how_the_order_stands(api: Program, flight: Flight) -> None:
    order = api.hold(flight, "12A")
    status = api.status(order)
    timer = {"timerRemaining", "paymentAttempts", "lastError", "recordLocator"}
    assert status.keys() == ORDER | timer
    assert (status["orderId"], status["status"], status["seats"]) == (
        order,
        "SEATS_RESERVED",
        ["12A"],
    )
    assert 890 < status["timerRemaining"] <= 900
    assert (status["paymentAttempts"], status["lastError"], status["recordLocator"]) == (
        0,
        None,
        None,
    )


def test_the_timer_counts_down_in_whole_seconds(api: Program, flight: Flight) -> None:
    order = api.hold(flight, "12A")
    let_time_pass(booking_of(order), 800)
    remaining = api.status(order)["timerRemaining"]
    assert isinstance(remaining, int)
    assert 90 < remaining <= 100


def test_a_hold_that_is_over_says_expired_though_nobody_swept(api: Program, flight: Flight) -> None:
    order = api.hold(flight, "12A")
    run_out(booking_of(order))
    status = api.status(order)
    assert (status["status"], status["timerRemaining"], status["expiresAt"]) == ("EXPIRED", 0, None)
    assert owned(booking_of(order)) == []


@pytest.mark.usefixtures("no_workers")
def test_asking_for_the_status_takes_no_payment_step(api: Program, flight: Flight) -> None:
    order = api.hold(flight, "12A")
    api.post(f"/orders/{order}/pay", {"paymentCode": "00000"})
    assert api.status(order)["status"] == "PAYMENT_PROCESSING"
    assert not PaymentAttempt.objects.exists()


def test_a_status_is_one_query_even_with_a_browsers_cookies(
    api: Program, flight: Flight, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    order = api.hold(flight, "12A")
    with django_assert_num_queries(1):
        api.call("GET", f"/orders/{order}/status", HTTP_COOKIE="sessionid=abc; csrftoken=def")


@pytest.mark.usefixtures("no_old_locks")
def test_a_step_of_an_order_is_one_query(
    api: Program, flight: Flight, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    api.hold(flight, "12A")
    with django_assert_num_queries(1):
        paid = api.hold(flight, "12B")
    given_up = api.hold(flight, "12C")
    with django_assert_num_queries(1):
        assert api.post(f"/orders/{paid}/pay", {"paymentCode": "00000"}).status_code == 202
    with django_assert_num_queries(1):
        assert api.delete(f"/orders/{given_up}").status_code == 204
