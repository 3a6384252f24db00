"""Every page for everyone: no violation that axe can find, no colour alone, nothing cut off."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Literal
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template.loader import render_to_string
from playwright.sync_api import Locator, Page, expect

from bookings import saga
from bookings.models import Booking, State
from flights.models import Flight
from tests.alice import ALICE
from tests.browser.steps import open_map, open_own, pay_slowly, seat, tick
from tests.people import (
    a_flight,
    a_hold,
    a_payment,
    every_kind_of_seat,
    named,
    run_out,
    standing,
)
from tests.running import Processes, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# All that axe has to say of colours, which is all that changes in the dark.
OF_COLOURS = {**RULES, "runOnly": ["color-contrast", "link-in-text-block"]}
SCHEMES: dict[Literal["dark", "light"], dict[str, Any]] = {"dark": OF_COLOURS, "light": RULES}
END_TRANSITIONS = """() => {
    const running = () => document.getAnimations().filter((each) => each instanceof CSSTransition);
    for (let all = running(); all.length; all = running()) all.forEach((each) => each.finish());
}"""
# As wide as 1280 pixels are at 400 %, at 200 %, and as they are.
WIDTHS = (320, 640, 1280)


def assert_no_violation(page: Page) -> None:
    """Neither in light colours nor in dark ones."""
    for scheme, rules in SCHEMES.items():
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        # Or a colour would be measured on its way to another.
        page.evaluate(END_TRANSITIONS)
        assert_axe_finds_nothing(page, rules)


def assert_axe_finds_nothing(page: Page, rules: dict[str, Any]) -> None:
    # The page has its script from the other scheme's turn.
    axe = Axe("") if page.evaluate("'axe' in window") else Axe()
    found = axe.run(page, options=rules)
    assert found.violations_count == 0, found.generate_report()


def assert_nothing_is_cut_off(page: Page) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, width)


def a_settled_payment(flight: Flight, seat: str, *, code: str) -> Booking:
    """A payment that the running workers have brought to its end."""
    booking = a_payment(flight, seat, code=code, browser_id=uuid4())
    wait_until(lambda: standing(booking)[0] != State.PAYMENT_PROCESSING, "the payment's end")
    return booking


def all_bookings(flight: Flight) -> Iterator[Booking]:
    """A booking in every state that its page can show."""
    yield a_hold(flight, "1A", "1B", browser_id=uuid4())
    yield named(a_hold(flight, "1C", "1D", browser_id=uuid4()))
    yield pay_slowly(a_hold(flight, "2A", browser_id=uuid4()))
    yield a_settled_payment(flight, "3A", code="00000")
    yield a_settled_payment(flight, "4A", code="11111")
    expired = a_hold(flight, "5A", browser_id=uuid4())
    run_out(expired)
    saga.sweep()
    yield expired
    cancelled = a_hold(flight, "6A", browser_id=ALICE)
    yield saga.cancel(booking_id=cancelled.pk, browser_id=ALICE)
    emptied = a_hold(flight, "7A", browser_id=ALICE)
    yield saga.update_seats(booking_id=emptied.pk, seats=[], browser_id=ALICE)


def show_template(page: Page, stack: Processes, name: str) -> None:
    """A page that the server shows only in trouble, as it would come from there."""
    html = render_to_string(name, {"message": "We cannot reach our booking system."})
    page.route("**/trouble/", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(f"{stack.url}/trouble/")
    page.unroute("**/trouble/")


def test_no_page_has_a_violation(page: Page, live_stack: Processes) -> None:
    flight = a_flight()
    paths = ["/", "/trip/", "/?origin=xyzzy", "/?origin=CDG&destination=JFK", "/nowhere/"]
    # As others see it.
    paths += [f"/bookings/{a_hold(flight, '8A').pk}/"]
    for path in paths:
        page.goto(live_stack.url + path)
        assert_no_violation(page)
        assert_nothing_is_cut_off(page)
    for booking in all_bookings(flight):
        open_own(page, live_stack, booking)
        assert_no_violation(page)
        assert_nothing_is_cut_off(page)
        if booking.state in (State.CONFIRMED, State.FAILED):
            page.goto(f"{page.url}cancellation/")
            assert_no_violation(page)
            assert_nothing_is_cut_off(page)
    for template in ("403.html", "403_csrf.html", "500.html", "503.html", "refused.html"):
        show_template(page, live_stack, template)
        assert_no_violation(page)
        assert_nothing_is_cut_off(page)


def test_no_way_to_look_at_the_map_has_a_violation(page: Page, live_stack: Processes) -> None:
    flight = a_flight(layout=every_kind_of_seat())
    a_hold(flight, "2A")
    a_settled_payment(flight, "2D", code="00000")
    open_map(page, live_stack, flight)
    tick(page, "12A")
    seat(page, "2A").click(force=True)
    expect(page.locator(".asking")).to_have_count(0)
    page.locator("summary", has_text="Filter").click()
    page.locator(".filter").get_by_label("a window").check()
    assert_no_violation(page)
    page.locator("summary", has_text="Best seats together").click()
    page.get_by_role("button", name="Show the best seats").click()
    expect(page.locator("#proposal")).to_be_visible()
    page.get_by_label("Prices").check()
    assert_no_violation(page)
    assert_nothing_is_cut_off(page)
    page.get_by_label("List").check()
    assert_no_violation(page)
    assert_nothing_is_cut_off(page)


def test_wrong_forms_have_no_violation(page: Page, live_stack: Processes) -> None:
    open_own(page, live_stack, a_hold(a_flight(), browser_id=ALICE))
    page.get_by_label("E-mail").fill("ada")
    page.get_by_label("Given name", exact=True).fill("Ada")
    page.get_by_role("button", name="Continue to payment").click()
    expect(page.get_by_label("E-mail")).to_be_focused()
    expect(page.locator("#email-error")).to_contain_text("no e-mail address yet")
    page.get_by_label("E-mail").fill("ada@example.org")
    page.get_by_label("Child under 12").check()
    page.get_by_text("With an infant").click()
    page.get_by_label("The infant").fill("Ralph")
    page.get_by_role("button", name="Continue to payment").click()
    expect(page.get_by_label("Date of birth").first).to_be_focused()
    assert_no_violation(page)
    assert_nothing_is_cut_off(page)
    page.get_by_label("Adult", exact=True).check()
    page.get_by_label("Date of birth").last.fill(f"{date.today() - timedelta(days=99)}")
    page.get_by_role("button", name="Continue to payment").click()
    page.get_by_label("Five-digit payment code").fill("12")
    page.get_by_role("button", name="Pay now").click()
    expect(page.get_by_label("Five-digit payment code")).to_be_focused()
    assert_no_violation(page)


def test_a_seats_state_shows_without_colours(page: Page, live_stack: Processes) -> None:
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    flight = a_flight()
    a_hold(flight, "2A")
    a_settled_payment(flight, "3A", code="00000")
    open_map(page, live_stack, flight)
    tick(page, "12A")

    def looks(box: Locator) -> str:
        drawn: str = box.evaluate(
            """box => {
                const { borderStyle, backgroundImage } = getComputedStyle(box);
                const letter = box.parentElement.querySelector(".letter");
                const tick = getComputedStyle(letter, "::after").content;
                return [borderStyle, backgroundImage !== "none", tick].join();
            }"""
        )
        return drawn

    assert len({looks(seat(page, name)) for name in ("1A", "2A", "3A", "12A")}) == 4


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until this has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if target.evaluate("el => el === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {target}")


def test_the_keyboard_alone_books_a_seat(page: Page, live_stack: Processes) -> None:
    flight = a_flight()
    page.goto(live_stack.url)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    tab_to(page, page.get_by_role("link", name="Choose seats"))
    page.keyboard.press("Enter")
    tab_to(page, seat(page, "1A"))
    for key in ("ArrowDown", "End", "Space"):
        page.keyboard.press(key)
    expect(page.locator(".mine b")).to_have_text(["2F"])
    tab_to(page, page.get_by_role("link", name="Continue"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Given name").first)
    page.keyboard.type("Ada")
    tab_to(page, page.get_by_label("Adult", exact=True))
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Child under 12")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Five-digit payment code"))
    page.keyboard.type("00000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Have a good flight")).to_be_visible()
    assert Booking.objects.get(flight=flight).seats == ["2F"]


def test_a_confirmation_prints_on_white_without_buttons(page: Page, live_stack: Processes) -> None:
    booking = a_settled_payment(a_flight(), "12A", code="00000")
    open_own(page, live_stack, booking)
    page.emulate_media(media="print", color_scheme="dark")
    paper = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(paper) == "rgb(255, 255, 255)"
    expect(page.locator(".locator strong")).to_be_visible()
    for away in ("nav", ".foot", "[data-copy]", *(f".actions >> nth={n}" for n in (0, 1))):
        expect(page.locator(away)).to_be_hidden()
