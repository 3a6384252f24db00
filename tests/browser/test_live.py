"""What happens elsewhere shows on every open page, at once and without asking."""

import re
import statistics
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from bookings import saga
from bookings.models import Booking, State
from tests.alice import ALICE
from tests.browser.steps import (
    another_browser,
    is_listening,
    label,
    open_map,
    open_own,
    pay_slowly,
    seat,
    tick,
    wait_for,
)
from tests.people import a_flight, a_hold, a_payment, let_time_pass, named, owned, run_out
from tests.running import Processes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# When this page's seats changed, by the one clock that all pages of a machine share.
NOTE_CHANGES = """
window.changes = {};
new MutationObserver((records) => {
  const now = performance.timeOrigin + performance.now();
  for (const { target } of records) changes[target.value] ??= now;
}).observe(document.getElementById("seats"), { subtree: true, attributeFilter: ["data-state"] });
"""
# When a seat was clicked here.
NOTE_CLICK = """
document.getElementById("seats").addEventListener("click", ({ target }) => {
  (window.clicks ??= {})[target.value] = performance.timeOrigin + performance.now();
});
"""


def test_two_browsers_one_map(page: Page, browser: Browser, live_stack: Processes) -> None:
    flight = a_flight()
    with another_browser(browser) as bobs:
        for each, note in ((page, NOTE_CLICK), (bobs, NOTE_CHANGES)):
            open_map(each, live_stack, flight)
            is_listening(each)
            each.evaluate(note)
        seats = [f"{row}{letter}" for row in (12, 20, 28) for letter in "ABC"]
        for name in seats:
            seat(page, name).click()
            expect(seat(bobs, name)).to_have_attribute("data-state", "held")
        assert "held by someone else" in label(bobs, "12A")
        clicked, changed = page.evaluate("clicks"), bobs.evaluate("changes")
        waits = [changed[name] - clicked[name] for name in seats]
        median = statistics.median(waits)
        print(
            f"\nFrom a click to the other screen: median {median:.0f} ms, most {max(waits):.0f} ms"
        )
        assert median < 300, waits
        # Given back it is free there again, and Bob's focus stayed where it was.
        seat(bobs, "30F").focus()
        seat(page, "12A").click()
        expect(seat(bobs, "12A")).not_to_have_attribute("data-state", re.compile("."))
        expect(seat(bobs, "30F")).to_be_focused()
        expect(bobs.locator("#say")).to_be_empty()


@pytest.mark.parametrize(("motion", "moves"), [("no-preference", True), ("reduce", False)])
def test_a_seat_that_changes_hands_moves_only_for_who_wants_it(
    page: Page, live_stack: Processes, motion: Literal["no-preference", "reduce"], moves: bool
) -> None:
    page.emulate_media(reduced_motion=motion)
    flight = a_flight()
    open_map(page, live_stack, flight)
    is_listening(page)
    page.evaluate(
        """window.moved = []; document.addEventListener(
            "animationstart", ({ animationName }) => moved.push(animationName), true);"""
    )
    a_hold(flight, "12A")
    expect(seat(page, "12A")).to_have_attribute("data-state", "held")
    page.wait_for_timeout(200)
    assert ("sit-down" in page.evaluate("moved")) == moves


def test_a_hold_that_an_operator_ends_is_told_with_what_to_do(
    page: Page, live_stack: Processes
) -> None:
    flight = a_flight()
    open_map(page, live_stack, flight)
    tick(page, "12A", "12B")
    is_listening(page)
    seat(page, "20C").focus()
    saga.terminate(booking_id=Booking.objects.get().pk, by="operator:olga")
    notice = page.locator(".notice")
    expect(notice).to_contain_text("Seats 12A, 12B are no longer yours.")
    expect(notice.get_by_role("button", name="Hold the same seats again")).to_be_visible()
    expect(page.locator("input[name=seats]:checked")).to_have_count(0)
    expect(seat(page, "20C")).to_be_focused()


def test_seats_lost_to_somebody_else_are_named(page: Page, live_stack: Processes) -> None:
    flight = a_flight()
    open_map(page, live_stack, flight)
    tick(page, "12A")
    # The hold ran out while nobody swept, and whoever wanted the seat next has it.
    is_listening(page)
    run_out(Booking.objects.get())
    a_hold(flight, "12A")
    expect(page.locator(".notice")).to_contain_text("Seat 12A is no longer yours.")
    expect(seat(page, "12A")).to_have_attribute("data-state", "held")


def test_two_windows_of_one_customer_show_the_same_hold(page: Page, live_stack: Processes) -> None:
    flight = a_flight()
    open_map(page, live_stack, flight)
    other = page.context.new_page()
    open_map(other, live_stack, flight)
    tick(page, "12A")
    expect(seat(other, "12A")).to_be_checked()
    tick(other, "12B")
    expect(page.locator(".mine b")).to_have_text(["12A", "12B"])
    page.locator("#back-12B").focus()
    seat(other, "12A").click()
    expect(page.locator(".mine b")).to_have_text(["12B"])
    expect(page.locator("#say")).to_have_text("You gave 12A back in another window.")
    expect(page.locator("#back-12B")).to_be_focused()


def panel_requests(page: Page) -> list[str]:
    """What the page asks for from now on that is answered with its panel."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith(("/panel/", "/seat/")) or "/panel/?" in request.url:
            asked.append(request.url.rsplit("/", 2)[1])

    page.on("request", note)
    return asked


def test_a_click_asks_for_the_panel_only_by_itself(page: Page, live_stack: Processes) -> None:
    open_map(page, live_stack, a_flight())
    asked = panel_requests(page)
    tick(page, "12A", "12B")
    page.wait_for_timeout(800)
    assert asked == ["seat", "seat"]


def test_a_map_of_before_the_click_does_not_ask_for_the_panel(
    page: Page, live_stack: Processes
) -> None:
    streams: list[Route] = []
    clicks: list[Route] = []
    page.route("**/live/**", lambda route: streams.append(route))
    page.route("**/seat/", lambda route: clicks.append(route))
    open_map(page, live_stack, a_flight())
    asked = panel_requests(page)
    # The first stream's map comes between the click and its answer, and it is long before the
    # next stream, which also tells of the hold, is there.
    seat(page, "12A").click()
    streams[0].continue_()
    is_listening(page)
    page.wait_for_timeout(100)
    clicks[0].continue_()
    expect(page.locator(".mine b")).to_have_text(["12A"])
    page.wait_for_timeout(800)
    assert asked == ["seat"]
    streams[1].continue_()
    is_listening(page)
    page.wait_for_timeout(800)
    assert asked == ["seat"]


def test_a_map_opened_while_payment_runs_thaws_when_it_ends(
    page: Page, live_stack: Processes
) -> None:
    flight = a_flight()
    open_map(page, live_stack, flight)
    tick(page, "12A")
    booking = pay_slowly(Booking.objects.get(), code="11111")
    page.reload()
    expect(page.locator("#panel")).to_contain_text("Payment is running")
    is_listening(page)
    run_out(booking)
    saga.advance(booking.pk)
    notice = page.locator(".notice")
    expect(notice).to_contain_text("This payment failed")
    tick(page, "12B")
    assert owned(Booking.objects.get(state=State.SEATS_RESERVED)) == ["12B"]


def test_the_booking_page_follows_the_payment_without_polling(
    page: Page, live_stack: Processes
) -> None:
    booking = a_hold(a_flight(), "12A", browser_id=ALICE)
    open_own(page, live_stack, booking)
    is_listening(page)
    first = page.get_by_label("Given name").first
    first.fill("Ad")
    page.get_by_label("Child under 12").first.check()
    first.focus()
    hold = saga.update_seats(booking_id=booking.pk, seats=["12A", "12B"], browser_id=ALICE)
    expect(page.locator(".passenger")).to_have_count(2)
    expect(first).to_have_value("Ad")
    expect(first).to_be_focused()
    expect(page.get_by_label("Child under 12").first).to_be_checked()
    named(hold)
    page.get_by_label("Five-digit payment code").fill("000")
    named(hold, "Ada", "Byron")
    expect(page.locator(".ticket")).to_contain_text("Byron")
    expect(page.get_by_label("Five-digit payment code")).to_have_value("000")
    expect(page.get_by_label("Five-digit payment code")).to_be_focused()
    saga.start_payment(booking_id=booking.pk, code="00000", browser_id=ALICE)
    # Sooner than any poll could tell.
    expect(page.get_by_role("heading", name="Have a good flight")).to_be_visible(timeout=5000)
    expect(page.locator("#say")).to_contain_text("Confirmed.")


def test_where_no_stream_gets_through_the_booking_page_polls(
    page: Page, live_stack: Processes
) -> None:
    page.route("**/live/**", lambda route: route.fulfill(status=404))
    booking = a_payment(a_flight(), "12A", browser_id=ALICE)
    open_own(page, live_stack, booking)
    expect(page.get_by_role("heading", name="Have a good flight")).to_be_visible()


def test_after_the_web_server_was_killed_the_page_catches_up(
    page: Page, live_stack: Processes, expected_complaints: list[str]
) -> None:
    expected_complaints.append("ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING)")
    flight = a_flight()
    open_map(page, live_stack, flight)
    tick(page, "20A")
    is_listening(page)
    live_stack.kill("web")
    wait_for(page, "!live.isConnected()")
    a_hold(flight, "12A")
    let_time_pass(Booking.objects.get(seats=["20A"]), 60)
    live_stack.start()
    expect(seat(page, "12A")).to_have_attribute("data-state", "held")
    a_hold(flight, "12B")
    expect(seat(page, "12B")).to_have_attribute("data-state", "held")
    expect(seat(page, "20A")).to_be_checked()
