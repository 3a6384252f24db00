"""The operators' page of a flight in a browser: it follows what customers do, and back."""

import pytest
from playwright.sync_api import Browser, Page, expect

from bookings import saga
from flights.models import CabinLayout, Flight
from tests.browser.steps import another_browser, is_listening, label, open_map, seat, tick
from tests.browser.test_accessibility import assert_no_violation
from tests.browser.test_back_office import sign_in
from tests.people import LAYOUT, a_confirmed_booking, a_flight, a_hold, every_kind_of_seat
from tests.running import Processes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def open_flight(page: Page, stack: Processes, flight: Flight) -> None:
    page.goto(f"{stack.url}/admin/flights/flight/{flight.pk}/change/")


def test_the_map_follows_customers_and_customers_follow_the_operator(
    page: Page, browser: Browser, live_stack: Processes
) -> None:
    flight = a_flight()
    sign_in(page, live_stack)
    open_flight(page, live_stack, flight)
    is_listening(page)
    with another_browser(browser) as alices:
        open_map(alices, live_stack, flight)
        tick(alices, "12A")
        expect(seat(page, "12A")).to_have_attribute("data-state", "held")
        assert "held by" in label(page, "12A")
        expect(page.locator("#now .counts")).to_contain_text("1 held")
        # A click tells what became of the seat, and chooses it.
        seat(page, "12A").click()
        expect(page.locator("#seat-history")).to_contain_text("by customer")
        seat(page, "12A").click()
        seat(page, "12B").click()
        expect(page.locator("#seat-history")).to_contain_text("Nobody has had it yet")
        page.get_by_label("Why:").fill("broken")
        page.get_by_role("button", name="Block chosen seats", exact=True).click()
        expect(page.locator(".messagelist")).to_contain_text("Block 12B: done")
        expect(seat(page, "12B")).to_have_attribute("data-state", "blocked")
        expect(seat(alices, "12B")).to_have_attribute("data-state", "booked")
        is_listening(alices)
        saga.close_flight(flight_id=flight.pk, by="operator:max")
        expect(page.locator("#now")).to_contain_text("Closed for sale")
        expect(alices.locator("#panel")).to_contain_text("Not on sale")


def test_open_maps_are_drawn_again_when_the_aircraft_is_swapped(
    page: Page, browser: Browser, live_stack: Processes
) -> None:
    flight = a_flight()
    CabinLayout.objects.create(
        code="smaller", source=LAYOUT.replace("ABC DEF", "AB DEF").replace("1-30", "1-20")
    )
    sign_in(page, live_stack)
    open_flight(page, live_stack, flight)
    is_listening(page)
    with another_browser(browser) as alices:
        open_map(alices, live_stack, flight)
        tick(alices, "12C")
        is_listening(alices)
        page.get_by_role("link", name="Swap the aircraft…").click()
        page.get_by_role("button", name="See the plan").click()
        expect(page.get_by_role("heading", name="0 keep the seat, 1 move")).to_be_visible()
        assert_no_violation(page)
        page.get_by_label("Reason:").fill("Repair")
        page.get_by_role("button", name="Swap the aircraft").click()
        expect(page.locator(".messagelist")).to_contain_text("Swap the aircraft: done")
        expect(seat(alices, "12C")).to_have_count(0)
        expect(alices.locator("input[name=seats]:checked")).to_have_count(1)


def test_the_flights_pages_have_no_violation(page: Page, live_stack: Processes) -> None:
    flight = a_flight(layout=every_kind_of_seat())
    a_confirmed_booking(flight, "1A")
    a_hold(flight, "2A")
    saga.block_seats(flight_id=flight.pk, seats=["2D"], by="operator:max", reason="crew")
    sign_in(page, live_stack)
    open_flight(page, live_stack, flight)
    seat(page, "2D").click()
    expect(page.locator("#seat-history")).to_contain_text("crew")
    for width in (360, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert_no_violation(page)
    for path in (f"act/cancel/?ids={flight.pk}", "schedule/", f"day/?day={flight.departure_date}"):
        page.goto(f"{live_stack.url}/admin/flights/flight/{path}")
        assert_no_violation(page)
    # A cancellation ends before one's eyes.
    saga.cancel_flight(flight_id=flight.pk, by="operator:max", reason="Fog")
    open_flight(page, live_stack, flight)
    expect(page.locator(".cancellation")).to_contain_text("1 of 1 refunded")
    assert_no_violation(page)
