"""What staff may do to a booking, and what they are told before they do it.

The saga alone decides. The words here say what it will do; "" where it will refuse.
"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from bookings import saga
from bookings.admin.bookings.history import UnderWay
from bookings.admin.formats import clock, label, money
from bookings.admin.forms import ReasonForm, WrittenField
from bookings.admin.operations import OperatedPages, Operation, by_name
from bookings.models import (
    OPEN,
    Booking,
    Message,
    PaymentAttempt,
    PaymentStatus,
    State,
    waiting_of_each,
)
from bookings.saga.staff_transitions import REFUND_GIVEN
from flights.money import read

AMOUNT = forms.TextInput({"inputmode": "decimal", "autocomplete": "off", "autofocus": True})


class RefundForm(ReasonForm):
    """How much goes back, of each of the bookings that it is about."""

    amount = WrittenField(max_length=20, widget=AMOUNT)
    field_order = ("amount", "reason")

    def about(self, things: Sequence[Booking]) -> None:
        self._currencies = sorted({booking.currency for booking in things})
        # Whichever has less is refused by itself.
        self._most = max(booking.paid_for_cents for booking in things)
        each = " for each" if things[1:] else ""
        self.fields["amount"].label = f"Amount in {' or '.join(self._currencies)}{each}"
        self.fields["reason"].widget.attrs.pop("autofocus")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "amount" in cleaned:
            try:
                cleaned["amount_cents"] = self._cents(cleaned.pop("amount"))
            except ValidationError as error:
                self.add_error("amount", error)
        return cleaned

    def _cents(self, amount: str) -> int:
        """Raises ValidationError."""
        currency, *others = self._currencies
        if others:
            raise ValidationError("They are in several currencies: please refund one by one.")
        cents = read(amount, currency, "The amount").cents
        if 0 < self._most < cents:
            left = money(self._most, currency)
            raise ValidationError(f"That is more than what is left of what was paid: {left}.")
        return cents


def _terminate(booking: Booking, now: UnderWay) -> str:
    if booking.state not in OPEN:
        return ""
    if booking.attempts:
        price = money(booking.total_cents, booking.currency)
        return f"{_freed(booking)} If the {price} were charged, they are given back."
    return f"{_freed(booking)} Nothing was charged."


def _retry_now(booking: Booking, now: UnderWay) -> str:
    if now.trying or not booking.due_at:
        return ""
    if booking.payment_status == PaymentStatus.REFUND_DUE:
        return f"The refund is tried now instead of at {clock(booking.due_at)}."
    if booking.state == State.PAYMENT_PROCESSING:
        return f"The payment goes on now instead of at {clock(booking.due_at)}."
    return ""


def _cancel_and_refund(booking: Booking, now: UnderWay) -> str:
    if booking.state != State.CONFIRMED:
        return ""
    cents = min(booking.total_cents, booking.total_cents + booking.kept_cents)
    return f"{_freed(booking)} {money(cents, booking.currency)} are refunded."


def _give_refund(booking: Booking, now: UnderWay) -> str:
    if booking.state not in REFUND_GIVEN.source or booking.paid_for_cents <= 0:
        return ""
    seats = " The seats stay." if booking.state == State.CONFIRMED else ""
    left = money(booking.paid_for_cents, booking.currency)
    return f"So much as you say goes back, of {left} that are left of what was paid.{seats}"


def _refunded(booking: Booking) -> str:
    refunds = booking.refunds.filter(number=booking.version)
    cents = sum(refund.amount_cents for refund in refunds)
    return f"{money(cents, booking.currency)} go back for {label(booking)}"


def _resend_mail(booking: Booking, now: UnderWay) -> str:
    is_confirmed = booking.state == State.CONFIRMED
    failed = now.waiting.error if now.waiting else ""
    if not booking.email or not (is_confirmed or failed):
        return ""
    what = "The confirmation" if is_confirmed else "What could not be sent"
    again = f"{what} is to be sent to {booking.email} again, within seconds."
    return f"{again} The last try failed: {failed}" if failed else again


def _forget(booking: Booking, now: UnderWay) -> str:
    is_over = booking.state != State.CONFIRMED or booking.flight.departure <= timezone.now()
    is_owed = booking.payment_status == PaymentStatus.REFUND_DUE
    is_of_nobody = not (booking.name or booking.email or booking.passengers)
    if booking.state in OPEN or is_owed or is_of_nobody or not is_over:
        return ""
    return "Names, birthdays and the address are erased for ever; seats, price and history stay."


def _freed(booking: Booking) -> str:
    seats = ", ".join(booking.seats)
    return f"The booking ends; {seats} can be sold again at once." if seats else "The booking ends."


OPERATIONS = by_name(
    Operation("terminate", "Terminate", "bookings.terminate_booking", saga.terminate, _terminate),
    Operation(
        "retry_now",
        "Retry now",
        "bookings.retry_booking",
        saga.retry_now,
        _retry_now,
        said="begun for",
    ),
    Operation(
        "cancel_and_refund",
        "Cancel and refund",
        "bookings.refund_booking",
        saga.cancel_and_refund,
        _cancel_and_refund,
        said="cancelled, and the refund is begun, for",
    ),
    Operation(
        "give_refund",
        "Refund an amount",
        "bookings.refund_booking",
        saga.give_refund,
        _give_refund,
        RefundForm,
        said="begun for",
        tell=_refunded,
    ),
    Operation(
        "resend_confirmation",
        "Resend mail",
        "bookings.resend_confirmation",
        saga.resend_confirmation,
        _resend_mail,
        said="asked for",
    ),
    Operation(
        "forget_passengers",
        "Erase who travelled",
        "bookings.forget_passengers",
        saga.forget_passengers,
        _forget,
    ),
)


class OperatedBookings(OperatedPages[Booking, UnderWay]):
    """Each is acted on as it was seen: of two who decide at once, the second is told."""

    operations = OPERATIONS
    confirmed_columns = {
        "Flight": lambda booking: str(booking.flight),
        "State": Booking.get_state_display,
        "Money": Booking.get_payment_status_display,
    }

    def operated(self) -> QuerySet[Booking]:
        return Booking.objects.select_related("flight")

    def known(self, things: Sequence[Booking]) -> list[UnderWay]:
        attempts = PaymentAttempt.objects.filter(booking__in=things, outcome=None)
        trying = set(attempts.values_list("booking_id", flat=True))
        messages = Message.objects.filter(booking__in=things, due_at__isnull=False)
        waiting = waiting_of_each(messages.order_by("number", "pk"))
        return [UnderWay(each.pk in trying, waiting.get(each.pk)) for each in things]

    def arguments(self, thing: Booking, version: int) -> dict[str, object]:
        return {"booking_id": thing.pk, "version": version}

    def identity(self, thing: Booking) -> str:
        return f"{thing.pk}:{thing.version}"

    def label_of(self, thing: Booking) -> str:
        return label(thing)
