"""What a page shows where no script runs, and on paper."""

from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.alice import a_confirmed_booking, a_hold
from tests.browser.steps import open_map, open_own, tick
from tests.people import a_flight
from tests.running import Processes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_without_scripts_no_button_is_dead_and_the_clock_says_until_when(
    browser: Browser, page: Page, live_stack: Processes
) -> None:
    flight = a_flight()
    paid, hold = a_confirmed_booking(flight, "2A"), a_hold(flight, "1A")
    assert hold.due_at
    until = f"Held until {hold.due_at.astimezone(ZoneInfo('Europe/Paris')):%H:%M} CE"
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    open_map(plain, live_stack, flight)
    expect(plain.get_by_text("the moment you choose it")).to_be_hidden()
    open_own(plain, live_stack, paid)
    expect(plain.get_by_role("heading", name="Have a good flight")).to_be_visible()
    for name in ("Print", "Copy"):
        expect(plain.get_by_role("button", name=name)).to_have_count(0)
    open_own(plain, live_stack, hold)
    expect(plain.locator(".clock")).to_contain_text(until)
    expect(plain.locator(".clock")).to_contain_text("(Paris time)")
    expect(plain.get_by_role("timer")).to_have_count(0)
    plain.get_by_text("Give the seats back").click()
    plain.get_by_role("button", name="Yes, give it back").click()
    expect(plain.get_by_role("heading", name="This booking is cancelled")).to_be_visible()
    context.close()
    # Where scripts run, they are there.
    open_own(page, live_stack, paid)
    for name in ("Print", "Copy"):
        expect(page.get_by_role("button", name=name)).to_be_visible()


def test_paper_shows_a_map_and_results_without_what_only_a_screen_can_do(
    page: Page, live_stack: Processes
) -> None:
    open_map(page, live_stack, a_flight())
    tick(page, "12A")
    page.emulate_media(media="print", color_scheme="dark")
    for away in (".tools", ".nose", "#go", ".mine button", ".limit", "nav"):
        expect(page.locator(away).first).to_be_hidden()
    white = """element => {
        const style = getComputedStyle(element);
        return style.backgroundImage === "none" &&
            ["rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"].includes(style.backgroundColor);
    }"""
    for part in ("body", ".cabin", ".panel", ".top"):
        assert page.locator(part).evaluate(white), part
    assert page.locator(".panel").evaluate("panel => getComputedStyle(panel).position") == "static"
    expect(page.locator(".clock .until")).to_be_visible()
    # Nothing lies over a seat, nor a seat over another.
    overlaps = page.locator(".seat").evaluate_all(
        """seats => {
            const boxes = seats.map((seat) => seat.getBoundingClientRect());
            return boxes.filter((a, i) => boxes.some((b, j) => j > i && a.left < b.right - 1 &&
                b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)).length;
        }"""
    )
    assert overlaps == 0
    page.goto(live_stack.url)
    for away in (".search", ".offer .button"):
        expect(page.locator(away).first).to_be_hidden()
    assert page.locator(".hero").evaluate(white)
    expect(page.locator(".offer .price").first).to_be_visible()


def test_how_one_looks_at_the_map_is_remembered(page: Page, live_stack: Processes) -> None:
    flight = a_flight()
    for name in ("Prices", "List"):
        open_map(page, live_stack, flight)
        page.locator("label", has_text=name).first.click()
        open_map(page, live_stack, a_flight(f"AF{len(name)}"))
        expect(page.get_by_label(name, exact=True)).to_be_checked()
