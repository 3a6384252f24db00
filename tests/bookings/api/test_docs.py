"""The API's own description, and the page that shows it."""

import os
import subprocess
import sys

import pytest
from playwright.sync_api import Page

from flightbooking.processes import BASE_DIR
from tests.bookings.api.conftest import Program
from tests.running import Processes


def test_every_call_is_described(api: Program) -> None:
    paths = api.get("/openapi.json").json()["paths"]
    calls = {(method, path): call for path, of in paths.items() for method, call in of.items()}
    assert calls.keys() == {
        ("get", "/api/flights"),
        ("get", "/api/flights/{flight_id}"),
        ("post", "/api/orders"),
        ("put", "/api/orders/{order_id}/seats"),
        ("put", "/api/orders/{order_id}/passengers"),
        ("put", "/api/orders/{order_id}/fare"),
        ("get", "/api/orders/{order_id}/status"),
        ("post", "/api/orders/{order_id}/pay"),
        ("delete", "/api/orders/{order_id}"),
        ("post", "/api/orders/{order_id}/cancellation"),
        ("post", "/api/orders/{order_id}/cancellation/{quote_id}/confirm"),
        ("post", "/api/orders/{order_id}/changes"),
        ("get", "/api/orders/{order_id}/changes/{change_id}"),
        ("post", "/api/orders/{order_id}/changes/{change_id}/pay"),
        ("delete", "/api/orders/{order_id}/changes/{change_id}"),
        ("get", "/api/orders/{order_id}/disruption"),
        ("post", "/api/orders/{order_id}/disruption"),
    }
    for call in calls.values():
        assert call["summary"]
        assert call["description"]
        assert {"400", "500", "503"} <= call["responses"].keys()


def test_conflicts_are_declared_where_they_can_happen(api: Program) -> None:
    schema = api.get("/openapi.json").json()

    def codes(path: str, method: str, status: str) -> set[str]:
        answer = schema["paths"][path][method]["responses"][status]
        name = answer["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
        error = schema["components"]["schemas"][name]["properties"]["error"]
        return set(error.get("enum") or [error["const"]])

    assert codes("/api/orders", "post", "409") == {"SEATS_UNAVAILABLE", "ORDER_CLOSED"}
    assert codes("/api/orders/{order_id}/seats", "put", "409") == {
        "SEATS_UNAVAILABLE",
        "ORDER_EXPIRED",
        "ORDER_CLOSED",
        "PAYMENT_IN_PROGRESS",
    }
    assert codes("/api/orders/{order_id}/status", "get", "404") == {"ORDER_NOT_FOUND"}
    assert codes("/api/orders/{order_id}/pay", "post", "400") == {
        "INVALID_PASSENGERS",
        "INVALID_REQUEST",
        "INVALID_SEATS",
        "PAYMENT_FAILED",
    }


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_documentation_shows_in_a_browser_without_asking_anybody_else(
    page: Page, live_stack: Processes
) -> None:
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live_stack.url}/api/docs")
    page.get_by_text("Hold seats", exact=True).click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    page.get_by_text("FLIGHT_NOT_FOUND").first.wait_for()
    assert all(url.startswith((live_stack.url, "data:")) for url in asked), asked
    # The browser itself notes the 404 of the call that was tried.
    assert [each for each in complaints if "404" not in each] == []


def test_an_order_with_more_attempts_than_are_allowed_now_can_be_told() -> None:
    script = (
        "from bookings.api.schemas import OrderStatus;"
        "print(OrderStatus.model_json_schema()['properties']['paymentAttempts']['maximum'])"
    )
    told = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", script],
        cwd=BASE_DIR,
        env=os.environ | {"PAYMENT_MAX_ATTEMPTS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.stdout, told.stderr) == ("3\n", "")
