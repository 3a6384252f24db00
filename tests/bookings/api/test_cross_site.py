"""No page of another site makes its visitors' browsers hold seats, pay or give back."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Page

from bookings.models import Booking, State
from flights.models import Flight
from tests.bookings.api.conftest import Program, booking_of
from tests.bookings.api.test_errors import JSON, assert_refused
from tests.running import Processes

pytestmark = pytest.mark.django_db(transaction=True)

# What a browser says of whom a request is from, when it is not one of our own pages.
FOREIGN = [
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    # Another name under the same domain, another port of the same machine.
    {"Sec-Fetch-Site": "same-site", "Origin": "http://testserver:8080"},
    # A browser too old to say more.
    {"Origin": "https://evil.example"},
    {"Origin": "http://testserver.evil.example"},
    {"Origin": "http://evil.example/testserver"},
    # A sandboxed frame, a file, a redirect.
    {"Origin": "null"},
    {"Origin": ""},
    # No address at all, and one with something behind it.
    {"Origin": "http://[evil"},
    {"Origin": "http://testserver#@evil.example"},
    # Said twice, as a server joins it.
    {"Sec-Fetch-Site": "cross-site,same-origin"},
    {"Origin": "https://evil.example,http://testserver"},
    # A word of tomorrow.
    {"Sec-Fetch-Site": "partitioned"},
]
OUR_OWN = [
    {},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"},
    # Behind a proxy that speaks HTTPS, and one that gives the server another name.
    {"Origin": "https://testserver"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://petrel.example"},
    # Typed into the address bar, or an extension's.
    {"Sec-Fetch-Site": "none"},
]
EVIL = "http://evil.example/"
# What any page may have a browser send, and what programs send by mistake.
NOT_JSON = [
    "text/plain",
    "text/plain;charset=UTF-8",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain; application/json",
    "application/json, text/plain",
    "application/jsonp",
    "application/vnd.api+json",
    "application/xml",
    "json",
    ";application/json",
]


def every_change(flight: Flight, order: str) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        ("POST", "/orders", {"flightId": str(flight.pk), "seats": ["14A"]}),
        ("PUT", f"/orders/{order}/seats", {"seats": ["14B"]}),
        ("POST", f"/orders/{order}/pay", {"paymentCode": "00000"}),
        ("DELETE", f"/orders/{order}", {}),
    ]


@contextmanager
def nothing_asked_or_written() -> Iterator[None]:
    """Not even a query."""
    statements: list[str] = []

    def note(execute: Any, sql: str, *args: Any) -> Any:
        statements.append(sql)
        return execute(sql, *args)

    with connection.execute_wrapper(note):
        yield
    assert statements == []


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_nothing_changes_at_the_word_of_another_sites_page(
    api: Program, flight: Flight, headers: dict[str, str]
) -> None:
    order = api.hold(flight, "12A")
    for method, address, body in every_change(flight, order):
        with nothing_asked_or_written():
            answer = api.call(
                method, address, data=json.dumps(body), content_type=JSON, headers=headers
            )
        message = assert_refused(answer, 403, "FORBIDDEN")
        assert message == "A page of another site may not do this."
    assert booking_of(order).version == 1
    assert Booking.objects.count() == 1


@pytest.mark.parametrize("content_type", NOT_JSON)
def test_nothing_but_json_changes_anything(api: Program, flight: Flight, content_type: str) -> None:
    order = api.hold(flight, "12A")
    for method, address, body in every_change(flight, order):
        with nothing_asked_or_written():
            answer = api.call(method, address, data=json.dumps(body), content_type=content_type)
        assert "application/json" in assert_refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE")
    assert booking_of(order).version == 1
    assert Booking.objects.count() == 1


def test_a_body_of_no_type_is_refused_too(api: Program, flight: Flight) -> None:
    body = json.dumps({"flightId": str(flight.pk), "seats": ["12A"]})
    answer = api.call("POST", "/orders", data=body, content_type="")
    assert_refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE")
    # Who sends no body needs not say what it is, but here it is missed.
    assert_refused(api.call("POST", "/orders"), 400, "INVALID_REQUEST")


def test_a_refused_body_is_not_even_read(api: Program) -> None:
    too_long = "x" * 3_000_000
    answer = api.call("POST", "/orders", data=too_long, content_type="text/plain")
    assert_refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("headers", OUR_OWN, ids=str)
def test_programs_and_our_own_pages_do_as_ever(
    api: Program, flight: Flight, headers: dict[str, str]
) -> None:
    order = api.hold(flight, "12A")
    statuses = [
        api.call(method, address, data=json.dumps(body), content_type=JSON, headers=headers)
        for method, address, body in every_change(flight, order)[:3]
    ]
    assert [answer.status_code for answer in statuses] == [201, 200, 202]
    another = api.hold(flight, "15A")
    assert api.call("DELETE", f"/orders/{another}", headers=headers).status_code == 204
    assert booking_of(another).state == State.CANCELLED


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_may_say_how_it_is_written(api: Program, flight: Flight, content_type: str) -> None:
    body = json.dumps({"flightId": str(flight.pk), "seats": ["12A"]})
    assert api.call("POST", "/orders", data=body, content_type=content_type).status_code == 201


def test_whoever_only_looks_is_not_asked_whence(api: Program, flight: Flight) -> None:
    order = api.hold(flight, "12A")
    for address in ("/flights", f"/flights/{flight.pk}", f"/orders/{order}/status"):
        answer = Client().get(f"/api{address}", headers=FOREIGN[0])
        assert answer.status_code == 200


def test_every_change_is_described_with_its_refusals(api: Program) -> None:
    for path, calls in api.get("/openapi.json").json()["paths"].items():
        for method, call in calls.items():
            is_declared = {"403", "415"} <= call["responses"].keys()
            assert is_declared == (method != "get"), path


@pytest.mark.browser
def test_a_form_of_another_sites_page_holds_nothing(
    page: Page, live_stack: Processes, flight: Flight
) -> None:
    body = json.dumps({"flightId": str(flight.pk), "seats": ["12A"], "padding": ""})
    # What a form sends as text is name=value.
    name, value = escape(body[:-2]), escape(body[-2:])
    form = f"""<form method="post" enctype="text/plain" action="{live_stack.url}/api/orders">
        <input type="hidden" name="{name}" value="{value}"><button>Win a flight</button></form>"""
    page.route(EVIL, lambda route: route.fulfill(content_type="text/html", body=form))
    page.goto(EVIL)
    with page.expect_response("**/api/orders") as refused:
        page.get_by_role("button").click()
    assert refused.value.status == 403
    assert not Booking.objects.exists()
