"""What time does: the next step of whatever is due, and the sweep that forgets nobody."""

import logging
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.db import InterfaceError, OperationalError
from django.db.models.functions import Now

from bookings.models import HOLDING, Booking, Message
from bookings.saga import enqueue, holds, payment
from bookings.saga.flight_cancellation import end_bookings, flights_to_end
from bookings.saga.refunds import refunds
from bookings.saga.reminders import write_reminders
from bookings.saga.statements import look
from bookings.saga.workers import payments

log = logging.getLogger(__name__)

# What is to be done once a step is committed.
type Effect = Callable[[], None]

SWEEP_BATCH = 500
# A payment that no worker took up within this time is taken up by the sweep.
PROMPT_SECONDS = 2


def advance(booking_id: UUID) -> None:
    """Take the booking's next step if it is due; otherwise do nothing.

    The sweep and whoever asks for the booking call this, as often as they like and in any
    order. Raises BookingNotFound.
    """
    if effect := take_step(booking_id):
        effect()


def take_step(booking_id: UUID) -> Effect | None:
    """The first half of `advance`: what is to be done now that the step is committed."""
    if look(booking_id).state in HOLDING:
        return holds.expiry_step(booking_id)
    return payment.step(booking_id)


def advance_or_postpone(booking_id: UUID) -> None:
    """`advance`, but a step that raises is logged, counted on the booking and tried later."""
    payment.or_postpone(booking_id, lambda: advance(booking_id))


def sweep(hand_over: Callable[[UUID], object] | None = None) -> int:
    """Do whatever is due and was not done; returns how many bookings that were.

    Holds are expired here, in batches, and whose hold ends soon is reminded. Payments and refunds
    wait for the gateway, so they are handed over: to the workers or, where there are none, to a
    function of the caller. Messages that were not sent wait for the workers.
    """
    count = expire_all()
    write_reminders()
    since = Now() - timedelta(seconds=PROMPT_SECONDS)
    overdue = Booking.objects.exclude(state__in=HOLDING).filter(due_at__lte=since)
    ids = list(overdue.order_by("due_at").values_list("pk", flat=True)[:SWEEP_BATCH])
    if hand_over:
        for booking_id in ids:
            hand_over(booking_id)
    elif ids or refunds.is_time_to_ask():
        enqueue.due_payments()
    unsent = Message.objects.filter(due_at__lte=since).order_by("due_at")
    for booking_id in dict.fromkeys(unsent.values_list("booking", flat=True)[:SWEEP_BATCH]):
        enqueue.messages(booking_id)
    ended = (end_bookings(pk, most=SWEEP_BATCH) for pk in flights_to_end(since=since))
    return count + len(ids) + sum(ended)


def expire_all() -> int:
    """Expire every hold whose time is over, in batches; returns how many."""
    count = 0
    while expired := _expire_some_or_each():
        count += expired
    return count


def seconds_to_next_expiry() -> float | None:
    """Until the next hold is due; None if there is no hold."""
    running = Booking.objects.filter(state__in=HOLDING, due_at__gt=Now()).order_by("due_at")
    row = running.values_list("due_at", Now()).first()
    return (row[0] - row[1]).total_seconds() if row else None


def _expire_some_or_each() -> int:
    """A batch of due holds in one statement; one by one if it raises."""
    try:
        return holds.expire_due(SWEEP_BATCH)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("A batch of due holds failed; each is tried by itself")
    due = Booking.objects.filter(state__in=HOLDING, due_at__lte=Now()).order_by("due_at")
    ids = list(due.values_list("pk", flat=True)[:SWEEP_BATCH])
    for booking_id in ids:
        advance_or_postpone(booking_id)
    return len(ids)


@shared_task(name="bookings.expire_due")
def expire_due_task(_: str) -> None:
    """The countdown of all holds that end within the same moment."""
    expire_all()
    # It may have come a little early, by another machine's clock.
    seconds = seconds_to_next_expiry()
    if seconds is not None and seconds < 2 * enqueue.HOLDS_SECONDS:
        enqueue.expiry_in(seconds)


@shared_task(name="bookings.take_due")
def take_due_task(_: str) -> None:
    """Payments or refunds became due."""
    payments.take_up()


@shared_task(name="bookings.end_bookings")
def end_bookings_task(flight_id: str) -> None:
    """A flight was cancelled: end its bookings."""
    while end_bookings(int(flight_id)):
        pass


@shared_task(name="bookings.sweep")
def sweep_task() -> None:
    """Beat's sweep."""
    sweep()
