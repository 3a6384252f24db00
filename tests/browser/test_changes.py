"""A paid booking gets other seats: by mouse, by keys, on a phone, and without scripts."""

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from bookings.models import Change, State
from tests.alice import a_confirmed_booking
from tests.browser.steps import open_own, seat
from tests.browser.test_accessibility import (
    assert_no_violation,
    assert_nothing_is_cut_off,
    tab_to,
)
from tests.people import a_flight, owned, settle, standing
from tests.running import Processes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE: ViewportSize = {"width": 360, "height": 740}


def pay(page: Page, code: str) -> None:
    page.get_by_label("Five-digit payment code").fill(code)
    page.get_by_role("button", name="Pay now").click()


def test_other_seats_are_chosen_paid_for_and_had(page: Page, live_stack: Processes) -> None:
    booking = a_confirmed_booking(a_flight(), "12A", "12B")
    open_own(page, live_stack, booking)
    page.get_by_role("link", name="Change seats").click()
    assert_no_violation(page)
    assert_nothing_is_cut_off(page)
    seat(page, "12A").uncheck(force=True)
    page.get_by_role("button", name="Change to these seats").click()
    expect(page.get_by_role("alert").filter(has_text="exactly 2 seats")).to_be_visible()
    seat(page, "12C").check(force=True)
    page.get_by_role("button", name="Change to these seats").click()
    expect(page.get_by_role("heading", name="Your new seats are held")).to_be_visible()
    assert_no_violation(page)
    assert_nothing_is_cut_off(page)
    pay(page, "123")
    expect(page.get_by_label("Five-digit payment code")).to_be_focused()
    pay(page, "11111")
    expect(page.get_by_role("heading", name="The change failed")).to_be_visible()
    assert_no_violation(page)
    assert_nothing_is_cut_off(page)
    assert owned(booking) == ["12A", "12B"]
    page.get_by_role("link", name="Choose other seats").click()
    seat(page, "12A").uncheck(force=True)
    seat(page, "12C").check(force=True)
    page.get_by_role("button", name="Change to these seats").click()
    pay(page, "00000")
    expect(page.get_by_role("heading", name="Your seats are changed")).to_be_visible()
    assert_no_violation(page)
    assert_nothing_is_cut_off(page)
    page.get_by_role("link", name="See your booking").click()
    expect(page.locator(".seats")).to_contain_text("12C")
    assert owned(booking) == ["12B", "12C"]


def test_the_keyboard_alone_changes_a_seat_and_thinks_better_of_it(
    page: Page, live_stack: Processes
) -> None:
    booking = a_confirmed_booking(a_flight(), "12A")
    open_own(page, live_stack, booking)
    tab_to(page, page.get_by_role("link", name="Change seats"))
    page.keyboard.press("Enter")
    tab_to(page, seat(page, "12A"))
    for key in ("Space", "ArrowRight", "Space"):
        page.keyboard.press(key)
    expect(seat(page, "12B")).to_be_checked()
    tab_to(page, page.get_by_role("button", name="Change to these seats"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your new seats are held")).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Keep the seats I have"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Have a good flight")).to_be_visible()
    assert standing(Change.objects.get().booking)[0] == State.CANCELLED
    assert owned(booking) == ["12A"]


def test_on_a_phone_without_scripts_seats_are_changed(
    browser: Browser, page: Page, live_stack: Processes
) -> None:
    booking = a_confirmed_booking(a_flight(), "12A")
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    plain = context.new_page()
    open_own(plain, live_stack, booking)
    plain.get_by_role("link", name="Change seats").click()
    seat(plain, "12A").uncheck(force=True)
    seat(plain, "14C").check(force=True)
    plain.get_by_role("button", name="Change to these seats").click()
    pay(plain, "00000")
    settle(Change.objects.get().booking)
    plain.reload()
    expect(plain.get_by_role("heading", name="Your seats are changed")).to_be_visible()
    assert owned(booking) == ["14C"]
    context.close()
