"""A booking's history, as a picture and as text."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from bookings import saga
from bookings.admin.bookings.history import history_of
from bookings.admin.bookings.timeline import LEFT, RIGHT, WIDTH, Scale, Timeline
from bookings.models import Booking
from flights.models import Fare, Flight
from tests.bookings.admin.staff import WHY, page
from tests.people import MoodyGateway, a_hold, a_payment, run_out, settle

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 12, 24, 12, tzinfo=UTC)


def drawn(booking: Booking) -> Timeline:
    booking.refresh_from_db()
    picture = history_of(booking).timeline
    assert isinstance(picture, Timeline)
    return picture


def after(*seconds: float) -> list[datetime]:
    return [NOON + timedelta(seconds=each) for each in seconds]


def test_time_runs_from_left_to_right_and_a_long_wait_is_shortened() -> None:
    moments = after(0, 1, 3601, 3602)
    scale = Scale(moments)
    places = [scale(moment) for moment in moments]
    assert places == sorted(places)
    assert (places[0], places[-1]) == pytest.approx((LEFT, WIDTH - RIGHT))
    second, hour = places[1] - places[0], places[2] - places[1]
    assert second < hour < 20 * second
    assert places[1] < scale(after(1800)[0]) < places[2]
    assert scale(after(-5)[0]) == LEFT
    assert scale(after(9999)[0]) == places[-1]


def test_a_moment_alone_has_a_place() -> None:
    assert Scale([NOON])(NOON) == LEFT


def test_a_history_of_three_attempts_and_a_refund_is_drawn_lane_by_lane(
    flight: Flight, gateway: type[MoodyGateway]
) -> None:
    alice = a_hold(flight, "12A")
    saga.update_seats(booking_id=alice.pk, seats=["12B"])
    gateway.fates[:] = ["declined", "silent", "approved"]
    settle(saga.start_payment(booking_id=alice.pk, code="00000"))
    saga.cancel_and_refund(booking_id=alice.pk, by="operator:olga", reason=WHY)
    settle(alice)
    picture = drawn(alice)
    assert [band.kind for band in picture.states] == [
        "SEATS_RESERVED",
        "PAYMENT_PROCESSING",
        "CONFIRMED",
        "CANCELLED",
    ]
    assert [band.kind for band in picture.money] == ["charged", "refund_due", "refunded"]
    assert [band.kind for band in picture.attempts] == ["declined", "unknown", "approved"]
    assert [band.title.split(" at ")[0] for band in picture.holds] == ["held", "seats changed"]
    assert len(picture.events) == alice.version
    by_olga = [mark for mark in picture.events if mark.kind == "triangle"]
    assert "cancelled for refund by operator:olga" in by_olga[0].title
    assert picture.now is None
    for band in (*picture.states, *picture.holds, *picture.attempts, *picture.money):
        assert LEFT <= band.x <= band.x + band.width <= WIDTH


def test_a_running_hold_shows_now_and_when_it_is_due(olga: Client, flight: Flight) -> None:
    alice = a_hold(flight)
    picture = drawn(alice)
    [due] = picture.dues
    assert due.kind == "next"
    assert picture.now is not None
    assert LEFT <= picture.now < due.x
    assert due.x == pytest.approx(WIDTH - RIGHT)
    said = olga.get(page(alice)).content.decode()
    assert '<line class="now"' in said
    assert "<title>1. held by customer" in said


def test_an_expired_hold_shows_when_its_timer_ran_out(flight: Flight) -> None:
    alice = a_hold(flight)
    run_out(alice)
    saga.sweep()
    assert {mark.kind for mark in drawn(alice).dues} == {"ran_out"}


def test_show_booking_tells_the_history_as_text(
    flight: Flight, gateway: type[MoodyGateway]
) -> None:
    gateway.fates[:] = ["declined"]
    contact: dict[str, Any] = {"name": "Alice Adams", "email": "alice@example.org"}
    alice = a_hold(flight, "12A", "12B")
    settle(saga.start_payment(booking_id=alice.pk, code="00000", **contact))
    alice.refresh_from_db()
    out = StringIO()
    call_command("show_booking", str(alice.record_locator).lower(), stdout=out)
    told = out.getvalue()
    for words in (
        f"Booking {alice.record_locator}",
        "CONFIRMED, payment charged",
        "seats 12A, 12B",
        "400.00 EUR",
        "Alice Adams alice@example.org",
        "Declined",
        f"{alice.pk}-2",
        "confirmed by gateway",
        "state: CONFIRMED",
        "Confirmation (event 8): to be sent at",
    ):
        assert words in told
    for typed in (str(alice.pk), f" \u200e{alice.record_locator}\ufeff "):
        again = StringIO()
        call_command("show_booking", typed, stdout=again)
        assert again.getvalue() == told


def test_staff_read_which_fare_was_chosen_and_what_was_sold_with_it(
    olga: Client, flight: Flight
) -> None:
    alice = saga.choose_fare(booking_id=a_hold(flight, "12A").pk, fare="flex")
    flex, out = Fare.objects.get(code="flex"), StringIO()
    flex.refund_percent = 50
    flex.replace()
    call_command("show_booking", str(alice.pk), stdout=out)
    assert "fare     Flex" in out.getvalue()
    assert "fare chosen by customer  fare: Flex, total: 260.00 EUR" in out.getvalue()
    shown = olga.get(page(alice)).content.decode()
    assert "100\u00a0% back (€260) if cancelled by" in shown
    assert "<td>fare chosen</td>" in shown


def test_show_booking_steers_no_terminal_whatever_staff_wrote(flight: Flight) -> None:
    alice, out = a_hold(flight), StringIO()
    saga.terminate(booking_id=alice.pk, by="operator:olga", reason="\x1b[2Jno\nConfirmed")
    call_command("show_booking", str(alice.pk), stdout=out, no_color=True)
    assert r"(\x1b[2Jno\nConfirmed)" in out.getvalue()


def test_show_booking_of_a_hold_that_owns_seats_and_has_not_paid(flight: Flight) -> None:
    out = StringIO()
    call_command("show_booking", str(a_payment(flight).pk), stdout=out)
    assert "Payment attempts\n  none" in out.getvalue()
    with pytest.raises(CommandError, match="There is no booking NOSUCH"):
        call_command("show_booking", "NOSUCH")
