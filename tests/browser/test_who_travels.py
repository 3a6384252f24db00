"""What somebody types about who travels: asked for once, and there again whenever it is needed."""

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from bookings import saga
from bookings.models import Booking, State
from tests.alice import ALICE
from tests.browser.steps import is_listening, name_passengers, open_map, open_own, tick
from tests.people import a_flight, a_hold, run_out
from tests.running import Processes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE: ViewportSize = {"width": 360, "height": 740}
TYPED = {"p0-given": "Ada", "p0-family": "O\u2019Brien", "email": "ada@münchen.de"}


def type_it_all(page: Page) -> None:
    page.get_by_role("link", name="Continue").click()
    for field, text in TYPED.items():
        page.locator(f"[name={field}]").fill(text)
    is_listening(page)


def is_still_there(page: Page) -> None:
    for field, text in TYPED.items():
        expect(page.locator(f"[name={field}]")).to_have_value(text)


def test_a_family_is_named_and_named_otherwise(page: Page, live_stack: Processes) -> None:
    open_map(page, live_stack, a_flight())
    tick(page, "12A", "12B")
    page.get_by_role("link", name="Continue").click()
    first, second = page.locator(".passenger").all()
    expect(second.get_by_label("Date of birth").first).to_be_hidden()
    first.get_by_label("Given name", exact=True).fill("Ada")
    first.get_by_label("Family name").first.fill("Lovelace")
    first.get_by_text("With an infant").click()
    first.get_by_label("The infant").fill("Ralph")
    page.get_by_role("button", name="Continue to payment").click()
    # Whoever forgets somebody is led to the field.
    expect(page.locator("[name=p0-infant_born]")).to_be_visible()
    expect(page.locator("[name=p0-infant_born]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name=p1-given]")).to_have_attribute("aria-invalid", "true")
    page.locator("[name=p0-infant_born]").fill("2026-06-01")
    page.locator("[name=p1-family]").fill("King")
    second.get_by_label("Child under 12").check()
    second.get_by_label("Date of birth").first.fill("2019-06-01")
    page.get_by_label("E-mail").fill("ada@example.org")
    page.get_by_role("button", name="Continue to payment").click()
    expect(page.get_by_label("Five-digit payment code")).to_be_visible()
    told = page.locator(".ticket .seats")
    expect(told).to_contain_text("Ada Lovelace with Ralph")
    expect(told).to_contain_text("King (child)")
    page.get_by_role("link", name="Change who travels").click()
    page.locator("[name=p0-given]").fill("Augusta")
    page.get_by_role("button", name="Continue to payment").click()
    expect(told).to_contain_text("Augusta Lovelace")
    page.get_by_label("Five-digit payment code").fill("00000")
    page.get_by_role("button", name="Pay now").click()
    expect(page.get_by_role("heading", name="Have a good flight, Augusta")).to_be_visible()
    expect(told).to_contain_text("King (child)")


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
    page.get_by_role("link", name="Continue").click()
    is_still_there(page)


def test_who_was_named_is_named_again_after_a_decline(page: Page, live_stack: Processes) -> None:
    open_map(page, live_stack, a_flight())
    tick(page, "12A")
    name_passengers(page, "Ada Lovelace")
    page.get_by_label("Five-digit payment code").fill("11111")
    page.get_by_role("button", name="Pay now").click()
    page.get_by_role("button", name="Try again with the same seats").click()
    expect(page.get_by_role("button", name="Pay now")).to_be_visible()
    expect(page.locator(".ticket")).to_contain_text("Ada Lovelace")


def test_it_is_forgotten_once_the_seats_are_paid_for(page: Page, live_stack: Processes) -> None:
    open_map(page, live_stack, a_flight())
    tick(page, "12A")
    name_passengers(page, "Ada Lovelace")
    page.get_by_label("Five-digit payment code").fill("00000")
    page.get_by_role("button", name="Pay now").click()
    expect(page.get_by_role("heading", name="Have a good flight")).to_be_visible()
    open_map(page, live_stack, a_flight("AF2"))
    tick(page, "14A")
    page.get_by_role("link", name="Continue").click()
    expect(page.locator("[name=p0-given]")).to_have_value("")


def test_on_a_phone_without_scripts_it_is_named_too(
    browser: Browser, live_stack: Processes
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    hold = a_hold(a_flight(), "12A", browser_id=ALICE)
    open_own(page, live_stack, hold)
    page.get_by_label("Child under 12").check()
    page.get_by_label("Given name").first.fill("Eve")
    page.get_by_role("button", name="Continue to payment").click()
    expect(page.locator("[name=p0-born]")).to_be_visible()
    expect(page.get_by_label("Given name").first).to_have_value("Eve")
    expect(page.get_by_label("Child under 12")).to_be_checked()
    page.get_by_label("Adult", exact=True).check()
    page.get_by_role("button", name="Continue to payment").click()
    expect(page.get_by_role("button", name="Pay now")).to_be_visible()
    hold.refresh_from_db()
    assert (hold.state, hold.name) == (State.SEATS_RESERVED, "Eve")
    context.close()
