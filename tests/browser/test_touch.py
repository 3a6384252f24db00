"""A finger first sees what a seat is and costs; and what fits on a phone."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from bookings.models import Booking
from flights.models import CabinLayout
from tests.alice import ALICE
from tests.browser.steps import is_listening, label, open_map, open_own, pay_slowly, seat
from tests.browser.test_accessibility import assert_no_violation, assert_nothing_is_cut_off
from tests.people import a_flight, a_hold, every_kind_of_seat, named, owned, settle
from tests.running import Processes, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE: ViewportSize = {"width": 360, "height": 740}
WIDE = """
aircraft Test 350
range 15000 km
speed 900 km/h
cabin economy ABC DEFG HJK fare 1
1-30 ABC DEFG HJK
"""


@pytest.fixture
def phone(browser: Browser, page: Page) -> Iterator[Page]:
    """A page under a finger, `page` being somebody else's."""
    context = browser.new_context(viewport=PHONE, has_touch=True)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def in_sight(page: Page, what: Locator) -> bool:
    """All of it is on the screen, and nothing lies over its middle."""
    seen: bool = what.evaluate(
        """element => {
            const { left, top, right, bottom } = element.getBoundingClientRect();
            if (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight) return false;
            const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
            return element.contains(over) || over.contains(element);
        }"""
    )
    return seen


def test_a_finger_sees_a_seat_before_it_is_held_and_before_it_is_given_back(
    phone: Page, live_stack: Processes
) -> None:
    flight = a_flight()
    open_map(phone, live_stack, flight)
    seat(phone, "3A").tap()
    sheet = phone.locator("#touched")
    expect(sheet).to_contain_text("Seat 3A, window, front of the cabin, €216, available")
    expect(seat(phone, "3A")).not_to_be_checked()
    assert in_sight(phone, seat(phone, "3A"))
    assert not Booking.objects.filter(flight=flight).exists()
    # A look at another one.
    seat(phone, "4B").tap()
    expect(sheet).to_contain_text("Seat 4B, middle")
    sheet.get_by_role("button", name="Hold 4B").tap()
    expect(phone.locator(".mine button[value='4B']")).to_be_visible()
    expect(sheet).to_be_hidden()
    assert owned(Booking.objects.get(flight=flight)) == ["4B"]
    seat(phone, "4B").tap()
    expect(sheet).to_contain_text("yours")
    expect(seat(phone, "4B")).to_be_checked()
    sheet.get_by_role("button", name="Close").tap()
    expect(sheet).to_be_hidden()
    seat(phone, "4B").tap()
    sheet.get_by_role("button", name="Give 4B back").tap()
    expect(seat(phone, "4B")).not_to_be_checked()
    expect(phone.locator("form.mine")).to_have_count(0)


def test_what_is_shown_to_a_finger_follows_the_map(phone: Page, live_stack: Processes) -> None:
    flight = a_flight()
    open_map(phone, live_stack, flight)
    is_listening(phone)
    seat(phone, "3A").tap()
    sheet = phone.locator("#touched")
    expect(sheet.get_by_role("button", name="Hold 3A")).to_be_visible()
    # The panel is drawn anew, and the sheet stays.
    phone.evaluate("htmx.trigger('#panel', 'look-again')")
    alices = a_hold(flight, "3A")
    expect(sheet).to_contain_text("held by someone else")
    expect(sheet.get_by_role("button", name="3A")).to_have_count(0)
    assert owned(alices) == ["3A"]


def test_a_mouse_beside_a_touch_screen_and_the_keyboard_need_one_step(
    phone: Page, live_stack: Processes
) -> None:
    flight = a_flight()
    open_map(phone, live_stack, flight)
    seat(phone, "3A").tap()
    seat(phone, "3A").press("Space")
    expect(phone.locator(".mine button[value='3A']")).to_be_visible()
    seat(phone, "3B").click()
    expect(phone.locator(".mine button[value='3B']")).to_be_visible()
    expect(phone.locator("#touched")).to_be_hidden()


def test_the_first_screen_of_a_phone_shows_seats(phone: Page, live_stack: Processes) -> None:
    open_map(phone, live_stack, a_flight(), "?party=2")
    assert in_sight(phone, seat(phone, "2C"))


def test_no_price_is_cut(phone: Page, live_stack: Processes) -> None:
    layout = CabinLayout.objects.create(
        code="wide", source=WIDE, aircraft="Test 350", total_seats=300
    )
    fares: dict[str, dict[str, Any]] = {
        "AF1": {"base_fare_cents": 46_600},
        "AF2": {"base_fare_cents": 1_446_600, "currency": "INR"},
        "AF3": {"base_fare_cents": 146_600, "currency": "CHF"},
        "AF4": {"base_fare_cents": 123_456, "currency": "JPY"},
        "AF5": {"base_fare_cents": 12_345_678, "currency": "VND"},
        "AF6": {"base_fare_cents": 1_234_567, "currency": "KWD"},
    }
    for number, fields in fares.items():
        open_map(phone, live_stack, a_flight(number, layout=layout, **fields))
        phone.locator("label", has_text="Prices").tap()
        cut = phone.locator(".seat .letter").evaluate_all(
            "all => all.filter((one) => one.scrollWidth > one.clientWidth"
            " || one.scrollHeight > one.clientHeight).length"
        )
        assert cut == 0, (number, label(phone, "1A"))
        assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_code_and_pay_are_on_the_first_screen_and_then_the_heading(
    phone: Page, live_stack: Processes
) -> None:
    booking = named(a_hold(a_flight(), "1A", "1B", "1C", browser_id=ALICE))
    open_own(phone, live_stack, booking)
    code, button = phone.get_by_label("Five-digit payment code"), phone.locator("#pay")
    assert in_sight(phone, code)
    assert in_sight(phone, button)
    phone.evaluate("scrollTo(0, 400)")
    code.fill("00000")
    button.evaluate("button => button.click()")
    # "We are paying", or what became of it already: the page may be drawn anew this moment.
    expect(phone.get_by_role("heading", name=re.compile("paying|good flight"))).to_be_visible()
    wait_until(lambda: in_sight(phone, phone.get_by_role("heading", level=1)), "the heading")
    other = pay_slowly(a_hold(a_flight("AF2"), "1A", "1B", "1C", browser_id=ALICE))
    open_own(phone, live_stack, other)
    is_listening(phone)
    phone.evaluate("scrollTo(0, 400)")
    settle(other)
    expect(phone.get_by_role("heading", name="Have a good flight")).to_be_visible()
    wait_until(lambda: in_sight(phone, phone.get_by_role("heading", level=1)), "the heading")


def test_what_asks_and_what_tells_has_no_violation(phone: Page, live_stack: Processes) -> None:
    open_map(phone, live_stack, a_flight(layout=every_kind_of_seat()), "?party=2")
    seat(phone, "1A").tap()
    assert_no_violation(phone)
    phone.get_by_role("button", name="Hold 1A").tap()
    phone.locator("#fewer summary").tap()
    phone.evaluate("site.complain('We cannot reach the server.')")
    assert_no_violation(phone)
    assert_nothing_is_cut_off(phone)
    phone.get_by_role("link", name="Go on with 1 seat").tap()
    phone.get_by_text("Give the seats back").tap()
    assert_no_violation(phone)
    assert_nothing_is_cut_off(phone)
