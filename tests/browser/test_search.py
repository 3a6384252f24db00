"""The search: a route on a day, the days around it, and the way back."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.test_accessibility import assert_no_violation, assert_nothing_is_cut_off
from tests.people import a_flight
from tests.running import Processes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE: ViewportSize = {"width": 360, "height": 740}


def test_from_day_to_day_in_the_order_that_was_chosen_and_back(
    page: Page, live_stack: Processes
) -> None:
    flights = [a_flight("AF1"), a_flight("AF2", base_fare_cents=15_000)]
    day = flights[0].departure_date
    page.goto(f"{live_stack.url}/?origin=CDG&destination=JFK&date={day}&party=2")
    page.get_by_role("link", name="Price", exact=True).click()
    expect(page.locator("p.craft").first).to_contain_text("AF2")
    expect(page.locator(".days [aria-current]")).to_contain_text("€300")
    assert_no_violation(page)
    assert_nothing_is_cut_off(page)
    page.locator(".days a").nth(1).click()
    expect(page.locator("h2")).to_contain_text("No flights")
    page.get_by_role("link", name="€300").click()
    expect(page.get_by_role("link", name="Price", exact=True)).to_have_attribute(
        "aria-current", "true"
    )
    page.get_by_role("button", name="Swap From and To").click()
    expect(page.get_by_role("combobox", name="From")).to_have_value("JFK")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("h2")).to_contain_text("No flights")


def test_on_a_phone_the_day_is_seen_among_those_around_it(
    browser: Browser, live_stack: Processes
) -> None:
    page = browser.new_context(viewport=PHONE).new_page()
    day = a_flight().departure_date + timedelta(days=4)
    page.goto(f"{live_stack.url}/?origin=CDG&destination=JFK&date={day}")
    box = page.locator(".days [aria-current]").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    page.context.close()
