"""What one takes along, as browsers have it: opened, saved and printed."""

import pytest
from playwright.sync_api import Browser, Page, expect

from bookings import saga
from bookings.models import Booking
from bookings.saga import Said
from tests.alice import ALICE, a_confirmed_booking, a_hold
from tests.browser.steps import open_own
from tests.pdf import needs_poppler, read
from tests.people import a_flight, settle
from tests.running import Processes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def nine_of_them() -> Booking:
    """As many as a booking can have, with long names."""
    hold = a_hold(a_flight(), *(f"{row}A" for row in range(11, 20)))
    said = [Said(seat, "Thị Hương Augusta Wilhelmina", "Nguyễn") for seat in hold.seats]
    saga.name_passengers(booking_id=hold.pk, said=said, browser_id=ALICE)
    return settle(saga.start_payment(booking_id=hold.pk, code="00000", browser_id=ALICE))


def test_on_a_phone_without_scripts_the_keyboard_has_all_of_it(
    browser: Browser, live_stack: Processes
) -> None:
    booking = a_confirmed_booking(a_flight())
    phone = {"width": 320, "height": 640}
    context = browser.new_context(java_script_enabled=False, viewport=phone)  # type: ignore[arg-type]
    page = context.new_page()
    open_own(page, live_stack, booking)
    links = [page.get_by_role("link", name=name) for name in ("E-ticket", "Receipt", "Add to")]
    links[0].focus()
    for link in links:
        expect(link).to_be_focused()
        box = link.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= phone["width"]
        assert box["height"] >= 44
        answer = context.request.get(f"{live_stack.url}{link.get_attribute('href')}")
        assert answer.ok
        page.keyboard.press("Tab")
    links[-1].focus()
    with page.expect_download() as saved:
        page.keyboard.press("Enter")
    assert saved.value.suggested_filename == f"flight-{booking.record_locator}.ics"
    context.close()


@needs_poppler
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_confirmation_is_one_printed_page_without_anything_to_press(
    page: Page, live_stack: Processes, scheme: str
) -> None:
    booking = nine_of_them()
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    open_own(page, live_stack, booking)
    margin = dict.fromkeys(("top", "right", "bottom", "left"), "10mm")
    printed = read(page.pdf(format="A4", margin=margin))  # type: ignore[arg-type]
    assert printed.count("\f") == 1
    for said in (str(booking.record_locator), "AF1234", "Paris", "€1,800", "Standard fare."):
        assert said in printed
    assert printed.count("Augusta Wilhelmina Nguyễn") == 10
    for control in ("Correct a name", "E-ticket", "calendar", "Copy", "Print", "Flights"):
        assert control not in printed
