"""No violation of WCAG that axe can find, on any page, in light and dark."""

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from bookings.models import Booking, State
from flights.models import Flight
from tests.people import a_flight, a_hold, a_payment, standing
from tests.running import Processes, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def assert_no_violation(page: Page) -> None:
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def a_settled_payment(flight: Flight, seat: str, *, code: str) -> Booking:
    """A payment that the running workers have brought to its end."""
    booking = a_payment(flight, seat, code=code)
    wait_until(lambda: standing(booking)[0] != State.PAYMENT_PROCESSING, "the payment's end")
    return booking


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_violation(page: Page, live_stack: Processes, scheme: str) -> None:
    # Without motion, so that no colour is measured on its way to another.
    colours: Literal["dark", "light"] = "dark" if scheme == "dark" else "light"
    page.emulate_media(color_scheme=colours, reduced_motion="reduce")
    flight = a_flight()
    a_hold(flight, "2A")
    sold = a_settled_payment(flight, "3A", code="00000")
    held: Booking = a_hold(flight, "4A", "4B")
    failed = a_settled_payment(flight, "5A", code="11111")
    paths = [
        "/",
        "/?origin=xyzzy",
        f"/flights/{flight.pk}/",
        *(f"/bookings/{booking.pk}/" for booking in (sold, held, failed)),
        "/nowhere/",
    ]
    for path in paths:
        page.goto(live_stack.url + path)
        if path.startswith("/flights/"):
            page.locator("input[value='12A'][name=seats]").click()
            page.locator(".mine").wait_for()
            expect(page.locator(".asking")).to_have_count(0)
            page.locator("input[value='2A'][name=seats]").click(force=True)
        assert_no_violation(page)
