"""Ada, who gave her address, and mail servers of several kinds."""

import socketserver
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models.functions import Now
from pytest_django import Settings

from bookings.models import Booking
from bookings.notifications.outbox import send_due
from flights.models import Flight
from tests.people import a_payment, settle

ADA: dict[str, Any] = {"name": "Ada Lovelace", "email": "ada@example.org"}


BY = "operator:olga"

type Mails = list[EmailMultiAlternatives]


def a_payment_of_ada(flight: Flight, *seats: str, **contact: Any) -> Booking:
    return a_payment(flight, *seats, **(contact or ADA))


def a_booking_of_ada(flight: Flight, *seats: str, **contact: Any) -> Booking:
    """Paid, confirmed, and its confirmation not sent yet."""
    return settle(a_payment_of_ada(flight, *seats, **contact))


def messages_sent(booking: Booking) -> int:
    return booking.messages.filter(sent_at__isnull=False).count()


def told(booking: Booking, mailoutbox: Mails) -> list[EmailMultiAlternatives]:
    """What is sent now."""
    mailoutbox.clear()
    send_due(booking.pk)
    return list(mailoutbox)


def texts(mail: EmailMultiAlternatives) -> tuple[str, str]:
    [(html, _)] = mail.alternatives
    return str(mail.body), str(html)


def says(mail: EmailMultiAlternatives, *facts: str) -> None:
    for text in texts(mail):
        for fact in facts:
            assert fact in text
        assert "{" not in text.partition("</style>")[2]
        assert "Lovelace" not in mail.subject
        assert "ada@" not in mail.subject


def kinds(booking: Booking) -> list[str]:
    return list(booking.messages.order_by("number", "pk").values_list("kind", flat=True))


def make_due(booking: Booking) -> None:
    """Let the pause before the next try be over."""
    past = Now() - timedelta(minutes=1)
    booking.messages.update(due_at=past, sent_at=None)


class Refusing(BaseEmailBackend):
    """Raises whatever a mailer may raise."""

    error: Exception = OSError("the mail server is on fire")

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        raise self.error


def sent_by(settings: Settings, backend: str, **options: Any) -> None:
    settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": options}}


def refuse_all_mail(settings: Settings, error: Exception | None = None) -> None:
    """From now on no mail can be sent, for this reason."""
    Refusing.error = error or OSError("the mail server is on fire")
    sent_by(settings, f"{__name__}.Refusing")


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("220 hello")
        while line := self.rfile.readline():
            verb, _, said = line.decode("ascii").strip().partition(":")
            if verb.upper() == "RCPT TO":
                self.server.recipients.append(said)  # type: ignore[attr-defined]
            if verb.upper() == "DATA":
                self._say("354 go on")
                while self.rfile.readline() != b".\r\n":
                    pass
            self._say("250 fine")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def a_mail_server(settings: Settings) -> Iterator[list[str]]:
    """One that speaks ASCII only, as most do; to whom mail was sent."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Conversation) as server:
        server.daemon_threads, recipients = True, list[str]()
        server.recipients = recipients  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host, port = server.server_address[:2]
        smtp = "django.core.mail.backends.smtp.EmailBackend"
        sent_by(settings, smtp, host=host, port=port, timeout=5)
        yield recipients
        server.shutdown()
