"""Paid seats are given back: by mouse, by keys, on a phone, and without scripts."""

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from bookings import saga
from bookings.models import Booking, State
from tests.alice import a_confirmed_booking
from tests.browser.steps import is_listening, open_own
from tests.browser.test_accessibility import (
    assert_no_violation,
    assert_nothing_is_cut_off,
    tab_to,
)
from tests.people import a_flight, owned, settle, standing
from tests.running import Processes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE: ViewportSize = {"width": 360, "height": 740}


def goes_back(page: Page) -> str:
    return page.locator(".sums .back dd").inner_text()


def is_told_as_done(page: Page, amount: str) -> None:
    """Without a look again: the page hears of it."""
    expect(page.locator(".refunds")).to_contain_text(f"{amount} was given back on")


def test_one_of_two_seats_is_given_back_and_then_the_other(
    page: Page, live_stack: Processes
) -> None:
    booking = a_confirmed_booking(a_flight(), "12A", "12B")
    open_own(page, live_stack, booking)
    page.get_by_role("link", name="Cancel seats").click()
    assert_no_violation(page)
    page.get_by_role("button", name="Show what goes back").click()
    expect(page.get_by_role("alert").filter(has_text="at least one seat")).to_be_visible()
    assert_no_violation(page)
    page.get_by_label("12B").check()
    page.get_by_role("button", name="Show what goes back").click()
    expect(page.get_by_role("heading", name="Cancel 12B?")).to_be_visible()
    expect(page.locator("#cancelling")).to_be_focused()
    expect(page.locator("#say")).to_have_text("\u20ac140 of \u20ac200 goes back.")
    assert goes_back(page) == "\u20ac140"
    assert_no_violation(page)
    assert_nothing_is_cut_off(page)
    # What the address says is what is shown.
    page.reload()
    expect(page.get_by_role("heading", name="Cancel 12B?")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Which seats")).to_be_visible()
    page.go_forward()
    page.get_by_role("button", name="Yes, cancel 12B").click()
    expect(page.get_by_role("heading", name="Have a good flight")).to_be_visible()
    is_told_as_done(page, "\u20ac140")
    assert_no_violation(page)
    assert_nothing_is_cut_off(page)
    page.get_by_role("link", name="Cancel seats").click()
    page.get_by_role("button", name="Yes, cancel the booking").click()
    expect(page.get_by_role("heading", name="This booking is cancelled")).to_be_visible()
    expect(page.locator(".refunds li")).to_have_count(2)
    assert_no_violation(page)
    assert standing(booking)[0] == State.CANCELLED


def test_the_keyboard_alone_gives_a_seat_back(page: Page, live_stack: Processes) -> None:
    booking = a_confirmed_booking(a_flight(), "12A", "12B")
    open_own(page, live_stack, booking)
    tab_to(page, page.get_by_role("link", name="Cancel seats"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("12A"))
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Cancel 12A?")).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Yes, cancel 12A"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Have a good flight")).to_be_visible()
    assert owned(booking) == ["12B"]


def test_on_a_phone_without_scripts_all_is_given_back(
    browser: Browser, page: Page, live_stack: Processes
) -> None:
    booking = a_confirmed_booking(a_flight(), "12A", "12B")
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    plain = context.new_page()
    open_own(plain, live_stack, booking)
    plain.get_by_role("link", name="Cancel seats").click()
    plain.get_by_role("button", name="Show what goes back").click()
    expect(plain.get_by_role("alert").filter(has_text="at least one seat")).to_be_visible()
    for seat in booking.seats:
        plain.get_by_label(seat).check()
    plain.get_by_role("button", name="Show what goes back").click()
    assert goes_back(plain) == "\u20ac280"
    plain.get_by_role("button", name="Yes, cancel the booking").click()
    expect(plain.get_by_role("heading", name="This booking is cancelled")).to_be_visible()
    settle(Booking.objects.get(pk=booking.pk))
    plain.reload()
    is_told_as_done(plain, "\u20ac280")
    context.close()


def test_an_open_page_hears_what_staff_give_back(page: Page, live_stack: Processes) -> None:
    booking = a_confirmed_booking(a_flight(), "12A")
    open_own(page, live_stack, booking)
    is_listening(page)
    saga.give_refund(booking_id=booking.pk, amount_cents=1_050, by="operator:olga")
    is_told_as_done(page, "\u20ac10.50")
