"""What staff do. Each action names who did it, and is refused when the state does not allow it.

`version` is the one that somebody saw when deciding: of two who decide at once, one acts and
the other is told (BookingChanged). See the table of transitions for what each changes.
"""

from uuid import UUID

from bookings.live import publish
from bookings.models import Booking
from bookings.saga import enqueue
from bookings.saga.holds import tell_ended
from bookings.saga.refunds import retry_waiting
from bookings.saga.staff_transitions import (
    CANCELLED_FOR_REFUND,
    CANCELLED_WITHOUT_FLIGHT,
    MAIL_ASKED_FOR,
    REFUND_GIVEN,
    RETRIED_NOW,
    TERMINATED,
)
from bookings.saga.statements import make
from bookings.saga.transition import Transition


def terminate(
    *, booking_id: UUID, by: str, reason: str = "", version: int | None = None
) -> Booking:
    """End an open booking. What may have been charged is given back.

    Raises NotPossible, BookingChanged.
    """
    return _end(TERMINATED, booking_id, by, reason, version)


def cancel_and_refund(
    *, booking_id: UUID, by: str, reason: str = "", version: int | None = None
) -> Booking:
    """Take a confirmed booking back: seats freed, money returned.

    Raises NotPossible, BookingChanged.
    """
    return _end(CANCELLED_FOR_REFUND, booking_id, by, reason, version)


def cancel_without_flight(
    *, booking_id: UUID, by: str, reason: str = "", version: int | None = None
) -> Booking:
    """The same with all that was paid, the fees too: its flight is cancelled.

    Raises NotPossible, BookingChanged.
    """
    return _end(CANCELLED_WITHOUT_FLIGHT, booking_id, by, reason, version)


def give_refund(
    *,
    booking_id: UUID,
    amount_cents: int,
    by: str,
    reason: str = "",
    version: int | None = None,
) -> Booking:
    """Give back so much of what was paid, beside what the fare promises; the seats stay.

    Raises NotPossible, also for more than is left of it, and BookingChanged.
    """
    booking = make(
        REFUND_GIVEN, booking_id, refund=amount_cents, by=by, detail=reason, version=version
    )
    enqueue.due_payments()
    enqueue.mail(booking)
    publish.booking_changed(booking)
    return booking


def retry_now(
    *, booking_id: UUID, by: str, reason: str = "", version: int | None = None
) -> Booking:
    """Let a payment's or a refund's next try happen now instead of at its due time.

    Raises BookingChanged, and NotPossible, also while a try is running: that must end first.
    """
    booking = make(RETRIED_NOW, booking_id, by=by, detail=reason, version=version)
    enqueue.due_payments()
    return booking


def retry_refunds(*, by: str, reason: str = "") -> list[Booking]:
    """Let every refund that waits for its next try be tried now; which these are."""
    return retry_waiting(by=by, detail=reason)


def resend_confirmation(
    *, booking_id: UUID, by: str, reason: str = "", version: int | None = None
) -> Booking:
    """Have a confirmed booking's confirmation sent again, and of any whatever could not be sent.

    Raises NotPossible, BookingChanged.
    """
    booking = make(MAIL_ASKED_FOR, booking_id, by=by, detail=reason, version=version)
    enqueue.mail(booking)
    return booking


def _end(
    transition: Transition, booking_id: UUID, by: str, reason: str, version: int | None
) -> Booking:
    booking = make(transition, booking_id, by=by, detail=reason, version=version)
    tell_ended(booking)
    return booking
