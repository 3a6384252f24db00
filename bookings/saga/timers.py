"""What time does: a booking's next step when it is due, and the sweep that forgets nobody."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from celery import shared_task
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F
from django.db.models.functions import Now

from bookings.models import HOLDING, Booking, State
from bookings.saga import enqueue
from bookings.saga.flight_cancellation import end_bookings
from bookings.saga.holds import expire, expire_batch
from bookings.saga.payment import next_payment_step, refund_step
from bookings.saga.transitions import Effect, is_due, lock_booking, postpone, retried
from flights.models import Flight

log = logging.getLogger(__name__)

SWEEP_BATCH = 500
# A payment that no worker took up within this time is taken up by the sweep.
PROMPT_SECONDS = 2


def advance(booking_id: UUID) -> None:
    """Take the booking's next step if it is due; otherwise do nothing.

    Alarms, the sweep and requests all call this, as often as they like and in any order.
    Raises BookingNotFound.
    """
    effect = take_step(booking_id)
    if effect:
        effect()


@retried
def take_step(booking_id: UUID) -> Effect | None:
    with transaction.atomic(durable=True):
        booking, now = lock_booking(booking_id)
        if not is_due(booking, now):
            return None
        return _next_step(booking, now)


def sweep(hand_over: Callable[[UUID], object] = enqueue.next_step) -> int:
    """Do whatever is due and was not done; returns how many bookings that were.

    Holds are expired here, in batches. Payments and refunds wait for the gateway, so they
    are handed over: to the workers or, where there are none, to a function of the caller.
    Mail that was not sent waits for the workers.
    """
    count = 0
    while expired := _expire_all_or_each():
        count += expired
    overdue = Booking.objects.exclude(state__in=HOLDING).filter(
        due_at__lte=Now() - timedelta(seconds=PROMPT_SECONDS)
    )
    for booking_id in overdue.order_by("due_at").values_list("pk", flat=True)[:SWEEP_BATCH]:
        hand_over(booking_id)
        count += 1
    unsent = Booking.objects.filter(
        confirmation_due_at__lte=Now() - timedelta(seconds=PROMPT_SECONDS)
    ).order_by("confirmation_due_at")
    for booking_id in unsent.values_list("pk", flat=True)[:SWEEP_BATCH]:
        enqueue.confirmation(booking_id)
    return count + _go_on_cancelling()


def _go_on_cancelling() -> int:
    """End bookings of cancelled flights that no worker is at, or has finished with."""
    started = Now() - timedelta(seconds=PROMPT_SECONDS)
    ending_bookings = Flight.objects.filter(ending_bookings=True, cancelled_at__lte=started)
    ids = list(ending_bookings.order_by("pk").values_list("pk", flat=True))
    return sum(end_bookings(flight_id, most=SWEEP_BATCH) for flight_id in ids)


def advance_or_postpone(booking_id: UUID) -> None:
    """`advance`, but a step that raises is logged, counted on the booking and tried later."""
    try:
        advance(booking_id)
    except (OperationalError, InterfaceError):
        # The database's trouble, not this booking's.
        raise
    except Exception as error:
        log.exception("A step of booking %s failed", booking_id)
        postpone(booking_id, error)


def seconds_to_next_expiry() -> float | None:
    """Until the next hold is due; None if there is no hold."""
    holds = Booking.objects.filter(state__in=HOLDING, due_at__gt=Now()).order_by("due_at")
    row = holds.values_list("due_at", Now()).first()
    return (row[0] - row[1]).total_seconds() if row else None


def _next_step(booking: Booking, now: datetime) -> Effect:
    """One transition of a booking that is due; returns what to do after the commit."""
    if booking.state in HOLDING:
        return expire([booking], now)
    if booking.state == State.PAYMENT_PROCESSING:
        return next_payment_step(booking, now)
    return refund_step(booking, now)


def _expire_all_or_each() -> int:
    """A batch of due holds in one transaction; one by one if the batch raises."""
    try:
        return expire_batch(SWEEP_BATCH)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("A batch of due holds failed; each is tried by itself")
    due = Booking.objects.filter(state__in=HOLDING, due_at__lte=Now()).order_by("due_at")
    ids = list(due.values_list("pk", flat=True)[:SWEEP_BATCH])
    for booking_id in ids:
        advance_or_postpone(booking_id)
    return len(ids)


@shared_task(name="bookings.advance")
def advance_task(booking_id: str) -> None:
    """The next step of a payment or a refund."""
    advance_or_postpone(UUID(booking_id))


@shared_task(name="bookings.hold_timer")
def hold_timer_task(booking_id: str) -> None:
    """A hold's countdown. There is one for each: if the hold was renewed it is set again."""
    advance_or_postpone(UUID(booking_id))
    held = Booking.objects.filter(pk=booking_id, state__in=HOLDING)
    seconds = held.values_list(F("due_at") - Now(), flat=True).first()
    if seconds is not None:
        enqueue.expiry(UUID(booking_id), seconds=max(0.0, seconds.total_seconds()))


@shared_task(name="bookings.end_bookings")
def end_bookings_task(flight_id: str) -> None:
    """A flight was cancelled: end its bookings."""
    while end_bookings(int(flight_id)):
        pass


@shared_task(name="bookings.sweep")
def sweep_task() -> None:
    """Beat's sweep."""
    sweep()
