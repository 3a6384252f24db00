"""Finding seats: the best together, the filter, prices, the list, and the map on a phone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from bookings.models import Booking
from flights.models import CabinLayout, Flight
from tests.browser.steps import is_listening, label, open_map, seat, tick
from tests.people import a_flight, a_hold, owned
from tests.running import Processes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE: ViewportSize = {"width": 360, "height": 740}
WIDE = Path("flights/layouts/b787-9.txt")


def a_wide_flight() -> Flight:
    layout = CabinLayout.objects.get_or_create(code="wide", defaults={"source": WIDE.read_text()})
    return a_flight("AF787", layout=layout[0])


def ask_for(page: Page, party: int, *wishes: str, children: int = 0) -> None:
    page.locator("summary", has_text="Best seats together").click()
    page.get_by_label("Travellers").fill(str(party))
    page.keyboard.press("Tab")
    page.keyboard.type(str(children))
    for wish in wishes:
        page.locator(".together").get_by_label(wish).check()
    page.get_by_role("button", name="Show the best seats").click()


def standing_out(page: Page) -> list[str]:
    names: list[str] = page.locator("[data-proposed]").evaluate_all("all => all.map(b => b.value)")
    return names


def size(target: Locator) -> tuple[float, float]:
    box = target.bounding_box()
    assert box
    return box["width"], box["height"]


def test_the_best_seats_for_a_party_are_shown_and_held(page: Page, live_stack: Processes) -> None:
    flight = a_flight()
    open_map(page, live_stack, flight, "?party=3")
    ask_for(page, 3, children=3)
    expect(page.locator(".notice")).to_contain_text("with at least one adult")
    page.get_by_label("Of them children").fill("2")
    page.locator(".together").get_by_label("a window").check()
    page.get_by_role("button", name="Show the best seats").click()
    expect(page.locator("#proposal")).to_contain_text("Side by side in row 4.")
    expect(page.locator("#say")).to_have_text("Proposed: 4A, 4B, 4C. Side by side in row 4.")
    assert standing_out(page) == ["4A", "4B", "4C"]
    expect(seat(page, "4B")).to_be_in_viewport()
    page.get_by_role("button", name="Hold these 3 seats").click()
    expect(page.locator(".mine b")).to_have_text(["4A", "4B", "4C"])
    expect(page.locator("input[name=seats]:checked")).to_have_count(3)
    expect(page.locator("#panel")).to_be_focused()
    assert standing_out(page) == []
    assert owned(Booking.objects.get(flight=flight)) == ["4A", "4B", "4C"]


def test_if_somebody_is_faster_the_next_best_stand_out(page: Page, live_stack: Processes) -> None:
    flight = a_flight()
    open_map(page, live_stack, flight)
    tick(page, "20F")
    ask_for(page, 3)
    expect(page.locator("#proposal")).to_be_visible()
    a_hold(flight, "4B")
    page.get_by_role("button", name="Hold these 3 seats").click()
    expect(page.locator(".notice")).to_contain_text("Seat 4B has just been taken.")
    assert standing_out(page) == ["4D", "4E", "4F"]
    expect(seat(page, "20F")).to_be_checked()
    page.get_by_role("button", name="Hold these 3 seats").click()
    expect(page.locator(".mine b")).to_have_text(["4D", "4E", "4F"])
    expect(seat(page, "20F")).not_to_be_checked()


def test_without_scripts_the_best_seats_can_be_had_too(
    browser: Browser, live_stack: Processes
) -> None:
    flight = a_flight()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    open_map(page, live_stack, flight)
    ask_for(page, 2, "an aisle", children=1)
    assert len(standing_out(page)) == 2
    expect(page.get_by_label("Of them children")).to_have_value("1")
    page.get_by_role("button", name="Hold these 2 seats").click()
    expect(page.locator(".mine li")).to_have_count(2)
    expect(page.locator("#filter")).to_be_hidden()
    context.close()


def test_the_filter_dims_what_does_not_match_and_says_so(page: Page, live_stack: Processes) -> None:
    open_map(page, live_stack, a_flight())
    page.locator("summary", has_text="Filter").click()
    filtering = page.locator(".filter")
    filtering.get_by_label("a window").check()
    filtering.get_by_label("Price").select_option(label="up to €200")
    expect(filtering.get_by_role("status")).to_have_text("54 free seats match.")
    expect(seat(page, "12B")).to_be_visible()
    assert "not what you filter for" in label(page, "12B")
    assert "not what you filter for" not in label(page, "12A")
    # A window at the front costs more.
    assert "not what you filter for" in label(page, "1A")
    tick(page, "12B")
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("[data-dim]")).to_have_count(0)
    assert "not what you filter for" not in label(page, "12B")


def test_prices_can_be_seen_on_the_seats(page: Page, live_stack: Processes) -> None:
    open_map(page, live_stack, a_flight())
    page.get_by_label("Prices").check()
    shown = "el => getComputedStyle(el, '::after').content"
    letter = page.locator("label:has([value='12B']) .letter")
    assert letter.evaluate(shown) == '"€200"'


def test_the_list_shows_every_card_and_arrows_walk_down_it(
    page: Page, live_stack: Processes
) -> None:
    page.set_viewport_size(PHONE)
    open_map(page, live_stack, a_wide_flight())
    page.get_by_label("List").check()
    expect(page.locator("legend", has_text="Row 42, economy, exit row")).to_be_visible()
    card = page.locator("label:has([value='42A']) .card")
    assert size(card)[0] > 200
    assert "no window" in (card.text_content() or "")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    seat(page, "42A").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    expect(seat(page, "42J")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator(".mine button[value='42J']")).to_be_visible()


def test_a_wide_body_fits_a_phone_and_grows(page: Page, live_stack: Processes) -> None:
    page.set_viewport_size(PHONE)
    open_map(page, live_stack, a_wide_flight())
    seats = seat(page, "44E")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    # WCAG 2.2 asks for 24 at least.
    assert min(size(seats)) >= 24
    page.locator(".zoom").click()
    assert min(size(seats)) >= 44
    # The cabin scrolls sideways, not the page.
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    tick(page, "44L")
    expect(page.get_by_role("link", name="Continue")).to_be_in_viewport()


def test_a_seat_of_a_wide_body_changes_within_a_frame(page: Page, live_stack: Processes) -> None:
    # A careless :has() in the style sheets makes it fifty times as long.
    open_map(page, live_stack, a_wide_flight())
    milliseconds = page.evaluate(
        """() => [...document.querySelectorAll("[name=seats]")].slice(0, 41).map((box) => {
            const started = performance.now();
            box.checked = true;
            document.body.offsetHeight;
            return performance.now() - started;
        }).sort((a, b) => a - b)[20]"""
    )
    assert milliseconds < 16


def test_total_seats_and_clock_stay_in_view_on_a_phone(page: Page, live_stack: Processes) -> None:
    page.set_viewport_size(PHONE)
    open_map(page, live_stack, a_flight())
    tick(page, "2C", "3C")
    for name in ("1A", "15A", "30F"):
        seat(page, name).scroll_into_view_if_needed()
        for part in (".total", ".clock", ".mine li >> nth=0", "#go"):
            expect(page.locator(part)).to_be_in_viewport(ratio=1)


def test_every_target_on_a_narrow_body_is_44_wide_on_a_phone(
    page: Page, live_stack: Processes
) -> None:
    page.set_viewport_size(PHONE)
    open_map(page, live_stack, a_flight())
    tick(page, "12A")
    page.locator("summary", has_text="Best seats together").click()
    targets = (
        "#seats label, label:has(:checked, [type=checkbox], [type=radio]), "
        "summary, main button, main input:not([type=checkbox], [type=radio]), select, .panel a"
    )
    small = page.locator(targets).evaluate_all(
        """all => all.filter((el) => el.checkVisibility() && el.type !== "hidden").filter((el) => {
            const { width, height } = el.getBoundingClientRect();
            return width < 43.5 || height < 43.5;
        }).map((el) => el.outerHTML)"""
    )
    assert small == []


def test_a_seat_that_somebody_takes_keeps_the_focus_and_the_proposal(
    page: Page, live_stack: Processes
) -> None:
    flight = a_flight()
    open_map(page, live_stack, flight)
    is_listening(page)
    ask_for(page, 2)
    expect(page.locator("#proposal")).to_be_visible()
    seat(page, "9A").focus()
    a_hold(flight, "9A")
    expect(seat(page, "9A")).to_have_attribute("data-state", "held")
    expect(seat(page, "9A")).to_be_focused()
    expect(page.locator("#proposal")).to_be_visible()
    expect(page.locator("#say")).to_have_text(re.compile("Proposed"))
