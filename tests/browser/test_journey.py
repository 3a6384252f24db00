"""A customer's journey in a real browser, against the real server and workers."""

import re

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from bookings import saga
from bookings.models import Booking, State
from tests.alice import ALICE
from tests.browser.steps import label, open_map, open_own, pay, tick
from tests.people import a_flight, a_hold, let_time_pass, named, owned, settle
from tests.running import Processes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE: ViewportSize = {"width": 360, "height": 740}


def test_from_search_to_a_confirmed_booking(page: Page, live_stack: Processes) -> None:
    flight = a_flight()
    page.goto(live_stack.url)
    page.get_by_role("combobox", name="From").press_sequentially("par")
    page.get_by_role("option", name=re.compile("Paris")).wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="From")).to_have_value("Paris (CDG)")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Choose seats").click()
    tick(page, "12A", "12B")
    expect(page.locator(".total")).to_contain_text("€400")
    pay(page, "00000")
    expect(page.get_by_role("heading", name="Have a good flight")).to_be_visible()
    booking = Booking.objects.get(flight=flight)
    expect(page.locator(".locator strong")).to_have_text(str(booking.record_locator))
    assert (booking.state, owned(booking)) == (State.CONFIRMED, ["12A", "12B"])


def test_a_declined_payment_can_be_tried_again_with_the_same_seats(
    page: Page, live_stack: Processes
) -> None:
    open_map(page, live_stack, a_flight())
    tick(page, "12A")
    pay(page, "11111")
    expect(page.get_by_role("heading", name="The payment failed")).to_be_visible()
    expect(page.locator(".lead")).to_contain_text("Nothing was charged.")
    page.get_by_role("button", name="Try again with the same seats").click()
    expect(page.get_by_role("heading", name="Your seats are held")).to_be_visible()
    assert owned(Booking.objects.get(state=State.SEATS_RESERVED)) == ["12A"]


def test_a_code_that_is_not_five_digits_is_told_beside_the_field(
    page: Page, live_stack: Processes
) -> None:
    open_map(page, live_stack, a_flight())
    tick(page, "12A")
    pay(page, "123")
    expect(page.locator("#code-error")).to_contain_text("exactly five digits")
    expect(page.get_by_label("Five-digit payment code")).to_be_focused()


def test_the_clock_runs_to_zero_and_the_page_says_what_happened(
    page: Page, live_stack: Processes
) -> None:
    flight = a_flight()
    open_map(page, live_stack, flight)
    tick(page, "12A")
    # The page finds the hold again, nearly over.
    let_time_pass(Booking.objects.get(flight=flight), 896)
    page.reload()
    expect(page.locator(".clock time")).to_have_text(re.compile("0:0[1-4]"))
    expect(page.locator(".clock")).to_have_class(re.compile("soon"))
    expect(page.locator(".notice")).to_contain_text("ran out")
    expect(page.locator("input[value='12A'][name=seats]")).not_to_be_checked()
    assert Booking.objects.get(flight=flight).state == State.EXPIRED
    page.get_by_role("button", name="Hold the same seats again").click()
    expect(page.get_by_role("heading", name="Your seats are held")).to_be_visible()


def test_five_two_and_one_minutes_before_the_end_it_is_said_aloud(
    page: Page, live_stack: Processes
) -> None:
    page.clock.install()
    open_own(page, live_stack, a_hold(a_flight(), "12A", browser_id=ALICE))
    said = page.locator("#say")
    page.clock.fast_forward("10:05")
    expect(said).to_have_text("5 minutes left to pay.")
    # Not each second: what was said last stays.
    page.clock.fast_forward("02:30")
    expect(said).to_have_text("5 minutes left to pay.")
    page.clock.fast_forward("00:30")
    expect(said).to_have_text("2 minutes left to pay.")
    expect(page.locator(".clock")).to_have_class(re.compile("soon"))
    page.clock.fast_forward("01:00")
    expect(said).to_have_text("1 minute left to pay.")


def test_time_runs_out_on_the_payment_page_too(page: Page, live_stack: Processes) -> None:
    booking = a_hold(a_flight(), "12A", browser_id=ALICE)
    let_time_pass(booking, 897)
    open_own(page, live_stack, booking)
    expect(page.get_by_role("heading", name="The hold ran out")).to_be_visible()


def test_a_clock_of_the_browser_that_is_wrong_does_not_matter(
    page: Page, live_stack: Processes
) -> None:
    page.add_init_script("const real = Date.now; Date.now = () => real() + 7200_000;")
    open_map(page, live_stack, a_flight())
    tick(page, "12A")
    for _ in range(2):
        expect(page.locator(".clock time")).to_have_text(re.compile("1(5:00|4:[345].)"))
        page.reload()


def test_two_browsers_want_one_seat(page: Page, browser: Browser, live_stack: Processes) -> None:
    flight = a_flight()
    # Faster than any stream: Alice's page cannot know yet.
    page.route("**/live/**", lambda route: route.fulfill(status=404))
    open_map(page, live_stack, flight)
    tick(page, "12B")
    bob = browser.new_context()
    bobs_page = bob.new_page()
    open_map(bobs_page, live_stack, flight)
    tick(bobs_page, "12A")
    bob.close()
    page.locator("input[value='12A'][name=seats]").click()
    notice = page.locator(".notice")
    expect(notice).to_contain_text("Seat 12A has just been taken. Your other seats are still held.")
    expect(page.locator("input[value='12A'][name=seats]")).to_be_focused()
    assert "held by someone else" in label(page, "12A")
    notice.get_by_role("button", name="Hold 12C").click()
    expect(page.locator("input[value='12C'][name=seats]")).to_be_checked()
    expect(page.locator("input[value='12B'][name=seats]")).to_be_checked()


def test_quick_clicks_all_count_and_the_last_state_wins(page: Page, live_stack: Processes) -> None:
    flight = a_flight()
    open_map(page, live_stack, flight)
    for seat in ("1A", "1B", "1C", "1A", "1D", "1A", "1B"):
        page.locator(f"input[value='{seat}'][name=seats]").click(no_wait_after=True)
    expect(page.locator(".mine b")).to_have_text(["1A", "1C", "1D"])
    expect(page.locator("input[name=seats]:checked")).to_have_count(3)
    assert owned(Booking.objects.get(flight=flight)) == ["1A", "1C", "1D"]


def test_a_click_before_the_scripts_are_there_counts(page: Page, live_stack: Processes) -> None:
    flight = a_flight()
    page.add_init_script(
        """addEventListener("readystatechange", () => {
            const isEarly = document.readyState === "interactive";
            if (isEarly) document.querySelector("[value='12A']").click();
        }, true);"""
    )
    open_map(page, live_stack, flight)
    expect(page.locator(".mine button[value='12A']")).to_be_visible()
    expect(page.locator("input[value='12A'][name=seats]")).to_be_checked()


def test_links_skip_to_the_seats_and_to_what_is_chosen(page: Page, live_stack: Processes) -> None:
    open_map(page, live_stack, a_flight())
    page.get_by_role("link", name="Skip to the seats").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("input[value='1A'][name=seats]")).to_be_focused()
    page.get_by_role("link", name="Skip to your seats").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_be_focused()


def test_the_keyboard_alone_is_enough(page: Page, live_stack: Processes) -> None:
    open_map(page, live_stack, a_flight())
    first = page.locator("input[value='1A'][name=seats]")
    first.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "End", "ArrowUp"):
        page.keyboard.press(key)
    expect(page.locator("input[value='1F'][name=seats]")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator(".mine button[value='1F']")).to_be_visible()
    expect(page.locator("input[value='1F'][name=seats]")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") != "seats"


def test_without_scripts_the_whole_journey_works(browser: Browser, live_stack: Processes) -> None:
    flight = a_flight()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_stack.url}/?origin=CDG")
    page.get_by_role("link", name="Choose seats").click()
    page.locator("input[value='12A'][name=seats]").check()
    page.locator("input[value='12B'][name=seats]").check()
    page.get_by_role("button", name="Hold the seats I ticked").click()
    expect(page.locator(".mine li")).to_have_count(2)
    page.get_by_role("button", name="Give seat 12B back").click()
    expect(page.locator(".mine li")).to_have_count(1)
    pay(page, "00000")
    # The page reloads itself every two seconds.
    expect(page.get_by_role("heading", name="Have a good flight")).to_be_visible(timeout=10_000)
    assert owned(Booking.objects.get(flight=flight)) == ["12A"]
    context.close()


def test_on_a_phone_the_summary_stays_in_view(page: Page, live_stack: Processes) -> None:
    page.set_viewport_size(PHONE)
    open_map(page, live_stack, a_flight())
    tick(page, "20C")
    expect(page.get_by_role("link", name="Continue")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_server_that_is_away_leaves_the_seat_as_it_was(page: Page, live_stack: Processes) -> None:
    open_map(page, live_stack, a_flight())
    page.route("**/seat/", lambda route: route.fulfill(status=503, body="away"))
    page.locator("input[value='12A'][name=seats]").click()
    expect(page.locator("#message")).to_contain_text("Nothing was changed")
    expect(page.locator("input[value='12A'][name=seats]")).not_to_be_checked()


def test_a_booking_is_found_again_in_another_browser(
    page: Page, live_stack: Processes, expected_complaints: list[str]
) -> None:
    expected_complaints.append("404")
    page.set_viewport_size(PHONE)
    hold = named(a_hold(a_flight(), "12A", browser_id=ALICE), "Lovelace")
    booking = settle(saga.start_payment(booking_id=hold.pk, code="00000", browser_id=ALICE))
    page.goto(live_stack.url)
    page.get_by_role("link", name="My booking").click()
    page.get_by_label("Booking code").fill("X2X2XX")
    page.get_by_label("Family name").fill("Lovelace")
    page.keyboard.press("Enter")
    expect(page.locator(".trip .notice")).to_contain_text("We find no booking")
    page.get_by_label("Booking code").fill(str(booking.record_locator).lower())
    page.get_by_role("button", name="Find my booking").click()
    expect(page.get_by_role("heading", name="Have a good flight")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
