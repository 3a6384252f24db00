"""Whatever goes wrong, a program gets `{error, message}`: never HTML, never a stack trace."""

import json
import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from bookings.errors import TABLE, TooManyTries
from bookings.models import Booking
from flights.models import CabinLayout, Flight
from tests.bookings.api.conftest import Program

pytestmark = pytest.mark.django_db(transaction=True)

JSON = "application/json"


def assert_refused(answer: Any, status: int, error: str) -> str:
    """The answer is this refusal and nothing else; returns its message."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"].split(";")[0] == JSON
    body = json.loads(answer.content)
    assert body.keys() == {"error", "message"}
    assert body["error"] == error
    message: str = body["message"]
    assert message.endswith(".")
    assert "<" not in message
    assert "Traceback" not in message
    return message


# --- Requests that cannot be read ---------------------------------------------------------
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"flightId=1&seats=1A",
        b"<order/>",
        b"\xff\xfe\xfa",
        b"nul",
        b"[" * 100_000,
        b'{"flightId": ' + b"9" * 5000 + b"}",
    ],
)
def test_a_body_that_is_not_json_is_refused(api: Program, body: bytes) -> None:
    answer = api.call("POST", "/orders", data=body, CONTENT_TYPE=JSON)
    assert "JSON" in assert_refused(answer, 400, "INVALID_REQUEST")


@pytest.mark.parametrize("body", [b"null", b"1", b'"text"', b"[]", b"true"])
def test_a_body_that_is_no_object_is_refused(api: Program, body: bytes) -> None:
    answer = api.call("POST", "/orders", data=body, content_type=JSON)
    message = assert_refused(answer, 400, "INVALID_REQUEST")
    assert message == "The request body must be a JSON object."


def test_a_body_that_is_too_large_is_refused(api: Program) -> None:
    body = json.dumps({"flightId": 1, "seats": ["x" * 3_000_000]})
    answer = api.call("POST", "/orders", data=body, content_type=JSON)
    assert "could not be read" in assert_refused(answer, 400, "INVALID_REQUEST")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"seats": ["1A"]}, "flightId"),
        ({"flightId": None, "seats": ["1A"]}, "flightId"),
        ({"flightId": True, "seats": ["1A"]}, "flightId"),
        ({"flightId": 1.5, "seats": ["1A"]}, "flightId"),
        ({"flightId": ["1"], "seats": ["1A"]}, "flightId"),
        ({"flightId": 1}, "seats"),
        ({"flightId": 1, "seats": None}, "seats"),
        ({"flightId": 1, "seats": "1A"}, "seats"),
        ({"flightId": 1, "seats": {"1A": 1}}, "seats"),
        ({"flightId": 1, "seats": ["1A", None]}, "seats.1"),
        ({"flightId": 1, "seats": [["1A"]]}, "seats.0"),
        ({"flightId": 1, "seats": [1]}, "seats.0"),
    ],
)
def test_the_field_that_is_wrong_is_named(api: Program, body: object, field: str) -> None:
    message = assert_refused(api.post("/orders", body), 400, "INVALID_REQUEST")
    assert message.startswith(f"{field}: ")


@pytest.mark.parametrize("code", [None, 12345, ["12345"], {}])
def test_a_payment_code_must_be_text(api: Program, flight: Flight, code: object) -> None:
    order = api.hold(flight, "12A")
    answer = api.post(f"/orders/{order}/pay", {"paymentCode": code})
    assert assert_refused(answer, 400, "INVALID_REQUEST").startswith("paymentCode: ")


# --- Addresses and methods ----------------------------------------------------------------
@pytest.mark.parametrize(
    "address", ["/", "/nothing", "/flights/", "/flights/1/2", "/orders/", "/%00", "/docs/x"]
)
def test_an_unknown_address_is_not_found(api: Program, address: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        assert_refused(api.call(method, address), 404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("/flights", "GET"),
        ("/flights/1", "GET"),
        ("/orders", "POST"),
        ("/orders/x/seats", "PUT"),
        ("/orders/x/status", "GET"),
        ("/orders/x/pay", "POST"),
        ("/orders/x", "DELETE"),
    ],
)
def test_a_method_that_is_not_allowed_says_which_is(
    api: Program, address: str, allowed: str
) -> None:
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - {allowed}:
        answer = api.call(method, address)
        assert_refused(answer, 405, "METHOD_NOT_ALLOWED")
        assert answer["Allow"] == allowed


def test_a_host_that_is_not_ours_is_refused_in_json(api: Program) -> None:
    answer = api.call("GET", "/flights", HTTP_HOST="evil.example")
    assert_refused(answer, 400, "INVALID_REQUEST")


def test_no_csrf_token_is_asked_for(flight: Flight) -> None:
    strict = Client(enforce_csrf_checks=True)
    body = {"flightId": flight.pk, "seats": ["12A"]}
    assert strict.post("/api/orders", body, content_type=JSON).status_code == 201


# --- Our own trouble ----------------------------------------------------------------------
def test_an_unexpected_error_tells_nothing_of_itself_and_is_logged(
    api: Program, flight: Flight, caplog: pytest.LogCaptureFixture
) -> None:
    CabinLayout.objects.update(source="nonsense")
    answer = api.get(f"/flights/{flight.pk}")
    assert "nonsense" not in assert_refused(answer, 500, "INTERNAL_ERROR")
    (line,) = [each for each in caplog.records if each.name == "bookings.api.errors"]
    assert line.getMessage() == f"GET /api/flights/{flight.pk} failed"
    assert line.exc_info


def test_a_lock_that_cannot_be_had_in_time_is_a_503(api: Program, flight: Flight) -> None:
    order = api.hold(flight, "12A")
    held, done = threading.Event(), threading.Event()

    def somebody_else() -> None:
        with transaction.atomic():
            Booking.objects.select_for_update().get(pk=order)
            held.set()
            done.wait(10)
        connection.close()

    other = threading.Thread(target=somebody_else)
    other.start()
    held.wait(10)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        answer = api.put(f"/orders/{order}/seats", {"seats": ["12B"]})
    finally:
        done.set()
        other.join()
        connection.close()
    assert_refused(answer, 503, "UNAVAILABLE")
    assert int(answer["Retry-After"]) >= 1
    assert api.status(order)["seats"] == ["12A"]


def test_every_code_of_the_table_is_declared(api: Program) -> None:
    declared = json.dumps(api.get("/openapi.json").json())
    for error, (_, code) in TABLE.items():
        # Only the pages count tries.
        assert f'"{code}"' in declared or error is TooManyTries
