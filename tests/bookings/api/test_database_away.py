"""A real web server whose database is not there."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse

import pytest

from tests.running import Processes, free_port

ORDER = "/api/orders/7b6c1f1e-1f4b-4b5e-9a56-000000000000"


@pytest.fixture(scope="module")
def web() -> Iterator[Processes]:
    nobody = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    web = Processes("web", port=free_port(), DATABASE_URL=nobody)
    web.start()
    yield web
    web.stop()


def ask(web: Processes, method: str, path: str, body: object = None) -> tuple[HTTPResponse, str]:
    connection = HTTPConnection("127.0.0.1", web.port, timeout=20)
    json_body = {"Content-Type": "application/json"} if body is not None else {}
    connection.request(method, path, json.dumps(body) if body is not None else None, json_body)
    answer = connection.getresponse()
    return answer, answer.read().decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/flights", None),
        ("GET", "/api/flights/1", None),
        ("POST", "/api/orders", {"flightId": "1", "seats": ["1A"]}),
        ("PUT", f"{ORDER}/seats", {"seats": ["1A"]}),
        ("PUT", f"{ORDER}/fare", {"fare": "light"}),
        ("GET", f"{ORDER}/status", None),
        ("POST", f"{ORDER}/pay", {"paymentCode": "00000"}),
        ("DELETE", ORDER, None),
    ],
)
def test_every_call_says_to_try_again_soon(
    web: Processes, method: str, path: str, body: object
) -> None:
    answer, text = ask(web, method, path, body)
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) >= 1
    assert json.loads(text) == {
        "error": "UNAVAILABLE",
        "message": "The booking system is away for a moment. Please try again.",
    }


@pytest.mark.django_db
def test_health_names_the_database(web: Processes) -> None:
    answer, text = ask(web, "GET", "/health")
    assert (answer.status, text) == (503, "DOWN: database")


@pytest.mark.django_db
def test_metrics_still_answer(web: Processes) -> None:
    answer, text = ask(web, "GET", "/metrics")
    assert answer.status == 200
    assert "database_up 0.0" in text
    assert "bookings_open" not in text


@pytest.mark.django_db
def test_the_documentation_needs_no_database(web: Processes) -> None:
    answer, _ = ask(web, "GET", "/api/docs")
    assert answer.status == 200
