"""What staff do. Each action names who did it, and is refused when the state does not allow it.

`version` is the one that the operator saw when deciding: of two who decide at once, one acts
and the other is told (BookingChanged).
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from bookings.errors import NotPossible
from bookings.models import OPEN, Booking, Outcome, PaymentStatus, State
from bookings.payments import Answer
from bookings.saga import enqueue
from bookings.saga.payment import close_attempt, refund_due
from bookings.saga.transitions import end, lock_seen, retried, transition


@retried
def terminate(
    *, booking_id: UUID, by: str, reason: str = "", version: int | None = None
) -> Booking:
    """End an open booking. What may have been charged is given back.

    Raises NotPossible, BookingChanged.
    """
    with transaction.atomic(durable=True):
        booking, now = lock_seen(booking_id, version)
        if booking.state not in OPEN:
            raise NotPossible(f"This booking has already ended: it is {booking.state}.")
        _give_up_open_attempt(booking, now)
        refund = refund_due(now) if booking.attempts else {}
        freed = end(
            [booking],
            "terminated",
            at=now,
            by=by,
            detail=reason,
            state=State.CANCELLED,
            **refund,
        )
    freed()
    if refund:
        enqueue.next_step(booking_id)
    return booking


@retried
def cancel_and_refund(
    *, booking_id: UUID, by: str, reason: str = "", version: int | None = None
) -> Booking:
    """Take a confirmed booking back: seats freed, money returned.

    Raises NotPossible, BookingChanged.
    """
    with transaction.atomic(durable=True):
        booking, now = lock_seen(booking_id, version)
        if booking.state != State.CONFIRMED:
            raise NotPossible("Only a confirmed booking can be cancelled and refunded.")
        freed = end(
            [booking],
            "cancelled_for_refund",
            at=now,
            by=by,
            detail=reason,
            state=State.CANCELLED,
            **refund_due(now),
        )
    freed()
    enqueue.next_step(booking_id)
    return booking


@retried
def retry_now(
    *, booking_id: UUID, by: str, reason: str = "", version: int | None = None
) -> Booking:
    """Let a payment's or a refund's next try happen now instead of at its due time.

    Raises BookingChanged, and NotPossible, also while a try is running: that must end first.
    """
    with transaction.atomic(durable=True):
        booking, now = lock_seen(booking_id, version)
        waiting = (
            booking.state == State.PAYMENT_PROCESSING
            or booking.payment_status == PaymentStatus.REFUND_DUE
        )
        if not waiting or booking.payment_attempts.filter(outcome=None).exists():
            raise NotPossible("Nothing is waiting for its next try.")
        transition(booking, "retried_now", at=now, by=by, detail=reason, due_at=now)
    enqueue.next_step(booking_id)
    return booking


@retried
def resend_confirmation(
    *, booking_id: UUID, by: str, reason: str = "", version: int | None = None
) -> Booking:
    """Have a confirmed booking's confirmation sent again by e-mail, like the first one.

    Raises NotPossible, BookingChanged.
    """
    with transaction.atomic(durable=True):
        booking, now = lock_seen(booking_id, version)
        require_confirmation(booking)
        transition(
            booking,
            "confirmation_asked_for",
            at=now,
            by=by,
            detail=reason,
            confirmation_due_at=now,
        )
    enqueue.confirmation(booking_id)
    return booking


def require_confirmation(booking: Booking) -> None:
    """Raise NotPossible unless there is a confirmation to send, and somewhere to send it."""
    if booking.state != State.CONFIRMED:
        raise NotPossible("Only a confirmed booking has a confirmation to send.")
    if not booking.email:
        raise NotPossible("This booking has no e-mail address.")


def _give_up_open_attempt(booking: Booking, now: datetime) -> None:
    attempt = booking.payment_attempts.filter(outcome=None).first()
    if attempt:
        close_attempt(attempt, Answer(Outcome.UNKNOWN, "Ended by an operator."), now)
