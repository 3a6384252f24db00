"""The confirmation by e-mail: sent when a booking is confirmed, if the customer gave an address.

`Booking.confirmation_due_at` is its timer, set in the transaction that confirms. A worker
sends; the sweep finds what no worker sent. So a mail server, a worker or a broker that is
away delays the message and nothing else. A worker that dies between sending and writing it
down sends again: twice is better than never, and both carry one Message-ID.
"""

import logging
from datetime import timedelta
from email.utils import formataddr
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.db.models.functions import Greatest, Now
from django.template.loader import render_to_string
from django.urls import reverse

from bookings.errors import BookingNotFound
from bookings.models import Booking, State
from bookings.saga.statements import refusal, try_to
from bookings.saga.transitions import CONFIRMATION_ASKED_FOR, CONFIRMATION_SENT

log = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(minutes=1)


def send_confirmation(booking_id: UUID) -> Booking:
    """Send the confirmation now, also if it was sent before, and note it in the history.

    Raises BookingNotFound, NotPossible, and what the mailer raises (OSError).
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
    return booking


def send_if_due(booking_id: UUID) -> None:
    """Send the confirmation unless somebody else just does, or did."""
    due = Booking.objects.filter(pk=booking_id, confirmation_due_at__lte=Now())
    # Cancelled since, or departed: nobody needs it any more.
    due.exclude(state=State.CONFIRMED, flight__departure__gt=Now()).update(confirmation_due_at=None)
    # Whoever moves the timer sends. The longer it did not work, the longer the next pause.
    pause = Greatest(FIRST_PAUSE, Now() - F("created_at"))
    if not due.update(confirmation_due_at=Now() + pause):
        return
    try:
        send_confirmation(booking_id)
    except OSError as error:
        log.warning("The confirmation of booking %s waits for the mail: %s", booking_id, error)


def message(booking: Booking) -> EmailMultiAlternatives:
    """What is sent, as plain text and as HTML."""
    known = booking.flight.layout.parsed.seats
    context = {
        "booking": booking,
        "flight": booking.flight,
        "seats": [(seat, known[seat]) for seat in booking.seats if seat in known],
        "link": settings.SITE_URL + reverse("booking", args=[booking.id]),
    }
    host = settings.SITE_URL.rpartition("/")[2].partition(":")[0]
    mail = EmailMultiAlternatives(
        subject=render_to_string("email/confirmation_subject.txt", context).strip(),
        body=render_to_string("email/confirmation.txt", context),
        to=[formataddr((booking.name, booking.email))],
        headers={"Message-ID": f"<{booking.id}.{booking.version}@{host}>"},
    )
    mail.attach_alternative(render_to_string("email/confirmation.html", context), "text/html")
    return mail


def record_sent(booking_id: UUID) -> None:
    """Note in the history that it was sent."""
    try_to(CONFIRMATION_SENT, booking_id)


@shared_task(name="bookings.send_confirmation")
def send_confirmation_task(booking_id: str) -> None:
    """The payment's, or the sweep's, word that a confirmation is due."""
    send_if_due(UUID(booking_id))
