"""The confirmation by e-mail: for whoever has paid and gave an address, until the departure."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.db.models.functions import Now
from django.template.loader import render_to_string

from bookings.fares import terms_of
from bookings.models import Booking, Message, State
from bookings.models.contact import sendable
from bookings.notifications.links import link_to
from bookings.saga.transitions import MOVED_TO_FLIGHT

# Cancelled since, or departed: nobody needs it any more.
NEEDED = Q(state=State.CONFIRMED, flight__departure__gt=Now(), email__gt="")


def deliver(told: Message, booking: Booking) -> None:
    """Send it. Raises whatever the mailer raises."""
    mail = message(booking)
    # The same however often it is sent: a mail program throws doubles away.
    mail.extra_headers["Message-ID"] = f"<{booking.id}.{told.number}@{_host()}>"
    mail.send()


def message(booking: Booking) -> EmailMultiAlternatives:
    """What is sent, as plain text and as HTML."""
    known = booking.flight.layout.parsed.seats
    context = {
        "booking": booking,
        "flight": booking.flight,
        "seats": [(seat, known[seat]) for seat in booking.seats if seat in known],
        "moved": booking.events.filter(name=MOVED_TO_FLIGHT.event).exists(),
        "terms": terms_of(booking, booking.flight),
        "link": link_to(booking),
    }
    subject = render_to_string("email/confirmation_subject.txt", context)
    mail = EmailMultiAlternatives(
        # One line, whatever a place is called.
        subject=" ".join(subject.split()),
        body=render_to_string("email/confirmation.txt", context),
        # Without the name, which others read as well, and which may look like an address.
        to=[sendable(booking.email)],
    )
    mail.attach_alternative(render_to_string("email/confirmation.html", context), "text/html")
    _attach_documents(mail, booking)
    return mail


def _attach_documents(mail: EmailMultiAlternatives, booking: Booking) -> None:
    """The ticket, and the flight for a calendar. Two queries, and some 13 ms of CPU time."""
    # Take a fifth of a second to import, and few processes ever send one.
    from bookings.documents.calendar import calendar, changes_of
    from bookings.documents.ticket import ticket

    flight, changes = booking.flight, changes_of(booking.pk)
    # Not as it was before the changes were counted.
    flight.refresh_from_db(fields=["departure", "arrival"])
    mail.attach(f"ticket-{booking}.pdf", ticket(booking, flight), "application/pdf")
    if changes:
        mail.attach(f"flight-{booking}.ics", calendar(booking, flight, changes), "text/calendar")


def _host() -> str:
    """This site's, as a mail's header writes it (RFC 5321: an address of IPv6 in brackets)."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    return f"[IPv6:{host}]" if ":" in host else host.encode("idna").decode()
