"""Now: the back office's first page. What needs somebody, what is going on, and what leaves next.

A fixed number of queries, each by an index that has few rows more than are shown.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Sum
from django.db.models.functions import Now, TruncHour

from bookings.admin.dashboard import charts
from bookings.admin.formats import duration, label, money
from bookings.invariants.attention import Stuck, Trouble, in_trouble, stuck, worst_first
from bookings.models import BookingEvent, PaymentAttempt, State, unfinished
from bookings.models.indexes import BEGINNINGS, OUTCOMES
from bookings.seats.load import Load, load_of
from flights.clock import database_clock
from flights.models import Flight

SHOWN = 8
LEAVING = 12
HOURS = 24


@dataclass(frozen=True)
class Departure:
    """A flight that leaves soon, and how full it is. Widths in per cent of its seats."""

    flight: Flight
    load: Load
    leaves_in: str
    sold_percent: float
    held_percent: float
    blocked_percent: float

    @property
    def taken_percent(self) -> float:
        """Where what is blocked begins."""
        return self.sold_percent + self.held_percent


@dataclass(frozen=True)
class TroubleCount:
    """How many bookings have one kind of trouble, and for how long the first of them has."""

    name: Trouble
    count: int
    oldest: str


@dataclass(frozen=True)
class StuckFor:
    """A booking that needs somebody, and for how long it has."""

    one: Stuck
    label: str
    age: str


@dataclass(frozen=True)
class Group:
    """Unfinished bookings, of one state and one currency."""

    state: str
    currency: str
    bookings: int
    seats: int
    cents: int
    next_due: dt.datetime | None
    in_trouble: dict[Trouble, int]


@dataclass(frozen=True)
class Running:
    """How many bookings and seats and how much money stand in some states."""

    bookings: int
    seats: int
    money: str
    next_due: str


@dataclass(frozen=True)
class OpenAttempts:
    """The payment attempts that the gateway has not answered yet."""

    count: int
    oldest: str


def now() -> dict[str, object]:
    """What may change from one second to the next. Seven queries."""
    moment = database_clock()
    groups = _running()
    stuck_for = {trouble: stuck(trouble, SHOWN) for trouble in Trouble}
    return {
        "moment": moment,
        "troubles": [
            TroubleCount(
                trouble,
                sum(group.in_trouble[trouble] for group in groups),
                _age(some[0].since, moment) if some else "",
            )
            for trouble, some in stuck_for.items()
        ],
        "stuck": [
            StuckFor(one, label(one.booking), _age(one.since, moment))
            for one in worst_first(stuck_for.values())[:SHOWN]
        ],
        "holds": _sum_up(groups, (State.SEATS_RESERVED, State.CREATED), moment),
        "payments": _sum_up(groups, (State.PAYMENT_PROCESSING,), moment),
        "attempts": _open_attempts(moment),
    }


def today() -> dict[str, object]:
    """What changes slowly: the last day in pictures, and the next departures. Four queries."""
    moment = database_clock()
    counted = charts.merged(_counted())
    this_hour = moment.replace(minute=0, second=0, microsecond=0)
    hours = [this_hour - dt.timedelta(hours=back) for back in reversed(range(HOURS))]
    return {
        "moment": moment,
        "chart": charts.by_hour(counted, hours),
        "outcomes": charts.OUTCOMES,
        "funnel": charts.funnel(counted),
        "departures": _departures(moment),
    }


def _running() -> list[Group]:
    """All that is unfinished, by state and currency. One query over the indexes of timers."""
    running = unfinished().values("state", "currency")
    rows: Iterable[Any] = running.annotate(
        bookings=Count("pk"),
        seat_count=Sum("seats__len"),
        cents=Sum("total_cents"),
        next_due=Min("due_at"),
        **{str(trouble): Count("pk", filter=in_trouble(trouble)) for trouble in Trouble},
    )
    return [
        Group(
            row["state"],
            row["currency"],
            row["bookings"],
            row["seat_count"] or 0,
            row["cents"],
            row["next_due"],
            {trouble: row[str(trouble)] for trouble in Trouble},
        )
        for row in rows
    ]


def _sum_up(groups: Iterable[Group], states: Collection[str], moment: dt.datetime) -> Running:
    mine = [group for group in groups if group.state in states]
    cents: defaultdict[str, int] = defaultdict(int)
    for group in mine:
        cents[group.currency] += group.cents
    next_due = min((group.next_due for group in mine if group.next_due), default=None)
    return Running(
        bookings=sum(group.bookings for group in mine),
        seats=sum(group.seats for group in mine),
        money=", ".join(money(each, currency) for currency, each in sorted(cents.items())),
        next_due=_age(moment, next_due) if next_due else "",
    )


def _open_attempts(moment: dt.datetime) -> OpenAttempts:
    answer = PaymentAttempt.objects.filter(outcome=None).aggregate(
        count=Count("number"), oldest=Min("opened_at")
    )
    oldest = answer["oldest"]
    return OpenAttempts(answer["count"], _age(oldest, moment) if oldest else "")


def _counted() -> list[tuple[dt.datetime, str, int]]:
    """How many bookings began and ended each hour. One query over the index of such events."""
    events = BookingEvent.objects.filter(
        name__in=(*BEGINNINGS, *OUTCOMES),
        at__gt=TruncHour(Now() - dt.timedelta(hours=HOURS - 1)),
    )
    by_hour = events.order_by().annotate(hour=TruncHour("at")).values_list("hour", "name")
    return list(by_hour.annotate(count=Count("*")))


def _departures(moment: dt.datetime) -> list[Departure]:
    flights = Flight.objects.filter(departure__gt=Now()).select_related("layout")
    leaving = list(flights.order_by("departure", "id")[:LEAVING])
    loads = load_of(leaving)
    return [
        _departure(flight, loads.get(flight.pk, Load()), _age(moment, flight.departure))
        for flight in leaving
    ]


def _departure(flight: Flight, load: Load, leaves_in: str) -> Departure:
    sold, held, blocked = (100 * seats / flight.layout.total_seats for seats in load)
    return Departure(flight, load, leaves_in, sold, held, blocked)


def _age(since: dt.datetime, until: dt.datetime) -> str:
    return duration(max(0, round((until - since).total_seconds())))
