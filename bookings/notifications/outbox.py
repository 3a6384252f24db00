"""Sends what is in the outbox: at least once, each message with one Message-ID.

A transition writes a message in its own statement (saga/outbox.py). A worker sends; the sweep
finds what no worker sent. So a mail server, a worker or a broker that is away delays the
message and nothing else. A worker that dies between sending and writing it down sends again:
twice is better than never. What became of it is on its row and not in the booking's history,
whose version is that of forms: nobody's form is refused because a mail was sent.

Whatever else keeps it from being sent is written down, seen by staff, and tried again for
GIVE_UP_AFTER; then staff may have it sent again, until the departure. When one is sent that had
failed, those that failed for the same reason are sent at once.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.db import InterfaceError, OperationalError
from django.db.models import Case, F, Q, When
from django.db.models.functions import Coalesce, Greatest, Least, Now
from django.db.models.lookups import GreaterThan

from bookings.models import Booking, Kind, Message
from bookings.notifications import confirmation
from bookings.saga import enqueue

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=1)


class Delivery:
    """How messages of one kind are delivered."""

    def __init__(self, needed: Q, deliver: Callable[[Message, Booking], object]) -> None:
        # Of which bookings somebody still needs one: it is dropped for the others.
        self.needed, self.deliver = needed, deliver

    def booking(self, message: Message) -> Booking | None:
        """The booking as it stands, if it is still to be told of."""
        booked = Booking.objects.select_related(
            "flight__layout", "flight__origin", "flight__destination"
        )
        return booked.filter(self.needed, pk=message.booking_id).first()


DELIVERIES: Mapping[str, Delivery] = {
    Kind.CONFIRMATION: Delivery(confirmation.NEEDED, confirmation.deliver),
}


def send_due(booking_id: UUID) -> None:
    """Send whatever is due of a booking, the oldest first, unless somebody else just does."""
    due = Message.objects.filter(booking=booking_id, due_at__lte=Now())
    for message in due.order_by("number"):
        _send_if_due(message, DELIVERIES[message.kind])


def _send_if_due(message: Message, delivery: Delivery) -> None:
    due = Message.objects.filter(pk=message.pk, due_at__lte=Now())
    # Whoever moves the timer sends. The longer it did not work, the longer the next pause.
    pause = Least(LONGEST_PAUSE, Greatest(FIRST_PAUSE, Now() - F("failing_since")))
    if not due.update(due_at=Now() + pause):
        return
    booking = delivery.booking(message)
    if booking is None:
        Message.objects.filter(pk=message.pk).update(due_at=None, failing_since=None, error="")
        return
    try:
        delivery.deliver(message, booking)
        record_sent(message)
    except (OperationalError, InterfaceError):
        # The database's trouble, not this message's.
        raise
    except Exception as error:
        record_failed(message, booking, error)
    else:
        if message.error:
            send_what_failed_alike(message)


def record_sent(message: Message) -> None:
    """Note that it was sent."""
    Message.objects.filter(pk=message.pk).update(
        sent_at=Now(), due_at=None, failing_since=None, error=""
    )


def record_failed(message: Message, booking: Booking, error: Exception) -> None:
    """Note that it could not be sent, and why; unless nobody needs it any more by now."""
    kind = type(error).__name__
    # The reason may tell the address: no log has it.
    log.warning("The %s of %s could not be sent: %s", message.kind, booking.pk, kind)
    reason = "".join(letter if letter.isprintable() else " " for letter in f"{kind}: {error}")
    since = Coalesce("failing_since", Now())
    last_try = since + GIVE_UP_AFTER
    Message.objects.filter(pk=message.pk, due_at__isnull=False).update(
        error=reason[:200],
        attempts=F("attempts") + 1,
        failing_since=since,
        due_at=Case(
            When(GreaterThan(last_try, Now()), then=Least("due_at", last_try)),
            # Given up, it is kept in sight until the departure: then nobody needs it any more.
            default=booking.flight.departure,
        ),
    )


def send_what_failed_alike(message: Message) -> None:
    """What kept this one back is gone: have all that it kept back sent now."""
    alike = Message.objects.filter(
        error=message.error, due_at__gt=Now(), failing_since__gt=Now() - GIVE_UP_AFTER
    )
    found = dict(alike.values_list("pk", "booking"))
    # The reason goes: whoever is sent next does not have the same done again.
    alike.filter(pk__in=found).update(due_at=Now(), error="")
    for booking_id in set(found.values()):
        enqueue.messages(booking_id)


@shared_task(name="bookings.send_messages")
def send_messages_task(booking_id: str) -> None:
    """The transition's, or the sweep's, word that messages of a booking are due."""
    send_due(UUID(booking_id))
