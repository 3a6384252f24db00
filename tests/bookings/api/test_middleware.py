"""What programs ask for passes nothing that only browsers need, and says what browsers are told."""

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from flights.models import Flight

pytestmark = pytest.mark.django_db(transaction=True)

# Every answer says it, whoever asks.
HEADERS = {
    # It may have a customer's hold on it, or an order.
    "cache-control": "no-store",
    "content-security-policy": "frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/?origin=nowhere",
        "/airports/?origin=par",
        "/nothing/",
        "/flights/1/",
        "/bookings/7b6c1f1e-1f4b-4b5e-9a56-000000000000/",
        "/admin/",
        "/admin/login/",
        "/api/flights",
        "/api/orders/7b6c1f1e-1f4b-4b5e-9a56-000000000000/status",
        "/api/nothing",
        "/api/docs",
        "/health",
        "/metrics",
    ],
)
def test_every_answer_has_the_same_safe_headers(address: str) -> None:
    answer = Client().get(address)
    for name, value in HEADERS.items():
        assert value in answer.headers[name]


def test_a_session_that_does_not_exist_is_looked_for_by_pages_only(
    flight: Flight, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = "0" * 32
    with django_assert_num_queries(0):
        assert not hasattr(browser.get("/health").wsgi_request, "session")
    assert hasattr(browser.get("/").wsgi_request, "session")


def test_a_form_from_nowhere_is_refused_by_pages_and_means_nothing_to_programs() -> None:
    careful = Client(enforce_csrf_checks=True)
    assert careful.post("/flights/1/").status_code == 403
    assert careful.post("/health").status_code == 405


def test_a_host_that_is_not_ours_is_refused_in_json() -> None:
    answer = Client().get("/api/flights", headers={"host": "evil.example"})
    assert (answer.status_code, answer.json()["error"]) == (400, "INVALID_REQUEST")
