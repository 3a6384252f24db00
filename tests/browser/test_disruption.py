"""A flight has changed, and its customer answers: by mouse, by keys, and without scripts."""

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from bookings import saga
from bookings.models import State
from tests.alice import a_confirmed_booking
from tests.browser.steps import open_own
from tests.browser.test_accessibility import (
    assert_no_violation,
    assert_nothing_is_cut_off,
    tab_to,
)
from tests.people import a_flight, standing
from tests.running import Processes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE: ViewportSize = {"width": 360, "height": 740}
WHAT = "See what, and say what you want"


def test_another_flight_is_taken_with_the_keyboard_alone(page: Page, live_stack: Processes) -> None:
    flight = a_flight()
    booking = a_confirmed_booking(flight, "12A")
    a_flight("QQ1")
    saga.delay_flight(flight_id=flight.pk, minutes=75, by="operator:olga")
    open_own(page, live_stack, booking)
    assert_no_violation(page)
    assert_nothing_is_cut_off(page)
    tab_to(page, page.get_by_role("link", name=WHAT))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your flight has changed")).to_be_visible()
    assert_no_violation(page)
    assert_nothing_is_cut_off(page)
    tab_to(page, page.get_by_role("button", name="Take QQ1"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Have a good flight")).to_be_visible()
    expect(page.locator(".ticket")).to_contain_text("QQ1")
    expect(page.get_by_role("link", name=WHAT)).to_have_count(0)


def test_on_a_phone_without_scripts_the_money_goes_back(
    browser: Browser, page: Page, live_stack: Processes
) -> None:
    flight = a_flight()
    booking = a_confirmed_booking(flight, "12A")
    saga.delay_flight(flight_id=flight.pk, minutes=75, by="operator:olga")
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    plain = context.new_page()
    open_own(plain, live_stack, booking)
    plain.get_by_role("link", name=WHAT).click()
    plain.locator("summary", has_text="Cancel with a full refund").click()
    plain.get_by_role("button", name="Yes, cancel and refund").click()
    expect(plain.get_by_role("heading", name="This booking is cancelled")).to_be_visible()
    assert standing(booking)[0] == State.CANCELLED
    context.close()
