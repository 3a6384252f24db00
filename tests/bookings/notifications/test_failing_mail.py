"""Mail that cannot be sent: seen by staff, tried for a day, and never said to be done."""

import smtplib
from datetime import timedelta
from io import StringIO

import pytest
from django.core.mail import EmailMultiAlternatives
from django.core.management import CommandError, call_command
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client
from pytest_django import Settings

from bookings import saga
from bookings.models import GIVE_UP_AFTER, Booking
from bookings.notifications.outbox import send_due
from flights.models import Flight
from tests.bookings.admin.staff import LIST, a_supervisor, act, page
from tests.bookings.notifications.ada import (
    a_booking_of_ada,
    make_due,
    messages_sent,
    refuse_all_mail,
)

pytestmark = pytest.mark.django_db(transaction=True)

NOBODY_KNOWS = smtplib.SMTPRecipientsRefused({"ada@example.org": (550, b"no such user")})


def stuck() -> str:
    """What `list_stuck` prints; "" if nothing is stuck."""
    out = StringIO()
    try:
        call_command("list_stuck", stdout=out)
    except CommandError:
        return out.getvalue()
    return ""


def metric(name: str) -> str:
    text = Client().get("/metrics").content.decode()
    return text.split(f"\n{name} ")[1].split("\n")[0]


def fail_since(booking: Booking, hours: float) -> None:
    """Let it have failed for so long, and be due again."""
    since = Now() - timedelta(hours=hours)
    booking.messages.update(failing_since=since)
    make_due(booking)


def due_in_hours(booking: Booking) -> float:
    row = booking.messages.values_list(F("due_at") - Now()).get()
    return float(row[0].total_seconds() / 3600)


@pytest.mark.parametrize(
    "error",
    [
        OSError("the mail server is on fire"),
        NOBODY_KNOWS,
        UnicodeEncodeError("ascii", "ü", 0, 1, "ordinal not in range(128)"),
        ValueError("Invalid address"),
        KeyError("seat"),
        RuntimeError("\x00\x1b[31m\r\n\ud800 red"),
        MemoryError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_goes_wrong_is_seen_by_staff(
    flight: Flight, settings: Settings, error: Exception
) -> None:
    booking = a_booking_of_ada(flight)
    refuse_all_mail(settings, error)
    send_due(booking.pk)
    kind = type(error).__name__
    assert "mail      for" in stuck()
    assert f"not sent: {kind}" in stuck()
    assert metric("bookings_mail_failing") == metric("bookings_mail_unsent") == "1.0"
    olga = a_supervisor()
    now = olga.get("/admin/").content.decode()
    assert '?attention=mail"><b>1</b>' in now
    assert f"not sent: {kind}" in now
    assert str(booking.record_locator) in olga.get(LIST, {"attention": "mail"}).content.decode()
    said = olga.get(page(booking)).content.decode()
    assert "not sent since" in said
    assert "tried again at" in said


def test_the_reason_may_tell_the_address_so_only_what_can_be_erased_has_it(
    flight: Flight, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    booking = a_booking_of_ada(flight)
    before = list(booking.events.values())
    refuse_all_mail(settings, NOBODY_KNOWS)
    send_due(booking.pk)
    assert "ada@example.org" in booking.messages.get().error
    assert list(booking.events.values()) == before
    assert "SMTPRecipientsRefused" in caplog.text
    assert "ada@example.org" not in caplog.text


def test_it_is_no_longer_stuck_once_it_is_sent(
    flight: Flight, settings: Settings, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    booking, working = a_booking_of_ada(flight), settings.MAILERS
    refuse_all_mail(settings)
    send_due(booking.pk)
    make_due(booking)
    settings.MAILERS = working
    send_due(booking.pk)
    assert (len(mailoutbox), stuck(), metric("bookings_mail_failing")) == (1, "", "0.0")


def test_the_pauses_grow_to_an_hour_and_the_last_try_is_at_the_end_of_the_day(
    flight: Flight, settings: Settings
) -> None:
    booking = a_booking_of_ada(flight)
    refuse_all_mail(settings)
    for hours, pause in ((0.02, 1 / 60), (0.5, 0.5), (5, 1), (23.5, 0.5)):
        fail_since(booking, hours)
        send_due(booking.pk)
        assert due_in_hours(booking) == pytest.approx(pause, abs=0.02)


def test_it_is_given_up_after_a_day_and_stays_in_sight_until_the_departure(
    flight: Flight, settings: Settings
) -> None:
    booking = a_booking_of_ada(flight)
    refuse_all_mail(settings)
    fail_since(booking, GIVE_UP_AFTER.total_seconds() / 3600 + 0.01)
    send_due(booking.pk)
    booking.refresh_from_db()
    assert booking.messages.get().due_at == flight.departure
    assert "not sent: OSError" in stuck()
    assert "given up" in a_supervisor().get(page(booking)).content.decode()
    hour = timedelta(hours=1)
    Flight.objects.update(departure=Now() - hour, arrival=Now())
    make_due(booking)
    send_due(booking.pk)
    assert (booking.messages.get().attempts, stuck()) == (1, "")


def test_a_booking_that_is_cancelled_waits_for_no_mail(flight: Flight, settings: Settings) -> None:
    booking = a_booking_of_ada(flight)
    refuse_all_mail(settings)
    send_due(booking.pk)
    saga.cancel_and_refund(booking_id=booking.pk, by="operator:olga")
    assert stuck().startswith("refund")
    assert "not sent" not in stuck()


def test_mail_that_nobody_sends_is_stuck_too(flight: Flight) -> None:
    booking = a_booking_of_ada(flight)
    assert stuck() == ""
    past = Now() - timedelta(minutes=10)
    booking.messages.filter(sent_at=None).update(due_at=past)
    assert "mail      for 10 min" in stuck()


def test_sending_again_is_not_said_to_be_done_before_it_is(
    flight: Flight, settings: Settings
) -> None:
    booking, olga = a_booking_of_ada(flight), a_supervisor()
    refuse_all_mail(settings, NOBODY_KNOWS)
    fail_since(booking, 30)
    send_due(booking.pk)
    booking.refresh_from_db()
    said = act(olga, "resend_confirmation", booking).content.decode()
    assert "done for" not in said
    assert f"Resend mail: asked for {booking.record_locator}" in said
    send_due(booking.pk)
    said = olga.get(page(booking)).content.decode()
    assert "no such user" in said
    assert "tried again at" in said, "a new day to try"


def test_as_soon_as_one_is_sent_those_that_failed_for_the_same_reason_are_due(
    flight: Flight, settings: Settings, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    working = settings.MAILERS
    alike = [a_booking_of_ada(flight, f"{row}A") for row in range(1, 4)]
    other, given_up = a_booking_of_ada(flight, "9A"), a_booking_of_ada(flight, "9B")
    refuse_all_mail(settings, NOBODY_KNOWS)
    send_due(other.pk)
    refuse_all_mail(settings)
    fail_since(given_up, 30)
    for booking in (*alike, given_up):
        send_due(booking.pk)
    settings.MAILERS = working
    make_due(alike[0])
    send_due(alike[0].pk)
    for booking in (*alike, other, given_up):
        send_due(booking.pk)
    assert [messages_sent(booking) for booking in (*alike, other, given_up)] == [1, 1, 1, 0, 0]
    assert len(mailoutbox) == 3
