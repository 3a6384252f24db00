"""A booking's history as rows to read: what it owns, how it paid, all that happened and was told.

Their tables have composite primary keys, for which the admin has no inlines.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from bookings.admin.bookings.timeline import Timeline, timeline
from bookings.admin.formats import clock, millisecond, money
from bookings.models import (
    Booking,
    BookingEvent,
    Message,
    PaymentAttempt,
    Refund,
    waiting_of_each,
)
from flights import known_fares
from flights.clock import database_clock
from flights.models import Flight


@dataclass(frozen=True)
class Claim:
    """A seat that the booking owns now."""

    seat: str
    price: str


@dataclass(frozen=True)
class Attempt:
    """A payment attempt. Nothing in `seconds` while it is open."""

    attempt: PaymentAttempt
    opened: str
    lease: str
    outcome: str
    seconds: str


@dataclass(frozen=True)
class GoesBack:
    """What goes back of what was charged, and when it did."""

    refund: Refund
    amount: str
    asked: str
    done: str


@dataclass(frozen=True)
class Event:
    """What happened, and each column that it changed."""

    event: BookingEvent
    at: str
    name: str
    changes: list[tuple[str, str]]


@dataclass(frozen=True)
class Told:
    """A message of the outbox, and what became of it or is to come."""

    message: Message
    outcome: str


class UnderWay(NamedTuple):
    """What goes on beside the booking's row."""

    # Whether a payment attempt is open now.
    trying: bool
    # The last message that is still to be sent.
    waiting: Message | None


@dataclass(frozen=True)
class History:
    """All of it, under the names that the template has for it."""

    claims: list[Claim]
    attempts: list[Attempt]
    refunds: list[GoesBack]
    events: list[Event]
    mails: list[Told]
    timeline: Timeline
    under_way: UnderWay


def history_of(booking: Booking) -> History:
    """Six queries, and one more where it was on other flights."""
    attempts = list(booking.payment_attempts.all())
    events = list(booking.events.all())
    messages = list(booking.messages.order_by("number", "pk"))
    fare = known_fares.get(booking.fare_id)
    return History(
        claims=[
            Claim(claim.seat, money(fare.price(claim.price_cents), booking.currency))
            for claim in booking.claims.order_by("seat")
        ],
        attempts=[_attempt(attempt) for attempt in attempts],
        refunds=[_goes_back(refund, booking.currency) for refund in booking.refunds.all()],
        events=_events(booking, events),
        mails=[Told(message, _outcome(message)) for message in messages],
        timeline=timeline(booking, events, attempts, database_clock()),
        under_way=UnderWay(
            trying=any(attempt.outcome is None for attempt in attempts),
            waiting=waiting_of_each(messages).get(booking.pk),
        ),
    )


def _attempt(attempt: PaymentAttempt) -> Attempt:
    answered = attempt.answered_at
    return Attempt(
        attempt,
        opened=millisecond(attempt.opened_at),
        lease=clock(attempt.lease_until),
        outcome=attempt.get_outcome_display() if attempt.outcome else "open",
        seconds=f"{(answered - attempt.opened_at).total_seconds():.1f} s" if answered else "",
    )


def _goes_back(refund: Refund, currency: str) -> GoesBack:
    return GoesBack(
        refund,
        amount=money(refund.amount_cents, currency),
        asked=millisecond(refund.asked_at),
        done=millisecond(refund.done_at) if refund.done_at else "not yet",
    )


def _outcome(message: Message) -> str:
    due, since = message.due_at, message.failing_since
    if due is None:
        sent = message.sent_at
        return f"sent at {clock(sent)}" if sent else "not needed any more"
    if since is None:
        return f"to be sent at {clock(due)}"
    then = "given up" if message.is_given_up else f"tried again at {clock(due)}"
    return f"not sent since {clock(since)}, {then}. {message.error}"


def _events(booking: Booking, events: Sequence[BookingEvent]) -> list[Event]:
    own = booking.flight_id
    others = {event.changes.get("flight_id", own) for event in events} - {own}
    flights = {own: booking.flight, **Flight.objects.in_bulk(others)}
    return [_event(event, booking.currency, flights) for event in events]


def _event(event: BookingEvent, currency: str, flights: Mapping[int, Flight]) -> Event:
    changes = [
        (_named(column), _readable(column, value, currency, flights))
        for column, value in event.changes.items()
    ]
    return Event(event, millisecond(event.at), event.name.replace("_", " "), changes)


def _named(column: str) -> str:
    return column.removesuffix("_id").removesuffix("_cents").replace("_", " ")


def _readable(column: str, value: Any, currency: str, flights: Mapping[int, Flight]) -> str:
    if value is None or value == "" or value == []:
        return "empty"
    if isinstance(value, list):
        return ", ".join(value)
    if column == "flight_id":
        return str(flights.get(int(str(value)), value))
    if column == "due_at":
        return clock(dt.datetime.fromisoformat(str(value)))
    if column == "fare_id":
        return str(known_fares.get(int(str(value))))
    if column in ("total_cents", "kept_cents"):
        return money(value, currency)
    return str(value)
