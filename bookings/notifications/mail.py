"""A message of the outbox as a mail: plain text and HTML, which look alike for every kind."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Max, Q
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import timezone

from bookings.fares import Terms, terms_of
from bookings.models import Booking, BookingEvent, Message, Refund
from bookings.models.contact import sendable
from bookings.notifications.kinds import MAILS
from bookings.notifications.links import link_to
from bookings.saga.disruption_transitions import MOVED_TO_FLIGHT
from flights.cabin.seats import Seat


class Facts:
    """What a mail may say beside what stands on the booking; looked up when it says it."""

    def __init__(self, told: Message, booking: Booking) -> None:
        self._told, self._booking = told, booking

    @cached_property
    def event(self) -> BookingEvent:
        """What it tells of."""
        return self._booking.events.get(number=self._told.number)

    @cached_property
    def refund(self) -> Refund | None:
        """The one that its event asked for, or that was made by it."""
        by_it = Q(number=self._told.number) | Q(done_at=self.event.at)
        return self._booking.refunds.filter(by_it).first()

    @cached_property
    def seats_before(self) -> Sequence[str]:
        """What it had when it was last told."""
        seats: Sequence[str] = self._seated(before=self._untold).changes["seats"]
        return seats

    @cached_property
    def has_another_aircraft(self) -> bool:
        """Since then."""
        since = self._seated(before=self._untold).at
        events = self._booking.flight.events
        return events.filter(name="aircraft_swapped", at__gt=since).exists()

    @cached_property
    def held_until(self) -> datetime | None:
        """In the zone that the flight leaves in."""
        due = self._booking.due_at
        return due and due.astimezone(self._booking.flight.origin.zone)

    @cached_property
    def departure_before(self) -> datetime:
        """Of the flight, when they were last told."""
        return self._time_before("departure").astimezone(self._booking.flight.origin.zone)

    @cached_property
    def arrival_before(self) -> datetime:
        return self._time_before("arrival").astimezone(self._booking.flight.destination.zone)

    def _time_before(self, column: str) -> datetime:
        delayed = self._untold.flight_event
        assert delayed
        later = timedelta(minutes=delayed.changes["minutes"])
        return datetime.fromisoformat(delayed.changes[column]) - later

    @cached_property
    def seats_gone(self) -> Sequence[str]:
        """Which its event gave back."""
        had = self._seated(before=self._told).changes["seats"]
        return [seat for seat in had if seat not in self.event.changes["seats"]]

    @cached_property
    def _untold(self) -> Message:
        """The first of its kind since one was sent: those between were overtaken."""
        alike = self._booking.messages.filter(kind=self._told.kind)
        if self._told.flight_event_id:
            alike = alike.filter(flight_event__flight=self._booking.flight)
        sent = alike.filter(sent_at__isnull=False).aggregate(last=Max("pk"))["last"] or 0
        return alike.filter(pk__gt=sent).order_by("pk").first() or self._told

    def _seated(self, *, before: Message) -> BookingEvent:
        """The event by which it got the seats that it then had."""
        earlier = self._booking.events.filter(number__lt=before.number)
        return earlier.filter(changes__has_key="seats").latest("number")

    @cached_property
    def seats(self) -> list[tuple[str, Seat]]:
        known = self._booking.flight.layout.parsed.seats
        return [(seat, known[seat]) for seat in self._booking.seats if seat in known]

    @cached_property
    def moved(self) -> bool:
        return self._booking.events.filter(name=MOVED_TO_FLIGHT.event).exists()

    @cached_property
    def terms(self) -> Terms:
        return terms_of(self._booking, self._booking.flight)

    @cached_property
    def link(self) -> str:
        """Once the flight has left there is none."""
        has_left = self._booking.flight.departure <= timezone.now()
        return "" if has_left else link_to(self._booking)


def deliver(told: Message, booking: Booking) -> None:
    """Send it. Raises whatever the mailer raises."""
    mail = mail_of(told, booking)
    # The same however often it is sent: a mail program throws doubles away.
    number = "-".join(map(str, filter(None, (told.number, told.flight_event_id))))
    mail.extra_headers["Message-ID"] = f"<{booking.id}.{told.kind}.{number}@{_host()}>"
    mail.send()


def mail_of(told: Message, booking: Booking) -> EmailMultiAlternatives:
    """What is sent, as plain text and as HTML."""
    kind = MAILS[told.kind]
    context = {"booking": booking, "flight": booking.flight, "facts": Facts(told, booking)}

    def said(text: str) -> str:
        template = Template(f"{{% load travel %}}{text}")
        # One line, whatever a place is called.
        return " ".join(template.render(Context(context, autoescape=False)).split())

    context |= {
        "subject": kind.subject,
        "heading": said(kind.heading),
        "paragraphs": [each for text in kind.paragraphs if (each := said(text))],
        "button": kind.button,
        "tone": kind.tone,
    }
    mail = EmailMultiAlternatives(
        subject=" ".join(render_to_string("email/subject.txt", context).split()),
        body=render_to_string(f"{kind.template}.txt", context),
        # Without the name, which others read as well, and which may look like an address.
        to=[sendable(booking.email)],
    )
    html = render_to_string(f"{kind.template}.html", context)
    mail.attach_alternative(html, "text/html")
    if kind.attach:
        kind.attach(mail, booking)
    return mail


def _host() -> str:
    """This site's, as a mail's header writes it (RFC 5321: an address of IPv6 in brackets)."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    return f"[IPv6:{host}]" if ":" in host else host.encode("idna").decode()
