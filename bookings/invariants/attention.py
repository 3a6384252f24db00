"""What needs somebody: overdue, failing, waiting for its refund, or its mail cannot be sent.

The worst is what is oldest. All of it is found among the rows whose timer runs, or whose mail's,
however many have ended.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Now

from bookings.invariants import overdue_after_seconds
from bookings.models import Booking, BookingEvent, Message, PaymentStatus

# Of bookings and messages.
RUNNING = Q(due_at__isnull=False)


class Trouble(StrEnum):
    """From the worst to the mildest."""

    # Its next step should have been taken: nobody sweeps, or the sweep cannot.
    OVERDUE = "overdue"
    # Its step raised, and is tried again and again.
    FAILING = "failing"
    # Money that is not ours and has not gone back yet.
    REFUND = "refund"
    # A message could not be sent, and is tried again or was given up; or nobody sends.
    MAIL = "mail"


@dataclass(frozen=True)
class Stuck:
    """One booking that needs somebody, and since when it does."""

    booking: Booking
    trouble: Trouble
    since: dt.datetime
    # Why its message could not be sent, as far as that is the trouble.
    unsent: str = ""


def overdue() -> Q:
    """What should have been done by now, of bookings and messages; as in check_bookings."""
    return Q(("due_at__lt", Now() - dt.timedelta(seconds=overdue_after_seconds())))


def in_trouble(trouble: Trouble) -> Q:
    """Bookings that need somebody for this; one may do so for several reasons."""
    match trouble:
        case Trouble.OVERDUE:
            return RUNNING & overdue()
        case Trouble.FAILING:
            return RUNNING & Q(failures__gt=0)
        case Trouble.REFUND:
            return RUNNING & Q(payment_status=PaymentStatus.REFUND_DUE)
        case Trouble.MAIL:
            unsent = Message.objects.filter(Q(failing_since__isnull=False) | overdue())
            return Q(pk__in=unsent.filter(RUNNING).values("booking"))


def stuck(trouble: Trouble, limit: int) -> list[Stuck]:
    """The oldest first, at most `limit`. One query."""
    rows = (
        Booking.objects.filter(in_trouble(trouble))
        .select_related("flight")
        .annotate(since=_since(trouble), unsent=Subquery(_unsent().values("error")[:1]))
    )
    return [_stuck(row, trouble) for row in rows.order_by("since", "pk")[:limit]]


def worst_first(each: Iterable[list[Stuck]]) -> list[Stuck]:
    """One list of several; a booking in several troubles is named for the worst."""
    named: dict[object, Stuck] = {}
    for some in each:
        for one in some:
            named.setdefault(one.booking.pk, one)
    return list(named.values())


def _stuck(row: Any, trouble: Trouble) -> Stuck:
    return Stuck(row, trouble, row.since, row.unsent or "")


def _unsent() -> QuerySet[Message]:
    """Those of a booking that wait, the oldest trouble first."""
    waiting = Message.objects.filter(RUNNING, booking=OuterRef("pk"))
    return waiting.order_by(F("failing_since").asc(nulls_last=True), "due_at")


def _since(trouble: Trouble) -> Combinable:
    if trouble == Trouble.OVERDUE:
        return F("due_at")
    if trouble == Trouble.MAIL:
        return Subquery(_unsent().values(since=Coalesce("failing_since", "due_at"))[:1])
    events = BookingEvent.objects.filter(booking=OuterRef("pk")).order_by()
    if trouble == Trouble.FAILING:
        marks = events.filter(name="step_failed")
    else:
        marks = events.filter(changes__payment_status=PaymentStatus.REFUND_DUE)
    first = marks.values("booking").annotate(first=Min("at")).values("first")
    return Coalesce(Subquery(first), F("created_at"))
