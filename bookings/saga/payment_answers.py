"""What the gateway's answer to a payment does: it confirms, is tried again, fails, or is late.

The attempt's number fences the answer. Of a change, what confirms it gives its booking the seats.
"""

from uuid import UUID

from django.conf import settings

from bookings.errors import BookingError
from bookings.live import publish
from bookings.models import Booking, Change, Outcome
from bookings.payments import Answer
from bookings.saga import enqueue
from bookings.saga.change_end import end_change
from bookings.saga.change_transitions import (
    CHANGE_LOST,
    CHANGE_PAID,
    CHANGE_SETTLED,
    CHANGE_SETTLED_LOST,
)
from bookings.saga.holds import tell_ended
from bookings.saga.locators import new_locator
from bookings.saga.statements import retried, try_to
from bookings.saga.transition import Transition
from bookings.saga.transitions import (
    ATTEMPT_DECLINED,
    ATTEMPT_UNKNOWN,
    LATE_APPROVAL,
    PAYMENT_APPROVED,
    PAYMENT_FAILED,
    SETTLED_APPROVED,
    SETTLED_FAILED,
    SETTLED_UNKNOWN,
)

BACKOFF = 1.5


def record_answer(booking_id: UUID, number: int, answer: Answer) -> None:
    """Write the gateway's answer to an attempt down, and go on by it."""
    said = {"number": number, "outcome": str(answer.outcome), "reference": answer.reference}
    if answer.outcome == Outcome.APPROVED:
        booking = _confirm(PAYMENT_APPROVED, booking_id, answer, **said)
    else:
        booking = _record_failure(booking_id, number, answer, said)
    if booking is None:
        _record_late(booking_id, answer)


def record_settlement(booking_id: UUID, answer: Answer) -> None:
    """Write down what became of the last attempt, and end the payment by it."""
    if answer.outcome == Outcome.APPROVED:
        booking = _confirm(SETTLED_APPROVED, booking_id, answer)
    else:
        unknown = answer.outcome == Outcome.UNKNOWN
        transition = SETTLED_UNKNOWN if unknown else SETTLED_FAILED
        booking = _fail(transition, booking_id, answer)
    if booking is None:
        _record_late(booking_id, answer)


def _record_failure(
    booking_id: UUID, number: int, answer: Answer, said: dict[str, object]
) -> Booking | None:
    is_last = number >= settings.PAYMENT_MAX_ATTEMPTS
    if answer.outcome == Outcome.REFUSED or (is_last and answer.outcome == Outcome.DECLINED):
        return _fail(PAYMENT_FAILED, booking_id, answer, **said)
    # After the last attempt an unknown outcome is settled at once; otherwise try again soon.
    pause = 0 if is_last else settings.PAYMENT_RETRY_SECONDS * BACKOFF ** (number - 1)
    declined = answer.outcome == Outcome.DECLINED
    transition = ATTEMPT_DECLINED if declined else ATTEMPT_UNKNOWN
    booking = try_to(transition, booking_id, reason=answer.reason, pause=pause, **said)
    if booking:
        enqueue.due_payments(seconds=pause)
        publish.booking_changed(booking)
    return booking


def _record_late(booking_id: UUID, answer: Answer) -> None:
    """An answer nobody waits for any more."""
    if answer.outcome != Outcome.APPROVED:
        return
    if booking := try_to(LATE_APPROVAL, booking_id):
        enqueue.due_payments()
        enqueue.mail(booking)
        publish.booking_changed(booking)


@retried
def _confirm(
    transition: Transition, booking_id: UUID, answer: Answer, **said: object
) -> Booking | None:
    booking = try_to(
        transition,
        booking_id,
        detail=answer.reference,
        reason=answer.reason,
        locator=new_locator(),
        **said,
    )
    if booking:
        publish.booking_changed(booking, booking.seats)
        enqueue.mail(booking)
        return booking
    return _confirm_change(transition, booking_id, answer, **said)


def _confirm_change(
    transition: Transition, booking_id: UUID, answer: Answer, **said: object
) -> Booking | None:
    """If it is a change that is paid now: it is made, or else its money goes back."""
    change = Change.objects.select_related("booking").filter(pk=booking_id).first()
    if change is None:
        return None
    made, lost = _CHANGE_ENDS[transition]
    told = {"detail": answer.reference, "reason": answer.reason, **said}
    try:
        return end_change(change, made, lost=lost, **told)
    except BookingError:
        # It has ended already, or this attempt was answered.
        return None


# What approves a payment: of a change, what makes it, and what becomes of it otherwise.
_CHANGE_ENDS = {
    PAYMENT_APPROVED: (CHANGE_PAID, CHANGE_LOST),
    SETTLED_APPROVED: (CHANGE_SETTLED, CHANGE_SETTLED_LOST),
}


def _fail(
    transition: Transition, booking_id: UUID, answer: Answer, **said: object
) -> Booking | None:
    booking = try_to(transition, booking_id, reason=answer.reason, **said)
    if booking:
        tell_ended(booking)
    return booking
