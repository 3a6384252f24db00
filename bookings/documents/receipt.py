"""The receipt: what was paid, when and for what, and what went back."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from bookings.documents.sheet import columns, gap, ruled, sheet, sized, small
from bookings.fares import terms_of
from bookings.models import Booking, PaymentStatus, State
from bookings.saga.transitions import PAYMENT_APPROVED, REFUNDED
from bookings.templatetags.travel import clock, day, zone
from flights.models import Flight
from flights.money import Money

# They end at the right edge.
AMOUNTS = ("ALIGN", (-1, 0), (-1, -1), "RIGHT")


class Entry(NamedTuple):
    """What was charged, or given back: less than nothing."""

    words: str
    when: str
    cents: int


def receipt(booking: Booking, flight: Flight) -> bytes:
    """Of a booking that was paid, as PDF, also after it was cancelled. One query."""
    entries = list(_entries(booking))
    rows = [(words, when, _amount(cents, booking)) for words, when, cents in entries]
    stays = _amount(sum(entry.cents for entry in entries), booking)
    fare = f"{terms_of(booking, flight).fare} fare"
    table = ruled((fare, "When", "Amount"), rows, (0.42, 0.38, 0.2), AMOUNTS)
    total = columns([sized("Stays paid" if rows[1:] else "Paid"), sized(stays, 14)], 0.5, 0.5)
    issued = small(f"Issued by Petrel, {_at(timezone.now())}.")
    ended = (
        [sized("This booking is cancelled."), gap(4)] if booking.state == State.CANCELLED else []
    )
    return sheet("Receipt", booking, flight, [*ended, table, gap(2), total, gap(3), issued])


def _entries(booking: Booking) -> Iterator[Entry]:
    cents = booking.total_cents
    told = {
        event.name: event
        for event in booking.events.filter(name__in=[PAYMENT_APPROVED.event, REFUNDED.event])
    }
    if paid := told.get(PAYMENT_APPROVED.event):
        reference = f", reference {paid.detail}" if paid.detail else ""
        yield Entry(f"Paid{reference}", _at(paid.at), cents)
    if back := told.get(REFUNDED.event):
        yield Entry("Given back", _at(back.at), -cents)
    elif booking.payment_status == PaymentStatus.REFUND_DUE:
        yield Entry("Refund", "on its way back", -cents)


def _at(moment: datetime) -> str:
    return f"{day(moment)}, {clock(moment)} {zone(moment)}"


def _amount(cents: int, booking: Booking) -> str:
    return str(Money(cents, booking.currency)).replace("-", "\N{MINUS SIGN}")
