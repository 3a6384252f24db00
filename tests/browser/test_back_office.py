"""The back office in a browser: readable for everybody, and quiet under one's hands."""

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from bookings.models import Booking, State
from bookings.saga.payment import postpone
from flights.models import Flight
from tests.browser.steps import wait_for
from tests.browser.test_accessibility import a_settled_payment, assert_no_violation
from tests.people import a_flight, a_hold, let_time_pass, standing
from tests.running import Processes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct horse battery staple"
ROOM = "/admin/bookings/booking/"


def sign_in(page: Page, stack: Processes, path: str = "/admin/") -> None:
    User.objects.create_superuser("olga", password=PASSWORD)
    page.goto(stack.url + path)
    page.get_by_label("Username:").fill("olga")
    page.get_by_label("Password:").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#user-tools")).to_contain_text("olga")


def lock_out(page: Page, name: str) -> None:
    for _ in range(5):
        page.get_by_label("Username:").fill(name)
        page.get_by_label("Password:").fill("a guess")
        page.get_by_role("button", name="Log in").click()
    expect(page.locator("h1")).to_contain_text("Too many wrong passwords")


def some_bookings(flight: Flight) -> tuple[Booking, Booking]:
    """One of each kind of trouble, one that is confirmed, and one that is held."""
    failing = a_hold(flight, "2A")
    postpone(failing.pk, ValueError("the gateway is on fire"))
    let_time_pass(a_hold(flight, "3A"), 1000)
    a_settled_payment(flight, "5A", code="11111")
    return a_settled_payment(flight, "4A", code="00000"), a_hold(flight, "6A", "6B")


def test_no_page_of_the_room_has_a_violation(page: Page, live_stack: Processes) -> None:
    flight = a_flight()
    sold, held = some_bookings(flight)
    page.goto(f"{live_stack.url}/admin/login/")
    assert_no_violation(page)
    lock_out(page, "nobody")
    assert_no_violation(page)
    sign_in(page, live_stack)
    expect(page.locator("#machinery")).to_contain_text("1 worker (")
    assert_no_violation(page)
    paths = [
        ROOM,
        f"{ROOM}?state=FAILED",
        f"{ROOM}{sold.pk}/change/",
        f"{ROOM}{held.pk}/change/",
        f"{ROOM}act/terminate/?ids={held.pk}",
        f"{ROOM}act/give_refund/?ids={sold.pk}",
        f"{ROOM}{held.pk}/move/",
        "/admin/admin/logentry/",
    ]
    for path in paths:
        page.goto(live_stack.url + path)
        assert_no_violation(page)


def test_now_follows_what_happens_but_not_under_somebodys_hands(
    page: Page, live_stack: Processes
) -> None:
    flight = a_flight()
    page.clock.install()
    sign_in(page, live_stack)
    holds = page.locator("#now .cards li", has_text="hold")
    expect(holds).to_contain_text("0 holds")
    page.mouse.wheel(0, 300)
    wait_for(page, "scrollY > 0")
    place = page.evaluate("scrollY")
    a_hold(flight, "2A")
    page.clock.run_for("00:06")
    expect(holds).to_contain_text("1 hold")
    assert page.evaluate("scrollY") == place
    link = page.locator("#now .cards a").first
    link.focus()
    a_hold(flight, "3A")
    page.clock.run_for("00:06")
    with pytest.raises(AssertionError):
        expect(holds).to_contain_text("2 holds", timeout=2_000)
    expect(link).to_be_focused()
    link.blur()
    page.clock.run_for("00:06")
    expect(holds).to_contain_text("2 holds")


def test_who_was_signed_out_meanwhile_is_asked_to_sign_in(
    page: Page, live_stack: Processes
) -> None:
    page.clock.install()
    sign_in(page, live_stack)
    Session.objects.all().delete()
    page.clock.run_for("00:06")
    expect(page.get_by_label("Username:")).to_be_visible()


def test_an_operator_moves_a_party_and_reads_it_in_the_story(
    page: Page, live_stack: Processes
) -> None:
    alice = a_settled_payment(a_flight(), "4A", code="00000")
    sign_in(page, live_stack, f"{ROOM}?q={alice.pk}")
    page.get_by_role("link", name=str(alice.record_locator)).click()
    page.get_by_role("link", name="Move to other seats…").click()
    page.get_by_label("4A (now)").uncheck()
    page.get_by_label("20F").check()
    page.get_by_label("Reason:").fill("A window, please")
    page.get_by_role("button", name="Move").click()
    expect(page.locator(".messagelist")).to_contain_text("4A became 20F")
    expect(page.locator("main")).to_contain_text("operator:olga")
    assert standing(alice)[0] == State.CONFIRMED
