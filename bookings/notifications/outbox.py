"""Sends what is in the outbox: at least once, each message with one Message-ID.

A transition writes a message in its own statement (saga/outbox.py). A worker sends; the sweep
finds what no worker sent. So a mail server, a worker or a broker that is away delays the
message and nothing else. A worker that dies between sending and writing it down sends again:
twice is better than never. What became of it is on its row and not in the booking's history,
whose version is that of forms: nobody's form is refused because a mail was sent.

Whatever else keeps it from being sent is written down, seen by staff, and tried again for
GIVE_UP_AFTER. Then it stays in sight, until the departure or for IN_SIGHT, and staff may have it
sent again. When one is sent that had failed, so are those that failed for the same reason.
"""

import logging
from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.db import InterfaceError, OperationalError
from django.db.models import Case, F, When
from django.db.models.functions import Coalesce, Greatest, Least, Now
from django.db.models.lookups import GreaterThan

from bookings.models import GIVE_UP_AFTER, Booking, Message
from bookings.notifications.kinds import MAILS, Mail
from bookings.notifications.mail import deliver
from bookings.saga import enqueue

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
# How long staff see what was given up, where no departure ends that.
IN_SIGHT = timedelta(days=7)


def send_due(booking_id: UUID) -> None:
    """Send whatever is due of a booking, the oldest first, unless somebody else just does."""
    due = Message.objects.filter(booking=booking_id, due_at__lte=Now())
    for message in due.order_by("number", "pk"):
        _send_if_due(message, MAILS[message.kind])


def _send_if_due(message: Message, kind: Mail) -> None:
    due = Message.objects.filter(pk=message.pk, due_at__lte=Now())
    # Whoever moves the timer sends. The longer it did not work, the longer the next pause.
    pause = Least(LONGEST_PAUSE, Greatest(FIRST_PAUSE, Now() - F("failing_since")))
    if not due.update(due_at=Now() + pause):
        return
    booking = _needed(message, kind)
    if booking is None:
        Message.objects.filter(pk=message.pk).update(due_at=None, failing_since=None, error="")
        return
    try:
        deliver(message, booking)
        record_sent(message)
    except (OperationalError, InterfaceError):
        # The database's trouble, not this message's.
        raise
    except Exception as error:
        record_failed(message, kind, booking, error)
    else:
        if message.error:
            send_what_failed_alike(message)


def _needed(message: Message, kind: Mail) -> Booking | None:
    """The booking as it stands, if somebody is still to be told of it."""
    due, since = message.due_at, message.failing_since
    if due and since and due >= since + GIVE_UP_AFTER + IN_SIGHT:
        return None
    later = Message.objects.filter(booking=message.booking_id, kind=message.kind, pk__gt=message.pk)
    if kind.only_latest and later.exists():
        return None
    booked = Booking.objects.select_related(
        "flight__layout", "flight__origin", "flight__destination"
    )
    if message.flight_event_id:
        # Whoever is on another flight by now has that one's confirmation.
        booked = booked.filter(flight__events=message.flight_event_id)
    return booked.filter(kind.needed, pk=message.booking_id).first()


def record_sent(message: Message) -> None:
    """Note that it was sent."""
    Message.objects.filter(pk=message.pk).update(
        sent_at=Now(), due_at=None, failing_since=None, error=""
    )


def record_failed(message: Message, kind: Mail, booking: Booking, error: Exception) -> None:
    """Note that it could not be sent, and why; unless nobody needs it any more by now."""
    name = type(error).__name__
    # The reason may tell the address: no log has it.
    log.warning("The %s of %s could not be sent: %s", message.kind, booking.pk, name)
    reason = "".join(letter if letter.isprintable() else " " for letter in f"{name}: {error}")
    since = Coalesce("failing_since", Now())
    last_try = since + GIVE_UP_AFTER
    in_sight = booking.flight.departure if kind.until_departure else last_try + IN_SIGHT
    Message.objects.filter(pk=message.pk, due_at__isnull=False).update(
        error=reason[:200],
        attempts=F("attempts") + 1,
        failing_since=since,
        due_at=Case(
            When(GreaterThan(last_try, Now()), then=Least("due_at", last_try)), default=in_sight
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
