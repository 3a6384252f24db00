"""What operators may do to a booking, and what they are told before they do it.

The saga alone decides. The words here say what it will do; "" where it will refuse.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User

from bookings import saga
from bookings.admin.formats import clock, money
from bookings.models import OPEN, Booking, PaymentStatus, State


class Run(Protocol):
    """A use case of bookings.saga.operators. Raises NotPossible, BookingChanged."""

    def __call__(self, *, booking_id: UUID, by: str, reason: str, version: int) -> Booking: ...


@dataclass(frozen=True)
class Operation:
    """Something that operators do to bookings."""

    name: str
    label: str
    # Of the app `bookings`; see bookings/roles.py for who has it.
    permission: str
    run: Run
    # What will happen to the booking; the flag says that a payment attempt is open now.
    foretell: Callable[[Booking, bool], str]

    def allowed(self, user: User | AnonymousUser) -> bool:
        """Whether somebody with this login may do it."""
        return bool(user.has_perm(f"bookings.{self.permission}"))


def _terminate(booking: Booking, trying: bool) -> str:
    if booking.state not in OPEN:
        return ""
    if booking.attempts:
        price = money(booking.total_cents, booking.currency)
        return f"{_freed(booking)} If the {price} were charged, they are given back."
    return f"{_freed(booking)} Nothing was charged."


def _retry_now(booking: Booking, trying: bool) -> str:
    if trying or not booking.due_at:
        return ""
    if booking.payment_status == PaymentStatus.REFUND_DUE:
        return f"The refund is tried now instead of at {clock(booking.due_at)}."
    if booking.state == State.PAYMENT_PROCESSING:
        return f"The payment goes on now instead of at {clock(booking.due_at)}."
    return ""


def _cancel_and_refund(booking: Booking, trying: bool) -> str:
    if booking.state != State.CONFIRMED:
        return ""
    return f"{_freed(booking)} {money(booking.total_cents, booking.currency)} are refunded."


def _resend_confirmation(booking: Booking, trying: bool) -> str:
    if booking.state != State.CONFIRMED or not booking.email:
        return ""
    return f"The confirmation is sent to {booking.email} again, within seconds."


def _freed(booking: Booking) -> str:
    seats = ", ".join(booking.seats)
    return f"The booking ends; {seats} can be sold again at once." if seats else "The booking ends."


OPERATIONS = {
    operation.name: operation
    for operation in (
        Operation("terminate", "Terminate", "terminate_booking", saga.terminate, _terminate),
        Operation("retry_now", "Retry now", "retry_booking", saga.retry_now, _retry_now),
        Operation(
            "cancel_and_refund",
            "Cancel and refund",
            "refund_booking",
            saga.cancel_and_refund,
            _cancel_and_refund,
        ),
        Operation(
            "resend_confirmation",
            "Resend confirmation",
            "resend_confirmation",
            saga.resend_confirmation,
            _resend_confirmation,
        ),
    )
}
