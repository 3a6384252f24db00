"""A booking's story as rows to read: what it owns, how it paid, everything that happened.

Their tables have composite primary keys, for which the admin has no inlines.
"""

import datetime as dt
from typing import Any

from bookings.admin.bookings.timeline import timeline
from bookings.admin.formats import clock, money
from bookings.models import Booking, BookingEvent, PaymentAttempt
from flights.clock import database_clock


def story(booking: Booking) -> dict[str, Any]:
    """The template's context; four queries."""
    attempts = list(booking.payment_attempts.all())
    events = list(booking.events.all())
    trying = any(attempt.outcome is None for attempt in attempts)
    return {
        "claims": [
            {"seat": claim.seat, "price": money(claim.price_cents, booking.currency)}
            for claim in booking.claims.order_by("seat")
        ],
        "attempts": [_attempt(attempt) for attempt in attempts],
        "events": [_event(event) for event in events],
        "timeline": timeline(booking, events, attempts, database_clock()),
        "trying": trying,
    }


def _attempt(attempt: PaymentAttempt) -> dict[str, Any]:
    answered = attempt.answered_at
    return {
        "attempt": attempt,
        "opened": _precise(attempt.opened_at),
        "lease": clock(attempt.lease_until),
        "outcome": attempt.get_outcome_display() if attempt.outcome else "open",
        "seconds": f"{(answered - attempt.opened_at).total_seconds():.1f} s" if answered else "",
    }


def _event(event: BookingEvent) -> dict[str, Any]:
    return {
        "event": event,
        "at": _precise(event.at),
        "name": event.name.replace("_", " "),
        "changes": [
            (column.replace("_", " "), _readable(column, value))
            for column, value in event.changes.items()
        ],
    }


def _readable(column: str, value: Any) -> str:
    if value is None or value == "" or value == []:
        return "empty"
    if isinstance(value, list):
        return ", ".join(value)
    if column == "due_at":
        return clock(dt.datetime.fromisoformat(value))
    if column == "total_cents":
        return f"{value:,}"
    return str(value)


def _precise(moment: dt.datetime) -> str:
    """To the millisecond: steps follow each other closely."""
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03}"
