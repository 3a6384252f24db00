"""Paying: up to three attempts at the gateway, each under a lease, and what undoes them.

A step opens its attempt in one transaction, calls the gateway in none, and records the
answer in another. The attempt's number fences the answer; its idempotency key makes sure
that an attempt whose answer was lost, and the one after it, charge once together.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import get_random_string

from bookings.errors import InvalidContact, InvalidPaymentCode, NoSeats
from bookings.live import publish
from bookings.models import PAYMENT_CODE, Booking, Outcome, PaymentAttempt, PaymentStatus, State
from bookings.payments import Answer, GatewayTimeout, gateway
from bookings.saga import enqueue
from bookings.saga.holds import expiring_if_due, require_hold
from bookings.saga.transitions import Effect, end, lock_booking, postpone, retried, transition

log = logging.getLogger(__name__)

# Read over the phone, so without 0 and O, 1 and I.
LOCATOR_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
BACKOFF = 1.5


@retried
def start_payment(*, booking_id: UUID, code: str, name: str = "", email: str = "") -> Booking:
    """Start paying for the held seats; the result comes later, as the booking's state.

    `name` and `email` say who travels; both may be empty. The same code again while it runs
    changes nothing. Raises InvalidPaymentCode, InvalidContact, NoSeats, BookingNotFound,
    HoldExpired, BookingClosed, PaymentInProgress (another code).
    """
    if not PAYMENT_CODE.fullmatch(code):
        raise InvalidPaymentCode
    contact = _contact(name, email)
    with expiring_if_due(booking_id), transaction.atomic(durable=True):
        booking, now = lock_booking(booking_id)
        if booking.state == State.PAYMENT_PROCESSING and booking.payment_code == code:
            return booking
        require_hold(booking, now)
        if not booking.seats:
            raise NoSeats
        transition(
            booking,
            "payment_started",
            at=now,
            by="customer",
            state=State.PAYMENT_PROCESSING,
            payment_code=code,
            due_at=now,
            **contact,
        )
    enqueue.next_step(booking_id)
    publish.booking_changed(booking)
    return booking


def next_payment_step(booking: Booking, now: datetime) -> Effect:
    """The step of a payment that is due: another attempt, or settling the last one."""
    last = booking.payment_attempts.last() if booking.attempts else None
    if last and last.outcome is None:
        # The lease is over and nobody wrote an answer: the worker is gone.
        close_attempt(last, Answer(Outcome.UNKNOWN, "The payment service was interrupted."), now)
    if last and last.outcome == Outcome.UNKNOWN and last.number >= settings.PAYMENT_MAX_ATTEMPTS:
        return _settle(booking, last, now)
    return _open_attempt(booking, last, now)


def refund_step(booking: Booking, now: datetime) -> Effect:
    """Have what may have been charged given back; tried until the gateway says it is done."""
    lease_until = now + timedelta(seconds=settings.PAYMENT_LEASE_SECONDS)
    transition(booking, "refund_tried", at=now, by="timer", due_at=lease_until)
    return partial(_refund, booking.id, booking.payment_attempts.last())


def refund_due(now: datetime) -> dict[str, Any]:
    """The changes that start a refund."""
    return {"payment_status": PaymentStatus.REFUND_DUE, "due_at": now}


def close_attempt(attempt: PaymentAttempt, answer: Answer, now: datetime) -> bool:
    """Write the attempt's outcome, once; False if it had one already."""
    attempt.outcome = answer.outcome
    return bool(
        PaymentAttempt.objects.filter(
            booking_id=attempt.booking_id, number=attempt.number, outcome=None
        ).update(
            outcome=answer.outcome,
            reason=answer.reason,
            reference=answer.reference,
            answered_at=now,
        )
    )


def _contact(name: str, email: str) -> dict[str, str]:
    """Checked by the columns' own rules, which also name what nobody can be called."""
    contact = {"name": " ".join(name.split()), "email": email.strip()}
    others = {field.name for field in Booking._meta.fields} - contact.keys()
    try:
        Booking(**contact).clean_fields(exclude=others)
    except ValidationError:
        raise InvalidContact from None
    return contact


def _open_attempt(booking: Booking, last: PaymentAttempt | None, now: datetime) -> Effect:
    number = booking.attempts + 1
    lease_until = now + timedelta(seconds=settings.PAYMENT_LEASE_SECONDS)
    # Only a definite decline earns a new key: what was not answered may have charged.
    reuse = last is not None and last.outcome == Outcome.UNKNOWN
    attempt = PaymentAttempt.objects.create(
        booking=booking,
        number=number,
        key=last.key if last and reuse else f"{booking.id}-{number}",
        opened_at=now,
        lease_until=lease_until,
    )
    transition(booking, "attempt_opened", at=now, by="timer", attempts=number, due_at=lease_until)
    return partial(_charge, booking, attempt)


def _charge(booking: Booking, attempt: PaymentAttempt) -> None:
    publish.booking_changed(booking)
    answer = _answer_of(
        partial(
            gateway().charge,
            key=attempt.key,
            amount_cents=booking.total_cents,
            currency=booking.currency,
            code=booking.payment_code,
        )
    )
    record_answer(booking.id, attempt, answer)


@retried
def record_answer(booking_id: UUID, attempt: PaymentAttempt, answer: Answer) -> None:
    with transaction.atomic(durable=True):
        booking, now = lock_booking(booking_id)
        in_time = close_attempt(attempt, answer, now)
        if in_time and booking.state == State.PAYMENT_PROCESSING:
            effect = _take_answer(booking, attempt.number, answer, now)
        else:
            effect = _late_answer(booking, answer, now)
    effect()


def _take_answer(booking: Booking, number: int, answer: Answer, now: datetime) -> Effect:
    if answer.outcome == Outcome.APPROVED:
        return _confirm(booking, answer, now)
    is_last = number >= settings.PAYMENT_MAX_ATTEMPTS
    if answer.outcome == Outcome.REFUSED or (is_last and answer.outcome == Outcome.DECLINED):
        return _fail(booking, answer, now)
    # After the last attempt an unknown outcome is settled at once; otherwise try again soon.
    pause = 0 if is_last else settings.PAYMENT_RETRY_SECONDS * BACKOFF ** (number - 1)
    transition(
        booking,
        f"attempt_{answer.outcome}",
        at=now,
        by="gateway",
        last_error=answer.reason,
        due_at=now + timedelta(seconds=pause),
    )
    return partial(_wait_for_next_try, booking, pause)


def _wait_for_next_try(booking: Booking, seconds: float) -> None:
    enqueue.next_step(booking.id, seconds=seconds)
    publish.booking_changed(booking)


def _late_answer(booking: Booking, answer: Answer, now: datetime) -> Effect:
    """An answer nobody waits for any more: it never revives a booking, but money goes back."""
    ended_unpaid = (
        booking.state in (State.FAILED, State.CANCELLED)
        and booking.payment_status == PaymentStatus.NONE
    )
    if answer.outcome != Outcome.APPROVED or not ended_unpaid:
        return _nothing
    transition(booking, "late_approval", at=now, by="gateway", **refund_due(now))
    return partial(_wait_for_next_try, booking, 0)


def _settle(booking: Booking, last: PaymentAttempt, now: datetime) -> Effect:
    """Every attempt is used up and the last has no answer: ask what became of its key."""
    lease_until = now + timedelta(seconds=settings.PAYMENT_LEASE_SECONDS)
    transition(booking, "settling", at=now, by="timer", due_at=lease_until)
    return partial(_look_up, booking.id, last.key)


def _look_up(booking_id: UUID, key: str) -> None:
    _record_settlement(booking_id, _answer_of(partial(gateway().lookup, key=key)))


@retried
def _record_settlement(booking_id: UUID, answer: Answer) -> None:
    with transaction.atomic(durable=True):
        booking, now = lock_booking(booking_id)
        if booking.state != State.PAYMENT_PROCESSING:
            effect = _late_answer(booking, answer, now)
        elif answer.outcome == Outcome.APPROVED:
            effect = _confirm(booking, answer, now)
        elif answer.outcome == Outcome.UNKNOWN:
            # Not known to have charged, but it still might: voiding the key makes sure.
            effect = _fail(booking, answer, now, **refund_due(now))
        else:
            effect = _fail(booking, answer, now)
    effect()


def _refund(booking_id: UUID, last: PaymentAttempt | None) -> None:
    try:
        if last:
            gateway().refund(key=last.key)
    except Exception as error:
        log.exception("The refund of booking %s failed", booking_id)
        postpone(booking_id, error)
    else:
        _record_refund(booking_id)


@retried
def _record_refund(booking_id: UUID) -> None:
    with transaction.atomic(durable=True):
        booking, now = lock_booking(booking_id)
        if booking.payment_status == PaymentStatus.REFUND_DUE:
            refunded: dict[str, Any] = {
                "payment_status": PaymentStatus.REFUNDED,
                "due_at": None,
                "failures": 0,
            }
            transition(booking, "refunded", at=now, by="gateway", **refunded)
    publish.booking_changed(booking)


def _answer_of(ask: Callable[[], Answer | None]) -> Answer:
    """The gateway's answer. Whatever goes wrong on the way leaves the outcome unknown."""
    try:
        answer = ask() or Answer(Outcome.UNKNOWN, "The payment service has no record of it.")
        # Another company's words, as long as they like.
        return Answer(answer.outcome, answer.reason[:200], answer.reference[:60])
    except GatewayTimeout:
        return Answer(Outcome.UNKNOWN, "The payment service did not answer in time.")
    except Exception:
        log.exception("The payment gateway failed")
        return Answer(Outcome.UNKNOWN, "The payment service could not be reached.")


def _confirm(booking: Booking, answer: Answer, now: datetime) -> Effect:
    mail: dict[str, Any] = {"confirmation_due_at": now} if booking.email else {}
    transition(
        booking,
        "confirmed",
        at=now,
        by="gateway",
        detail=answer.reference,
        state=State.CONFIRMED,
        payment_status=PaymentStatus.CHARGED,
        record_locator=get_random_string(6, LOCATOR_ALPHABET),
        last_error="",
        payment_code="",
        due_at=None,
        **mail,
    )

    def after_commit() -> None:
        publish.booking_changed(booking, booking.seats)
        if mail:
            enqueue.confirmation(booking.id)

    return after_commit


def _fail(booking: Booking, answer: Answer, now: datetime, **changes: Any) -> Effect:
    return end(
        [booking],
        "failed",
        at=now,
        by="gateway",
        state=State.FAILED,
        last_error=answer.reason,
        **changes,
    )


def _nothing() -> None:
    pass
