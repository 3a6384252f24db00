"""What a customer does with a page, and what is seen on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from playwright.sync_api import Browser, Locator, Page, expect

from bookings.models import Booking, State
from bookings.views.browser import COOKIE
from flights.clock import database_clock
from flights.models import Flight
from tests.alice import cookie_of
from tests.people import change
from tests.running import Processes, wait_until


def open_map(page: Page, stack: Processes, flight: Flight, query: str = "") -> None:
    page.goto(f"{stack.url}/flights/{flight.pk}/{query}")


def open_own(page: Page, stack: Processes, booking: Booking) -> None:
    """The booking's page, in the browser that made it."""
    assert booking.browser_id
    cookie = cookie_of(booking.browser_id)
    page.context.add_cookies([{"name": COOKIE, "value": cookie, "url": stack.url}])
    page.goto(f"{stack.url}/bookings/{booking.pk}/")


def seat(page: Page, name: str) -> Locator:
    return page.locator(f"input[value='{name}'][name=seats]")


def label(page: Page, name: str) -> str:
    """All that a screen reader reads of a seat."""
    return page.locator(f"label:has(input[value='{name}'])").text_content() or ""


def tick(page: Page, *names: str) -> None:
    """Click these seats and see that each is held."""
    for name in names:
        seat(page, name).click()
        expect(page.locator(f".mine button[value='{name}']")).to_be_visible()
        expect(seat(page, name)).to_be_checked()


def name_passengers(page: Page, *names: str) -> None:
    """Go on from the map, and say who travels in each of the seats."""
    page.get_by_role("link", name="Continue").click()
    expect(page.get_by_role("heading", name="Who travels?")).to_be_visible()
    for place in range(page.locator(".passenger").count()):
        name = names[place] if names else f"Passenger {chr(ord('A') + place)}"
        given, _, family = name.partition(" ")
        page.locator(f"[name=p{place}-given]").fill(given)
        page.locator(f"[name=p{place}-family]").fill(family)
    page.get_by_role("button", name="Continue to payment").click()


def pay(page: Page, code: str) -> None:
    name_passengers(page)
    page.get_by_label("Five-digit payment code").fill(code)
    page.get_by_role("button", name="Pay now").click()


def pay_slowly(booking: Booking, code: str = "00000") -> Booking:
    """Start a payment that no worker takes up within the hour."""
    return change(
        booking,
        "payment_started",
        state=State.PAYMENT_PROCESSING,
        payment_code=code,
        due_at=database_clock() + timedelta(hours=1),
    )


def is_listening(page: Page) -> None:
    """Wait until the page's stream is connected."""
    wait_for(page, "live.isConnected()")


def wait_for(page: Page, condition: str) -> None:
    """Wait until this JavaScript is true. Playwright's own way needs eval: our CSP forbids it."""
    wait_until(lambda: bool(page.evaluate(condition)), condition)


@contextmanager
def another_browser(browser: Browser) -> Iterator[Page]:
    """A page of somebody else, or of nobody yet."""
    context = browser.new_context()
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()
