"""The receipt: each payment and each refund, when it was, and what stays paid."""

from collections.abc import Iterator
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from reportlab.platypus import Flowable

from bookings.documents.sheet import columns, gap, ruled, sheet, sized, small
from bookings.fares import terms_of
from bookings.models import Booking, BookingEvent, PaymentAttempt, State
from bookings.saga.change_transitions import CHANGE_PAID
from bookings.saga.transitions import PAYMENT_APPROVED
from bookings.templatetags.travel import clock, day, zone
from flights.models import Flight
from flights.money import Money

# What was paid for, by the event that says so.
PAID = {PAYMENT_APPROVED.event: "Paid", CHANGE_PAID.event: "Change paid"}
# They end at the right edge.
AMOUNTS = ("ALIGN", (-1, 0), (-1, -1), "RIGHT")


class Entry(NamedTuple):
    """What was charged, or given back: less than nothing."""

    at: datetime
    words: str
    when: str
    cents: int


def receipt(booking: Booking, flight: Flight) -> bytes:
    """Of a booking that was paid, as PDF, also after it was cancelled. Two queries."""
    entries = sorted([*_charges(booking), *_refunds(booking)], key=attrgetter("at"))
    rows = [(words, when, _amount(cents, booking)) for _, words, when, cents in entries]
    stays = _amount(sum(entry.cents for entry in entries), booking)
    fare = f"{terms_of(booking, flight).fare} fare"
    table = ruled((fare, "When", "Amount"), rows, (0.46, 0.34, 0.2), AMOUNTS)
    total = columns([sized("Stays paid" if rows[1:] else "Paid"), sized(stays, 14)], 0.5, 0.5)
    issued = small(f"Issued by Petrel, {_at(timezone.now())}.")
    ended = (
        [sized("This booking is cancelled."), gap(4)] if booking.state == State.CANCELLED else []
    )
    return sheet(
        "Receipt", booking, flight, [*ended, table, gap(2), total, *_kept(booking), gap(3), issued]
    )


def _charges(booking: Booking) -> Iterator[Entry]:
    """Its own and those of its changes. Of each, the attempt that brought it is the last one."""
    paid_by = Booking.objects.filter(Q(pk=booking.pk) | Q(change_of=booking.pk)).values("pk")
    attempts = PaymentAttempt.objects.filter(booking=OuterRef("booking")).order_by("-number")
    amount = Subquery(attempts.values("amount_cents")[:1])
    events = BookingEvent.objects.filter(booking__in=paid_by, name__in=PAID)
    for paid in events.annotate(cents=amount):
        reference = f", reference {paid.detail}" if paid.detail else ""
        yield Entry(paid.at, f"{PAID[paid.name]}{reference}", _at(paid.at), paid.cents)


def _refunds(booking: Booking) -> Iterator[Entry]:
    for refund in booking.refunds.all():
        done = refund.done_at
        words, when = ("Given back", _at(done)) if done else ("Refund", "on its way back")
        yield Entry(refund.asked_at, words, when, -refund.amount_cents)


def _kept(booking: Booking) -> Iterator[Flowable]:
    """What of it is for no seat any more."""
    if booking.kept_cents > 0:
        kept = _amount(booking.kept_cents, booking)
        yield small(f"Of it {kept} is kept by the conditions of the fare.")


def _at(moment: datetime) -> str:
    return f"{day(moment)}, {clock(moment)} {zone(moment)}"


def _amount(cents: int, booking: Booking) -> str:
    return str(Money(cents, booking.currency)).replace("-", "\N{MINUS SIGN}")
