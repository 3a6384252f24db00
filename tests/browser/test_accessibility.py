"""No violation of WCAG that axe can find, on any page, in light and dark."""

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from bookings.models import Booking
from tests.people import a_confirmed_booking, a_flight, a_hold, a_payment, settle
from tests.running import Processes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def assert_no_violation(page: Page) -> None:
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_violation(page: Page, live_stack: Processes, scheme: str) -> None:
    # Without motion, so that no colour is measured on its way to another.
    colours: Literal["dark", "light"] = "dark" if scheme == "dark" else "light"
    page.emulate_media(color_scheme=colours, reduced_motion="reduce")
    flight = a_flight()
    a_hold(flight, "2A")
    sold = a_confirmed_booking(flight, "3A")
    held: Booking = a_hold(flight, "4A", "4B")
    failed = settle(a_payment(flight, "5A", code="11111"))
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
