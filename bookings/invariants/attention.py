"""What needs somebody: overdue, failing, waiting for its refund, or its mail cannot be sent.

The worst is what is oldest. All of it is found among the rows whose timer runs, or whose mail's,
however many have ended.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import F, Min, OuterRef, Q, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Now

from bookings.invariants import overdue_after_seconds
from bookings.models import Booking, BookingEvent, PaymentStatus, State


class Trouble(StrEnum):
    """From the worst to the mildest."""

    # Its next step should have been taken: nobody sweeps, or the sweep cannot.
    OVERDUE = "overdue"
    # Its step raised, and is tried again and again.
    FAILING = "failing"
    # Money that is not ours and has not gone back yet.
    REFUND = "refund"
    # The confirmation could not be sent, and is tried again or was given up; or nobody sends.
    MAIL = "mail"


@dataclass(frozen=True)
class Stuck:
    """One booking that needs somebody, and since when it does."""

    booking: Booking
    trouble: Trouble
    since: dt.datetime


def overdue(timer: str = "due_at") -> Q:
    """Bookings whose next step should have been taken; the same as in check_bookings."""
    return Q((f"{timer}__lt", Now() - dt.timedelta(seconds=overdue_after_seconds())))


def in_trouble(trouble: Trouble) -> Q:
    """Bookings that need somebody for this; one may do so for several reasons."""
    running = Q(due_at__isnull=False)
    match trouble:
        case Trouble.OVERDUE:
            return running & overdue()
        case Trouble.FAILING:
            return running & Q(failures__gt=0)
        case Trouble.REFUND:
            return running & Q(payment_status=PaymentStatus.REFUND_DUE)
        case Trouble.MAIL:
            waits = Q(state=State.CONFIRMED, confirmation_due_at__isnull=False)
            fails = Q(confirmation_failing_since__isnull=False)
            return waits & (fails | overdue("confirmation_due_at"))


def stuck(trouble: Trouble, limit: int) -> list[Stuck]:
    """The oldest first, at most `limit`. One query."""
    rows = (
        Booking.objects.filter(in_trouble(trouble))
        .select_related("flight")
        .annotate(since=_since(trouble))
    )
    return [Stuck(row, trouble, row.since) for row in rows.order_by("since", "pk")[:limit]]


def worst_first(each: Iterable[list[Stuck]]) -> list[Stuck]:
    """One list of several; a booking in several troubles is named for the worst."""
    named: dict[object, Stuck] = {}
    for some in each:
        for one in some:
            named.setdefault(one.booking.pk, one)
    return list(named.values())


def _since(trouble: Trouble) -> Combinable:
    if trouble == Trouble.OVERDUE:
        return F("due_at")
    if trouble == Trouble.MAIL:
        return Coalesce("confirmation_failing_since", "confirmation_due_at")
    events = BookingEvent.objects.filter(booking=OuterRef("pk")).order_by()
    if trouble == Trouble.FAILING:
        marks = events.filter(name="step_failed")
    else:
        marks = events.filter(changes__payment_status=PaymentStatus.REFUND_DUE)
    first = marks.values("booking").annotate(first=Min("at")).values("first")
    return Coalesce(Subquery(first), F("created_at"))
