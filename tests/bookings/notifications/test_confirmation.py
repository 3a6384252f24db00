"""The confirmation by e-mail: at least once, and never in the payment's way."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes
from functools import partial
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone
from icalendar import Calendar
from pytest_django import Settings

from bookings import saga
from bookings.errors import NotPossible
from bookings.models import PaymentStatus, State, waiting_of_each
from bookings.notifications.outbox import send_due
from flights.models import Airport, Flight
from tests.bookings.notifications.ada import (
    a_booking_of_ada,
    a_mail_server,
    a_payment_of_ada,
    make_due,
    messages_sent,
    sent_by,
)
from tests.pdf import needs_poppler, read
from tests.people import a_confirmed_booking, a_flight, standing
from tests.racing import race, transactions_waiting
from tests.running import Processes, free_port, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def no_mail_server(settings: Settings) -> dict[str, Any]:
    """Nobody listens where the mail server should."""
    working: dict[str, Any] = settings.MAILERS
    smtp = "django.core.mail.backends.smtp.EmailBackend"
    sent_by(settings, smtp, host="127.0.0.1", port=free_port(), timeout=1)
    return working


def test_it_says_what_a_customer_needs(
    flight: Flight, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    booking = a_booking_of_ada(flight, "12A", "12B")
    send_due(booking.pk)
    [mail] = mailoutbox
    assert mail.to == ["ada@example.org"]
    assert str(booking.record_locator) in mail.subject
    [(html, kind)] = mail.alternatives
    assert kind == "text/html"
    for text in (str(mail.body), str(html)):
        for fact in (booking.record_locator, "12A", "12B", "€400", "AF1234", "Paris", "New York"):
            assert str(fact) in text
        for promise in ("Standard fare.", "70\u00a0% back (€280) if cancelled by", "costs €40."):
            assert promise in text
        assert f"/trip/{booking.pk}/" in text
        assert "{" not in text.partition("</style>")[2]


@needs_poppler
def test_the_ticket_and_the_flight_for_a_calendar_are_attached(
    flight: Flight, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    booking = a_booking_of_ada(flight, "12A")
    saga.delay_flight(flight_id=flight.pk, minutes=30, by="operator:olga")
    send_due(booking.pk)
    sent = message_from_bytes(mailoutbox[0].message().as_bytes())
    files: dict[str | None, Any] = {part.get_filename(): part for part in sent.walk()}
    del files[None]
    assert list(files) == [f"ticket-{booking}.pdf", f"flight-{booking}.ics"]
    ticket, entry = files.values()
    assert ticket.get_content_type() == "application/pdf"
    assert "Ada Lovelace" in read(ticket.get_payload(decode=True))
    assert entry.get_content_type() == "text/calendar"
    found: list[Any] = Calendar.from_ical(entry.get_payload(decode=True)).walk("VEVENT")
    [event] = found
    delayed = flight.departure.replace(microsecond=0) + timedelta(minutes=30)
    assert event["dtstart"].dt == delayed
    assert (event["uid"], event["sequence"]) == (str(booking.pk), 1)
    assert "Your ticket is attached" in str(mailoutbox[0].body)


def test_it_is_sent_once(flight: Flight, mailoutbox: list[EmailMultiAlternatives]) -> None:
    booking = a_booking_of_ada(flight)
    send_due(booking.pk)
    send_due(booking.pk)
    assert (len(mailoutbox), messages_sent(booking)) == (1, 1)


def test_a_form_that_was_open_when_it_was_sent_is_taken(
    flight: Flight, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    booking = a_booking_of_ada(flight)
    send_due(booking.pk)
    assert len(mailoutbox) == 1
    saga.reseat(booking_id=booking.pk, seats=["1A"], by="operator:olga", version=booking.version)


def test_two_workers_at_the_same_moment_send_it_once(
    flight: Flight, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    booking = a_booking_of_ada(flight)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            booking.messages.select_for_update().get()
            workers = pool.submit(race, *[partial(send_due, booking.pk)] * 4)
            wait_until(lambda: transactions_waiting() == 4, "all to find it due")
        workers.result()
    assert (len(mailoutbox), messages_sent(booking)) == (1, 1)


def test_nobody_without_an_address_is_written_to(
    flight: Flight, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    booking = a_booking_of_ada(flight, name="Ada")
    assert not booking.messages.exists()
    send_due(booking.pk)
    assert mailoutbox == []
    with pytest.raises(NotPossible):
        saga.resend_confirmation(booking_id=booking.pk, by="operator:olga")


def test_a_mail_server_that_is_away_delays_the_mail_and_nothing_else(
    flight: Flight,
    no_mail_server: dict[str, Any],
    settings: Settings,
    mailoutbox: list[EmailMultiAlternatives],
) -> None:
    booking = a_booking_of_ada(flight)
    send_due(booking.pk)
    assert standing(booking) == (State.CONFIRMED, PaymentStatus.CHARGED)
    due_at = booking.messages.get().due_at
    assert due_at
    assert due_at > timezone.now() + timedelta(seconds=50)
    settings.MAILERS = no_mail_server
    send_due(booking.pk)
    assert mailoutbox == [], "the pause is not over"
    make_due(booking)
    send_due(booking.pk)
    assert (len(mailoutbox), messages_sent(booking)) == (1, 1)


def test_a_worker_that_died_after_sending_sends_the_same_message_again(
    flight: Flight, mailoutbox: list[EmailMultiAlternatives], monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = a_booking_of_ada(flight)
    with monkeypatch.context() as death:
        death.setattr("bookings.notifications.outbox.record_sent", lambda *_: exit())
        with pytest.raises(SystemExit):
            send_due(booking.pk)
    make_due(booking)
    send_due(booking.pk)
    ids = [mail.message()["Message-ID"] for mail in mailoutbox]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_an_operator_sends_it_again(
    flight: Flight, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    booking = a_booking_of_ada(flight)
    send_due(booking.pk)
    saga.resend_confirmation(booking_id=booking.pk, by="operator:olga")
    send_due(booking.pk)
    # A mail program that throws doubles away keeps this one.
    assert len({mail.message()["Message-ID"] for mail in mailoutbox}) == 2


def test_what_is_not_confirmed_cannot_be_confirmed_by_mail(flight: Flight) -> None:
    with pytest.raises(NotPossible):
        saga.resend_confirmation(booking_id=a_payment_of_ada(flight).pk, by="operator:olga")


def test_a_booking_cancelled_meanwhile_is_not_written_of(
    flight: Flight, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    booking = a_booking_of_ada(flight)
    saga.cancel_and_refund(booking_id=booking.pk, by="operator:olga")
    send_due(booking.pk)
    assert [mail.subject.partition(":")[0] for mail in mailoutbox] == ["Cancelled"]
    assert not waiting_of_each(booking.messages.all())


@pytest.mark.parametrize(
    "name",
    ['Ada, eve@example.org, "Bob"', "=?utf-8?q?eve=40x.org=2C?=", "علی\u200cرضا", "A" * 80],
)
def test_a_name_is_in_no_header(
    flight: Flight, mailoutbox: list[EmailMultiAlternatives], name: str
) -> None:
    send_due(a_booking_of_ada(flight, name=name, email="ada@example.org").pk)
    [mail] = mailoutbox
    assert str(mail.message()["To"]) == "ada@example.org"
    assert name in str(mail.body)


def test_a_subject_is_one_line_whatever_places_are_called(
    flight: Flight, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    Airport.objects.update(city="New\r\nBcc: eve@example.org\u2028York")
    send_due(a_booking_of_ada(flight).pk)
    [mail] = mailoutbox
    assert "New Bcc: eve@example.org York" in mail.subject
    assert len(mail.subject.splitlines()) == 1
    assert mail.message()["Bcc"] is None


@pytest.mark.parametrize(
    ("typed", "sent_to"),
    [
        ("ada@münchen.de", "ada@xn--mnchen-3ya.de"),
        ("ada@例え.jp", "ada@xn--r8jz45g.jp"),
        ("ada＠例え。jp", "ada@xn--r8jz45g.jp"),
        ("ada@faßbender.de", "ada@xn--fabender-rya.de"),
        ("ada@Bücher.Example", "ada@xn--bcher-kva.example"),
        ("ada@пример.рф", "ada@xn--e1afmkfd.xn--p1ai"),
        ("ada@نامه\u200cای.com", "ada@xn--mgba3gch31f060k.com"),
        ("Ada.Lovelace+1@example.org", "Ada.Lovelace+1@example.org"),
    ],
)
def test_it_is_sent_to_the_domain_as_mail_servers_know_it(
    flight: Flight, settings: Settings, typed: str, sent_to: str
) -> None:
    booking = a_booking_of_ada(flight, name="山田 太郎, علی\u200cرضا", email=typed)
    with a_mail_server(settings) as recipients:
        send_due(booking.pk)
    booking.refresh_from_db()
    assert recipients == [f"<{sent_to}>"], booking.messages.get().error
    assert messages_sent(booking) == 1


@pytest.mark.parametrize(
    ("site", "host"),
    [
        ("https://flüge.example:8443", "xn--flge-1ra.example"),
        ("https://☃.example", "xn--n3h.example"),
        ("http://[::1]:8000", "[IPv6:::1]"),
        ("http://127.0.0.1:8000", "127.0.0.1"),
        ("https://BOOKING.example", "booking.example"),
    ],
)
def test_a_site_wherever_it_is_sends_too(
    flight: Flight,
    settings: Settings,
    mailoutbox: list[EmailMultiAlternatives],
    site: str,
    host: str,
) -> None:
    settings.SITE_URL = site
    send_due(a_booking_of_ada(flight).pk)
    [mail] = mailoutbox
    header = mail.message()["Message-ID"]
    assert str(header).endswith(f"@{host}>")
    assert not header.defects


def test_old_bookings_are_left_alone(
    flight: Flight, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    send_due(a_confirmed_booking(flight).pk)
    assert mailoutbox == []


def test_a_worker_sends_it_after_the_payment(celery_workers: Processes) -> None:
    booking = a_payment_of_ada(a_flight())
    wait_until(lambda: messages_sent(booking) == 1, "the confirmation")


def test_the_sweep_finds_what_no_worker_sent(celery_workers: Processes) -> None:
    booking = a_payment_of_ada(a_flight("AF2"))
    wait_until(lambda: messages_sent(booking) == 1, "the confirmation")
    make_due(booking)
    saga.sweep()
    wait_until(lambda: messages_sent(booking) == 1, "the confirmation that the sweep found")
