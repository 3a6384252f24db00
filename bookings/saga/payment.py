"""Paying: up to three attempts at the gateway, each under a lease, and what undoes them.

One statement opens an attempt, the gateway is called in no transaction, and another statement
records the answer. The attempt's number fences the answer; its idempotency key makes sure that
an attempt whose answer was lost, and the one after it, charge once together.
"""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models.functions import Now

from bookings.errors import (
    AlreadyPaid,
    ChangeMade,
    InvalidPaymentCode,
    PaymentInProgress,
)
from bookings.live import publish
from bookings.models import HOLDING, PAYMENT_CODE, Booking, Refund
from bookings.payments import Answer, codes, gateway
from bookings.saga import enqueue
from bookings.saga.gateway_calls import (
    Call,
    GatewayFailed,
    answer_of,
    require_done,
    understood,
    why,
)
from bookings.saga.holds import expiring_if_due
from bookings.saga.naming import contact_of
from bookings.saga.payment_answers import record_answer, record_settlement
from bookings.saga.refunds import refunds
from bookings.saga.statements import look, make, make_due, try_to
from bookings.saga.transition import Transition
from bookings.saga.transitions import (
    ATTEMPT_MADE,
    PAYMENT_STARTED,
    REFUND_TRIED,
    REFUNDED,
    SETTLING,
    STEP_FAILED,
)
from flights.one_line import told

log = logging.getLogger(__name__)


def start_payment(
    *,
    booking_id: UUID,
    code: str,
    name: str = "",
    email: str = "",
    browser_id: UUID | None = None,
) -> Booking:
    """Start paying for the held seats; the result comes later, as the booking's state.

    `name` and `email` say whose booking it is; empty, they stay what they were when the
    passengers were named. `browser_id` says who asks. The same code again, while it runs or once
    it has paid, changes nothing and gets the booking. Raises InvalidPaymentCode, InvalidContact,
    PassengersMissing, NoSeats, FlightCancelled, BookingNotFound, NotYours, and
    what `NO_HOLD` says.
    """
    contact = contact_of([name], email)
    return pay(PAYMENT_STARTED, booking_id, code, browser_id=browser_id, **contact)


def pay(transition: Transition, booking_id: UUID, code: str, **said: object) -> Booking:
    """Start paying by this transition, of which is `said` what else it needs.

    Raises InvalidPaymentCode, and what the transition says.
    """
    if not PAYMENT_CODE.fullmatch(code):
        raise InvalidPaymentCode
    spent = {"code": code, "fingerprint": codes.fingerprint(booking_id, code)}
    try:
        with expiring_if_due(booking_id):
            booking = make(transition, booking_id, **spent, **said)
    except (PaymentInProgress, AlreadyPaid, ChangeMade):
        booking = look(booking_id)
        if not codes.is_paid_with(booking, code):
            raise
        return booking
    enqueue.due_payments()
    publish.booking_changed(booking)
    return booking


def due_steps(most: int) -> list[Call[Any]]:
    """Take the next step of up to `most` payments and refunds that are due; what to ask the
    gateway for each."""
    steps: list[Call[Any]] = []
    for transition, calls in _STEPS.items():
        # Nearly always the first kind is all there is.
        if transition is not ATTEMPT_MADE and not (_is_any_due() or refunds.is_time_to_ask()):
            break
        left = most - len(steps)
        if transition is REFUND_TRIED:
            due = refunds.take(left)
        else:
            due = make_due(transition, left, **_limits())
        steps += calls(due)
    return steps


def step(booking_id: UUID) -> Call[Any] | None:
    """Take the booking's next step if it is a payment or a refund that is due."""
    for transition, calls in _STEPS.items():
        if booking := try_to(transition, booking_id, **_limits()):
            return calls([booking])[0]
    return None


def or_postpone(booking_id: UUID, do: Callable[[], object]) -> None:
    """Do it; if it raises, that is logged, counted on the booking, and it is tried later.

    Raises what is the database's trouble and not this booking's.
    """
    try:
        do()
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("A step of booking %s failed", booking_id)
        postpone(booking_id, error)


def postpone(
    booking_id: UUID, error: Exception, reason: str = "Something went wrong; it is tried again."
) -> None:
    """After a step raised: count it, and try later, so that it cannot starve the rest.

    The reason is for everybody to read; what the error says is in the history, for staff.
    """
    try_to(STEP_FAILED, booking_id, reason=reason, detail=_said(error))


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, GatewayFailed) else told(error)


def _is_any_due() -> bool:
    due = Booking.objects.filter(due_at__lte=Now()).exclude(state__in=HOLDING)
    return due.exists()


def _limits() -> dict[str, object]:
    return {
        "most_attempts": settings.PAYMENT_MAX_ATTEMPTS,
        "lease": settings.PAYMENT_LEASE_SECONDS,
    }


def _charge(booking: Booking) -> Call[Answer]:
    publish.booking_changed(booking)
    return Call(
        booking.pk,
        lambda: understood(
            gateway().charge(
                key=booking.key,
                amount_cents=booking.total_cents,
                currency=booking.currency,
                code=booking.payment_code,
            )
        ),
        lambda asked: record_answer(booking.pk, booking.attempts, answer_of(asked)),
    )


def _look_up(booking: Booking) -> Call[Answer]:
    return Call(
        booking.pk,
        lambda: understood(gateway().lookup(key=booking.key)),
        lambda asked: record_settlement(booking.pk, answer_of(asked)),
    )


def _give_back(bookings: Sequence[Booking]) -> list[Call[Any]]:
    asked = Refund.objects.in_bulk([booking.key for booking in bookings])
    return [_refund(booking, asked.get(booking.key)) for booking in bookings]


def _refund(booking: Booking, refund: Refund | None) -> Call[None]:
    """Of one that is asked for, or else whatever its last attempt may have charged."""

    def ask() -> None:
        if refund:
            cents = refund.amount_cents
            require_done(
                lambda: gateway().refund(key=refund.key, charge=refund.charge, amount_cents=cents)
            )
        elif booking.key:
            require_done(lambda: gateway().void(key=booking.key))

    record = partial(_record_refund, booking, refund.key if refund else "")
    return Call(booking.pk, ask, record)


def _record_refund(booking: Booking, key: str, asked: Callable[[], None]) -> None:
    try:
        asked()
    except Exception as error:
        log.warning("The refund of booking %s failed: %s", booking.pk, _said(error))
        postpone(booking.pk, error, why(error))
        refunds.failed(booking, why(error))
    else:
        if refunded := try_to(REFUNDED, booking.pk, refund=key):
            publish.booking_changed(refunded)
            enqueue.mail(refunded)
            if refunded.due_at:
                enqueue.due_payments()
        refunds.worked(booking)


# What a payment's or a refund's timer may mean, and what is asked of the gateway then.
_STEPS: dict[Transition, Callable[[Sequence[Booking]], list[Call[Any]]]] = {
    ATTEMPT_MADE: lambda due: list(map(_charge, due)),
    SETTLING: lambda due: list(map(_look_up, due)),
    REFUND_TRIED: _give_back,
}
