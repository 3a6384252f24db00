"""The fare is chosen beside the payment: by mouse, by keys, by a finger, and without scripts."""

import pytest
from playwright.sync_api import Browser, Page, expect

from bookings.models import Booking
from tests.alice import a_hold
from tests.browser.steps import is_listening, open_map, open_own
from tests.browser.test_accessibility import assert_no_violation, assert_nothing_is_cut_off
from tests.people import a_flight, charged_cents, named
from tests.running import Processes, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def fare_of(booking: Booking) -> str:
    return Booking.objects.select_related("fare").get(pk=booking.pk).fare.code


def test_a_click_on_a_card_changes_the_price_and_keeps_what_is_typed(
    page: Page, live_stack: Processes
) -> None:
    booking = named(a_hold(a_flight(), "12A", "12B"))
    open_own(page, live_stack, booking)
    page.locator("#code").fill("00000")
    expect(page.get_by_role("radio", name="Standard €400")).to_be_checked()
    page.locator(".fare", has_text="Flex").click()
    expect(page.get_by_role("heading", name="Pay €520")).to_be_visible()
    expect(page.locator(".ticket .total")).to_contain_text("€520")
    expect(page.locator("#say")).to_have_text("Flex, €520.")
    expect(page.locator("#code")).to_have_value("00000")
    page.get_by_role("button", name="Pay now").click()
    expect(page.get_by_role("heading", name="Have a good flight")).to_be_visible()
    expect(page.locator(".ticket .terms")).to_contain_text("Flex fare. 100 % back (€520)")
    assert charged_cents(booking) == 52_000


def test_arrow_keys_choose_and_the_focus_stays(page: Page, live_stack: Processes) -> None:
    booking = named(a_hold(a_flight(), "12A"))
    open_own(page, live_stack, booking)
    page.get_by_role("radio", name="Standard").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", name="Pay €170")).to_be_visible()
    light = page.get_by_role("radio", name="Light €170")
    expect(light).to_be_focused()
    expect(light).to_have_accessible_description("Nothing back if cancelled. A change costs €51.")
    # Faster than the answers: the last one counts.
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name="Pay €260")).to_be_visible()
    expect(page.get_by_role("radio", name="Flex")).to_be_focused()
    wait_until(lambda: fare_of(booking) == "flex", "the last choice")


@pytest.mark.parametrize("size", [(320, 568), (360, 620), (1280, 800)])
def test_every_screen_shows_what_each_fare_promises(
    page: Page, live_stack: Processes, size: tuple[int, int]
) -> None:
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    open_own(page, live_stack, named(a_hold(a_flight(), "12A")))
    for name, price, promise in (("Light", "€170", "Nothing"), ("Flex", "€260", "100 % back")):
        page.locator(".fares label", has_text=name).click()
        expect(page.get_by_role("heading", name=f"Pay {price}")).to_be_visible()
        expect(page.get_by_role("radio", name=name)).to_be_checked()
        terms = page.locator(".terms:visible", has_text=promise)
        expect(terms).to_be_visible()
        expect(terms).to_be_in_viewport(ratio=1)
        expect(page.locator(".fares .terms:visible")).to_have_count(3)
    assert_nothing_is_cut_off(page)
    page.set_viewport_size({"width": width, "height": height})
    assert_no_violation(page)


def test_another_tab_shows_the_fare_that_was_chosen(page: Page, live_stack: Processes) -> None:
    booking = named(a_hold(a_flight(), "12A"))
    open_own(page, live_stack, booking)
    is_listening(page)
    tab = page.context.new_page()
    tab.goto(page.url)
    tab.locator(".fares label", has_text="Light").click()
    expect(page.get_by_role("radio", name="Light")).to_be_checked()
    expect(page.get_by_role("heading", name="Pay €170")).to_be_visible()
    # The map says what the held seats cost at it.
    open_map(page, live_stack, booking.flight)
    expect(page.locator(".mine li")).to_contain_text("€170")
    expect(page.locator(".checkout .total")).to_contain_text("Light fare €170")


def test_without_scripts_a_fare_is_taken_by_a_button(
    browser: Browser, page: Page, live_stack: Processes
) -> None:
    booking = named(a_hold(a_flight(), "12A"))
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    open_own(plain, live_stack, booking)
    plain.locator(".fares label", has_text="Light").click()
    plain.get_by_role("button", name="Take the fare I chose").click()
    expect(plain.get_by_role("heading", name="Pay €170")).to_be_visible()
    expect(plain.get_by_role("radio", name="Light")).to_be_checked()
    context.close()
    assert fare_of(booking) == "light"
