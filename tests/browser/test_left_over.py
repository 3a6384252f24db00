"""Staff give a flight a smaller aircraft in a browser: whom they choose leaves, at the end."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from flights.models import CabinLayout, Flight
from tests.browser.test_accessibility import assert_no_violation
from tests.browser.test_back_office import ROOM, sign_in
from tests.people import LAYOUT, a_confirmed_booking, a_flight, a_hold
from tests.running import Processes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def flight(transactional_db: None) -> Flight:
    """With two couples more than the smaller aircraft has seats for, and another one later."""
    flight = a_flight()
    delay = timedelta(hours=2)
    a_flight("AF1236", departure=flight.departure + delay, arrival=flight.arrival + delay)
    CabinLayout.objects.create(code="tiny", source=LAYOUT.replace("1-30", "1"))
    for row in range(5, 10):
        a_confirmed_booking(flight, f"{row}A", f"{row}B")
    a_hold(flight, "20C")
    return flight


@pytest.mark.parametrize("width", [1280, 360])
def test_nobody_is_left_without_a_seat_or_an_answer(
    page: Page, live_stack: Processes, flight: Flight, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    sign_in(page, live_stack)
    page.goto(f"{live_stack.url}/admin/flights/flight/{flight.pk}/swap/?layout=tiny")
    who = page.get_by_role("region", name="Who leaves")
    expect(who.get_by_role("heading")).to_have_text("5 cannot stay")
    assert_no_violation(page)
    who.get_by_text("Volunteers among").click()
    who.get_by_role("checkbox").first.check()
    who.get_by_role("combobox").nth(1).select_option(label="Is cancelled and refunded")
    page.get_by_label("Reason:").fill("Bird strike")
    who.get_by_role("button", name="See what comes of it").click()
    expect(who).to_contain_text("Cancelled; 400.00 EUR go back.")
    expect(who).to_contain_text("AF1236 on")
    expect(page.get_by_label("Reason:")).to_have_value("Bird strike")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Swap the aircraft").click()
    expect(page.locator(".messagelist")).to_contain_text("Swap the aircraft: done")
    expect(page.locator("#now .counts")).to_contain_text("6 booked")
    done = page.locator("#now .history", has_text="What was done to the flight")
    expect(done).to_contain_text("2 ended")


def test_a_booking_is_moved_to_the_flight_that_is_chosen(
    page: Page, live_stack: Processes, flight: Flight
) -> None:
    booking = a_confirmed_booking(flight, "1A")
    sign_in(page, live_stack)
    page.goto(f"{live_stack.url}{ROOM}{booking.pk}/change/")
    page.get_by_role("link", name="Move to another flight").click()
    assert_no_violation(page)
    page.get_by_role("radio", name="AF1236").check()
    page.get_by_label("Reason:").fill("Missed the connection")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("seats 1A")
