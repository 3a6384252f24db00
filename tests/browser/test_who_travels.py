"""What somebody types about who travels, when the hold is over before it is sent."""

import pytest
from playwright.sync_api import Page, expect

from bookings import saga
from bookings.models import Booking
from tests.browser.steps import is_listening, open_map, tick
from tests.people import a_flight, run_out
from tests.running import Processes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TYPED = {"name": "Ada O\u2019Brien", "email": "ada@münchen.de"}


def type_it_all(page: Page) -> None:
    page.get_by_role("link", name="Continue to payment").click()
    for field, text in TYPED.items():
        page.locator(f"#{field}").fill(text)
    page.locator("#code").fill("123")
    is_listening(page)


def is_still_there(page: Page) -> None:
    for field, text in TYPED.items():
        expect(page.locator(f"#{field}")).to_have_value(text)
    expect(page.locator("#code")).to_have_value("")


def test_it_is_there_again_with_the_same_seats(page: Page, live_stack: Processes) -> None:
    open_map(page, live_stack, a_flight())
    tick(page, "12A")
    type_it_all(page)
    hold = Booking.objects.get()
    run_out(hold)
    saga.advance(hold.pk)
    expect(page.get_by_role("heading", name="The hold ran out")).to_be_visible()
    page.get_by_role("button", name="Try again with the same seats").click()
    is_still_there(page)


def test_it_is_there_again_after_a_look_at_other_seats(page: Page, live_stack: Processes) -> None:
    open_map(page, live_stack, a_flight())
    tick(page, "12A")
    type_it_all(page)
    page.get_by_role("link", name="Change seats").click()
    page.get_by_role("link", name="Continue to payment").click()
    is_still_there(page)


def test_it_is_forgotten_once_the_seats_are_paid_for(page: Page, live_stack: Processes) -> None:
    open_map(page, live_stack, a_flight())
    tick(page, "12A")
    type_it_all(page)
    page.locator("#code").fill("00000")
    page.get_by_role("button", name="Pay now").click()
    expect(page.get_by_role("heading", name="Have a good flight")).to_be_visible()
    open_map(page, live_stack, a_flight("AF2"))
    tick(page, "14A")
    page.get_by_role("link", name="Continue to payment").click()
    expect(page.locator("#name")).to_have_value("")
