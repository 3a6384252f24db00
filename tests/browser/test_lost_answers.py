"""What became of a click whose answer was lost: the page asks, and claims no more than it knows."""

import pytest
from playwright.sync_api import Page, Route, expect

from bookings.models import Booking
from tests.browser.steps import open_map, seat, tick
from tests.people import a_flight, owned
from tests.running import Processes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _mischief(expected_complaints: list[str]) -> None:
    expected_complaints += ["ERR_FAILED", "ERR_INTERNET_DISCONNECTED", "Error", "htmx:"]


def lose(route: Route) -> None:
    """The server does it, and what it answers never arrives."""
    route.fetch()
    route.abort()


def test_a_hold_whose_answer_was_lost_is_shown(page: Page, live_stack: Processes) -> None:
    flight = a_flight()
    open_map(page, live_stack, flight)
    page.route("**/seat/", lose)
    seat(page, "28C").click()
    expect(page.locator(".mine button[value='28C']")).to_be_visible()
    expect(seat(page, "28C")).to_be_checked()
    assert owned(Booking.objects.get(flight=flight)) == ["28C"]
    expect(page.locator("#message")).not_to_contain_text("Nothing was changed")


def test_a_seat_given_back_is_shown_so_when_the_server_can_be_reached_again(
    page: Page, live_stack: Processes
) -> None:
    open_map(page, live_stack, a_flight())
    tick(page, "28C")
    page.route("**/seat/", lose)
    page.route("**/panel/**", lambda route: route.abort())
    page.route("**/live/**", lambda route: route.abort())
    page.evaluate("live.watch('/live/nowhere/', {})")
    page.locator("#back-28C").click()
    expect(page.locator("#message p")).to_be_visible()
    expect(seat(page, "28C")).to_be_checked()
    page.unroute("**/panel/**")
    expect(seat(page, "28C")).not_to_be_checked()
    expect(page.locator("form.mine")).to_have_count(0)


@pytest.mark.parametrize("button", ["#take", "#back-7D"])
def test_what_succeeds_takes_the_complaint_away(
    page: Page, live_stack: Processes, button: str
) -> None:
    open_map(page, live_stack, a_flight(), "?party=2")
    if button == "#take":
        page.get_by_text("Best seats together").click()
        page.get_by_role("button", name="Show the best seats").click()
    else:
        tick(page, "7D")
    page.context.set_offline(True)
    page.locator(button).click()
    expect(page.locator("#message p")).to_be_visible()
    page.context.set_offline(False)
    page.locator(button).click()
    expect(page.locator(button)).to_have_count(0)
    expect(page.locator("#message p")).to_have_count(0)
