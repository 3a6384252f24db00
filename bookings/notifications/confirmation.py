"""The confirmation by e-mail: sent when a booking is confirmed, if the customer gave an address.

`Booking.confirmation_due_at` is its timer, set in the transaction that confirms. A worker
sends; the sweep finds what no worker sent. So a mail server, a worker or a broker that is
away delays the message and nothing else. A worker that dies between sending and writing it
down sends again: twice is better than never, and both carry one Message-ID.

Whatever else keeps it from being sent is written down, seen by staff, and tried again for
GIVE_UP_AFTER; then staff may have it sent again, until the departure. When one is sent that had
failed, those that failed for the same reason are sent at once.
"""

import logging
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import InterfaceError, OperationalError
from django.db.models import F
from django.db.models.functions import Greatest, Least, Now
from django.template.loader import render_to_string

from bookings.errors import BookingError, BookingNotFound
from bookings.fares import terms_of
from bookings.models import Booking, State
from bookings.models.contact import sendable
from bookings.notifications.links import link_to
from bookings.saga import enqueue
from bookings.saga.statements import refusal, try_to
from bookings.saga.transitions import (
    CONFIRMATION_ASKED_FOR,
    CONFIRMATION_FAILED,
    CONFIRMATION_SENT,
    MOVED_TO_FLIGHT,
)

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=1)


def send_confirmation(booking_id: UUID) -> Booking:
    """Send the confirmation now, also if it was sent before, and note it in the history.

    Raises BookingNotFound, NotPossible, and whatever the mailer raises.
    """
    booking = (
        Booking.objects.select_related("flight__layout", "flight__origin", "flight__destination")
        .filter(pk=booking_id)
        .first()
    )
    if booking is None:
        raise BookingNotFound
    if refused := refusal(CONFIRMATION_ASKED_FOR, booking_id, version=None):
        raise refused
    message(booking).send()
    record_sent(booking_id)
    if booking.confirmation_error:
        send_what_failed_alike(booking.confirmation_error)
    return booking


def send_if_due(booking_id: UUID) -> None:
    """Send the confirmation unless somebody else just does, or did."""
    due = Booking.objects.filter(pk=booking_id, confirmation_due_at__lte=Now())
    # Cancelled since, or departed: nobody needs it any more.
    due.exclude(state=State.CONFIRMED, flight__departure__gt=Now(), email__gt="").update(
        confirmation_due_at=None, confirmation_failing_since=None, confirmation_error=""
    )
    # Whoever moves the timer sends. The longer it did not work, the longer the next pause.
    pause = Least(LONGEST_PAUSE, Greatest(FIRST_PAUSE, Now() - F("confirmation_failing_since")))
    if not due.update(confirmation_due_at=Now() + pause):
        return
    try:
        send_confirmation(booking_id)
    except BookingError:
        # Cancelled a moment ago: the next look forgets it.
        return
    except (OperationalError, InterfaceError):
        # The database's trouble, not this mail's.
        raise
    except Exception as error:
        record_failed(booking_id, error)


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
        headers={"Message-ID": f"<{booking.id}.{booking.version}@{_host()}>"},
    )
    mail.attach_alternative(render_to_string("email/confirmation.html", context), "text/html")
    return mail


def _host() -> str:
    """This site's, as a mail's header writes it (RFC 5321: an address of IPv6 in brackets)."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    return f"[IPv6:{host}]" if ":" in host else host.encode("idna").decode()


def record_sent(booking_id: UUID) -> None:
    """Note in the history that it was sent."""
    try_to(CONFIRMATION_SENT, booking_id)


def record_failed(booking_id: UUID, error: Exception) -> None:
    """Note that it could not be sent, and why. The reason may tell the address: no event has it."""
    kind = type(error).__name__
    log.warning("The confirmation of booking %s could not be sent: %s", booking_id, kind)
    reason = "".join(letter if letter.isprintable() else " " for letter in f"{kind}: {error}")
    give_up = GIVE_UP_AFTER.total_seconds()
    try_to(CONFIRMATION_FAILED, booking_id, detail=kind, error=reason, give_up=give_up)


def send_what_failed_alike(error: str) -> None:
    """What kept one mail back is gone: have all that it kept back sent now."""
    alike = Booking.objects.filter(
        confirmation_error=error,
        confirmation_due_at__gt=Now(),
        confirmation_failing_since__gt=Now() - GIVE_UP_AFTER,
    )
    ids = list(alike.values_list("pk", flat=True))
    # The reason goes: whoever is sent next does not have the same done again.
    alike.filter(pk__in=ids).update(confirmation_due_at=Now(), confirmation_error="")
    for booking_id in ids:
        enqueue.confirmation(booking_id)


@shared_task(name="bookings.send_confirmation")
def send_confirmation_task(booking_id: str) -> None:
    """The payment's, or the sweep's, word that a confirmation is due."""
    send_if_due(UUID(booking_id))
