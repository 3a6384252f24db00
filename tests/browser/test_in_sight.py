"""What went wrong is said where one looks, and the way on is always on the screen."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.alice import ALICE
from tests.browser.steps import open_map, open_own, seat, tick
from tests.browser.test_touch import in_sight
from tests.people import a_flight, a_hold
from tests.running import Processes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def away(route: Route) -> None:
    route.abort()


def refused(route: Route) -> None:
    route.fulfill(status=403, body="no")


@pytest.mark.parametrize("trouble", [away, refused])
def test_what_went_wrong_is_said_on_the_screen(
    page: Page, live_stack: Processes, trouble: object, expected_complaints: list[str]
) -> None:
    expected_complaints += ["ERR_FAILED", "Error", "htmx:afterRequest"]
    open_map(page, live_stack, a_flight())
    page.route("**/seat/**", trouble)  # type: ignore[arg-type]
    seat(page, "28C").click()
    message = page.locator("#message p")
    expect(message).to_be_visible()
    assert page.evaluate("scrollY") > 500
    assert in_sight(page, message)
    expect(seat(page, "28C")).not_to_be_checked()
    # Seen to come back.
    expect(page.locator(".seat:has([value='28C'])")).to_have_class("seat refused")
    page.get_by_role("button", name="Close this message").click()
    expect(message).to_have_count(0)


def test_the_server_s_own_refusal_is_said_on_the_screen(page: Page, live_stack: Processes) -> None:
    flight = a_flight()
    open_map(page, live_stack, flight)
    page.evaluate("document.querySelector(\"[value='28C']\").value = '99Z'")
    page.locator("input[value='99Z']").scroll_into_view_if_needed()
    page.locator("input[value='99Z']").click()
    notice = page.locator(".notice")
    expect(notice).to_be_visible()
    assert in_sight(page, notice)


def test_copying_that_is_not_allowed_is_told(page: Page, live_stack: Processes) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    open_own(page, live_stack, a_hold(a_flight(), browser_id=ALICE))
    page.evaluate(
        """document.querySelector("main").insertAdjacentHTML(
            "beforeend", "<button data-copy='X7K2PQ'>Copy</button>")"""
    )
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#message")).to_contain_text("X7K2PQ")


# A laptop; the same at 200 % and 400 %; a phone lying down.
@pytest.mark.parametrize("size", [(1366, 620), (683, 310), (341, 256), (740, 360)])
def test_the_way_on_is_on_the_screen_and_leaves_room_for_the_map(
    page: Page, live_stack: Processes, size: tuple[int, int]
) -> None:
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    flight = a_flight()
    open_map(page, live_stack, flight)
    tick(page, *[f"{row}{letter}" for row in (11, 12) for letter in "ABCD"], "13A")
    for y in (0, 300, 900):
        page.evaluate(f"scrollTo(0, {y})")
        if width > 900 or y > 0:
            assert in_sight(page, page.locator("#go")), (size, y)
    panel = page.locator("#panel").bounding_box()
    assert panel
    assert panel["height"] <= height
    assert panel["height"] <= 0.6 * height or width > 900, panel
    # All that it says can be reached.
    last = page.locator(".mine button").last
    last.scroll_into_view_if_needed()
    assert in_sight(page, last)
