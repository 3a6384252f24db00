"""Small screens and large letters: nothing lies over, beside or below what one needs."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.alice import ALICE
from tests.browser.steps import open_map, open_own, seat, tick
from tests.browser.test_touch import in_sight
from tests.chromium import FLAGS, chromium_path
from tests.people import a_flight, a_hold, named
from tests.running import Processes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def large(browser: Browser) -> Iterator[Page]:
    """A browser whose reader has set its letters to twice their size."""
    args = [*FLAGS, "--blink-settings=defaultFontSize=32"]
    other = browser.browser_type.launch(executable_path=chromium_path(), args=args)
    context = other.new_context(has_touch=True)
    context.set_default_timeout(10_000)
    yield context.new_page()
    other.close()


def set_size(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})


def beside(page: Page) -> int:
    """How many pixels are beyond the right edge of the screen."""
    width: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return width


def overlapping(page: Page, what: str) -> list[str]:
    """Texts of those of these elements that lie over another one."""
    texts: list[str] = page.locator(what).evaluate_all(
        """all => {
            const boxes = all.map((one) => [one.innerText || one.id, one.getBoundingClientRect()]);
            const isOver = (a, b) => a !== b && a.left < b.right - 1 && b.left < a.right - 1 &&
                a.top < b.bottom - 1 && b.top < a.bottom - 1;
            const over = boxes.filter(([, a]) => boxes.some(([, b]) => isOver(a, b)));
            return over.map(([text]) => text);
        }"""
    )
    return texts


@pytest.mark.parametrize("size", [(1280, 800), (360, 740), (320, 568)])
def test_letters_of_twice_the_size_leave_everything_in_reach(
    large: Page, live_stack: Processes, size: tuple[int, int]
) -> None:
    set_size(large, *size)
    flight = a_flight()
    large.goto(live_stack.url)
    assert beside(large) <= 0
    assert overlapping(large, ".search input, .search .button") == []
    open_map(large, live_stack, flight, "?party=2")
    seat(large, "12A").tap()
    assert in_sight(large, large.locator("#touched-act"))
    large.locator("#touched-act").tap()
    expect(large.locator("#go")).to_be_visible()
    assert in_sight(large, large.locator("#go"))
    assert large.locator(".count").evaluate("count => count.clientWidth") > 100
    assert beside(large) <= 0
    large.locator("#go").tap()
    large.get_by_role("link", name="Go on with 1 seat").tap()
    expect(large.locator(".who .go")).to_be_visible()
    large.locator(".infant summary").tap()
    large.get_by_label("Child under 12").check()
    assert beside(large) <= 0
    parts = ("input:not([type=hidden], [type=radio])", ".go", "label", "summary")
    assert overlapping(large, ", ".join(f".who {part}" for part in parts)) == []
    large.get_by_label("Adult", exact=True).check()
    large.get_by_label("Given name", exact=True).fill("Ada")
    large.locator(".who .go").tap()
    expect(large.locator("#pay")).to_be_visible()
    assert beside(large) <= 0
    assert overlapping(large, ".pay input:not([type=hidden]), #pay, .pay label") == []


@pytest.mark.parametrize("width", [320, 360, 390])
def test_results_and_search_fit_the_smallest_phones(
    page: Page, live_stack: Processes, width: int
) -> None:
    set_size(page, width, 640)
    a_flight()
    page.goto(live_stack.url)
    assert beside(page) <= 0
    assert overlapping(page, ".search input, .search .button") == []
    assert overlapping(page, ".offer .leg, .offer .way, .offer .buy") == []


# The screens of phones, less what a browser takes of them.
@pytest.mark.parametrize("size", [(320, 568), (360, 620)])
def test_a_short_screen_of_a_phone_shows_seats_and_then_the_code_and_the_button(
    page: Page, live_stack: Processes, size: tuple[int, int]
) -> None:
    set_size(page, *size)
    flight = a_flight()
    open_map(page, live_stack, flight, "?party=2")
    assert in_sight(page, seat(page, "1A"))
    open_own(page, live_stack, named(a_hold(flight, "1A", "1B", browser_id=ALICE)))
    assert in_sight(page, page.get_by_label("Five-digit payment code"))
    assert in_sight(page, page.locator("#pay"))


@pytest.mark.parametrize("width", [320, 480, 768, 920, 1366])
def test_the_times_of_a_flight_do_not_lie_over_each_other(
    page: Page, live_stack: Processes, width: int
) -> None:
    set_size(page, width, 620)
    open_own(page, live_stack, a_hold(a_flight(), "1A", browser_id=ALICE))
    assert overlapping(page, ".ticket .time, .ticket .way") == []
    assert page.locator(".ticket .way").evaluate("way => way.scrollWidth <= way.clientWidth")


def test_what_a_button_asks_is_on_the_screen(page: Page, live_stack: Processes) -> None:
    set_size(page, 360, 225)  # 400 %
    open_map(page, live_stack, a_flight(), "?party=2")
    tick(page, "28C")
    page.locator("#go").click()
    go_on = page.get_by_role("link", name="Go on with 1 seat")
    expect(go_on).to_be_in_viewport(ratio=1)
    go_on.click()
    page.get_by_text("Give the seats back").click()
    expect(page.get_by_role("button", name="Yes, give it back")).to_be_in_viewport(ratio=1)


def test_prices_are_whole_on_paper(page: Page, live_stack: Processes) -> None:
    open_map(page, live_stack, a_flight(base_fare_cents=146_600))
    page.locator("label", has_text="Prices").click()
    page.emulate_media(media="print")
    cut = page.locator(".seat .letter").evaluate_all(
        "all => all.filter((one) => one.scrollWidth > one.clientWidth).length"
    )
    assert cut == 0


@pytest.mark.parametrize("width", [360, 1366])
def test_no_text_touches_the_edge_of_the_panel(
    page: Page, live_stack: Processes, width: int
) -> None:
    set_size(page, width, 740)
    open_map(page, live_stack, a_flight())
    below = page.locator(".panel .empty").evaluate(
        "(text) => document.getElementById('panel').getBoundingClientRect().bottom"
        " - text.getBoundingClientRect().bottom"
    )
    assert below > 9
