"""How a booking changes: one function changes the row and writes the event that says so.

An event holds exactly the columns it changed, so folding a booking's events gives its row.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial, wraps
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Field
from psycopg.errors import DeadlockDetected, SerializationFailure, UniqueViolation

from bookings.errors import BookingChanged, BookingNotFound
from bookings.live import publish
from bookings.models import Booking, BookingEvent, State
from bookings.seats import claims, locks
from flights.locking import lock_row

# What may follow what. A booking that has ended never opens again.
NEXT: dict[State, set[State]] = {
    State.CREATED: {State.SEATS_RESERVED, State.EXPIRED, State.CANCELLED},
    State.SEATS_RESERVED: {
        State.CREATED,
        State.PAYMENT_PROCESSING,
        State.EXPIRED,
        State.CANCELLED,
    },
    State.PAYMENT_PROCESSING: {State.CONFIRMED, State.FAILED, State.CANCELLED},
    State.CONFIRMED: {State.CANCELLED},
    State.FAILED: set(),
    State.EXPIRED: set(),
    State.CANCELLED: set(),
}

# The columns that events record: all that ever change but the payment code, a secret, and
# when the confirmation is sent, which decides nothing.
RECORDED = (
    "state",
    "payment_status",
    "seats",
    "total_cents",
    "due_at",
    "attempts",
    "last_error",
    "record_locator",
    "failures",
)

# The event's number is the version it made, so there is never a gap.
TRANSITION = """
WITH changed AS (
    UPDATE bookings_booking SET {} WHERE id = ANY(%s)
    RETURNING id, version
)
INSERT INTO bookings_bookingevent (booking_id, number, at, name, by, detail, changes)
SELECT id, version, %s, %s, %s, %s, %s FROM changed
"""

NEXT_VERSION = "version = version + 1"

# Whoever has a confirmation is sent another one, with the new seats.
RESEAT = """
WITH changed AS (
    UPDATE bookings_booking b
    SET seats = ARRAY(SELECT jsonb_array_elements_text(wanted.seats)),
        version = b.version + 1,
        confirmation_due_at = CASE
            WHEN b.state = 'CONFIRMED' AND b.email <> '' THEN clock_timestamp()
            ELSE b.confirmation_due_at END
    FROM unnest(%s::uuid[], %s::jsonb[]) AS wanted (id, seats)
    WHERE b.id = wanted.id
    RETURNING b.id, b.version, wanted.seats
)
INSERT INTO bookings_bookingevent (booking_id, number, at, name, by, detail, changes)
SELECT id, version, %s, 'moved', %s, %s, jsonb_build_object('seats', seats) FROM changed
"""

LONGEST_PAUSE_SECONDS = 600
RETRIES = 3
TRY_AGAIN = (DeadlockDetected, SerializationFailure, UniqueViolation)

# What to tell Redis, the gateway or the workers once a transaction has committed.
type Effect = Callable[[], None]


def retried[**P, R](use_case: Callable[P, R]) -> Callable[P, R]:
    """Run it again when Postgres ended its transaction by chance.

    A record locator may be one that exists. Deadlocks should not happen, as everybody waits
    in one order; this is for the one that nobody thought of. Nothing was committed, so
    nothing is done twice.
    """

    @wraps(use_case)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(RETRIES):
            try:
                return use_case(*args, **kwargs)
            except (OperationalError, IntegrityError) as error:
                if not isinstance(error.__cause__, TRY_AGAIN):
                    raise
        return use_case(*args, **kwargs)

    return run


def lock_booking(booking_id: UUID) -> tuple[Booking, datetime]:
    """The booking, locked to the end of the transaction, and the time since it is locked."""
    try:
        return lock_row(Booking, booking_id)
    except Booking.DoesNotExist:
        raise BookingNotFound from None


def lock_seen(booking_id: UUID, version: int | None) -> tuple[Booking, datetime]:
    """`lock_booking`, if it is still at the version somebody decided on; or BookingChanged."""
    booking, now = lock_booking(booking_id)
    require_version(booking, version)
    return booking, now


def require_version(booking: Booking, version: int | None) -> None:
    """Raise BookingChanged unless the booking is at this version; None is any."""
    if version not in (None, booking.version):
        raise BookingChanged


def is_due(booking: Booking, now: datetime) -> bool:
    """Whether its timer has run out, to the microsecond."""
    return booking.due_at is not None and booking.due_at <= now


def begin(booking: Booking, name: str, *, by: str) -> None:
    """Insert a new booking with its first event."""
    booking.version = 1
    booking.save(force_insert=True)
    BookingEvent.objects.create(
        booking=booking,
        number=booking.version,
        at=booking.created_at,
        name=name,
        by=by,
        changes={column: getattr(booking, column) for column in RECORDED},
    )


def transition(
    booking: Booking, name: str, /, *, at: datetime, by: str, detail: str = "", **changes: Any
) -> None:
    """Change a locked booking and append the event `name` that records the change."""
    transition_all([booking], name, at=at, by=by, detail=detail, **changes)


def transition_all(
    bookings: Sequence[Booking],
    name: str,
    /,
    *,
    at: datetime,
    by: str,
    detail: str = "",
    **changes: Any,
) -> None:
    """Change several locked bookings alike, in one statement however many they are."""
    for booking in bookings:
        state = changes.get("state", booking.state)
        if state != booking.state and state not in NEXT[State(booking.state)]:
            raise ValueError(f"{booking.id} cannot go from {booking.state} to {state}")
        for column, value in changes.items():
            setattr(booking, column, value)
        booking.version += 1
    recorded = {column: changes[column] for column in RECORDED if column in changes}
    with connection.cursor() as cursor:
        cursor.execute(
            TRANSITION.format(", ".join([*(f"{column} = %s" for column in changes), NEXT_VERSION])),
            [
                *(_for_database(column, value) for column, value in changes.items()),
                [booking.id for booking in bookings],
                at,
                name,
                by[:160],
                detail[:200],
                json.dumps(recorded, cls=DjangoJSONEncoder),
            ],
        )


def reseat_all(
    bookings: Sequence[Booking],
    seats: Mapping[UUID, Sequence[str]],
    *,
    at: datetime,
    by: str,
    detail: str = "",
) -> None:
    """Write other seats into several locked bookings, each its own, in one statement."""
    for booking in bookings:
        booking.seats = list(seats[booking.id])
        booking.version += 1
    chosen = [json.dumps(booking.seats) for booking in bookings]
    ids = [booking.id for booking in bookings]
    with connection.cursor() as cursor:
        cursor.execute(RESEAT, [ids, chosen, at, by[:160], detail[:200]])


def _for_database(column: str, value: Any) -> Any:
    field = Booking._meta.get_field(column)
    assert isinstance(field, Field)
    return field.get_db_prep_save(value, connection)


def end(
    bookings: Sequence[Booking],
    name: str,
    /,
    *,
    at: datetime,
    by: str,
    detail: str = "",
    **changes: Any,
) -> Effect:
    """End locked bookings: their seats are given back, their timers and codes cleared.

    Returns what to do after the commit. `changes` may set another timer, for a refund.
    """
    claims.give_back(bookings)
    freed = [partial(freed_seats, booking, booking.seats) for booking in bookings]
    settled = {"due_at": None, "payment_code": "", **changes}
    transition_all(bookings, name, at=at, by=by, detail=detail, **settled)

    def after_commit() -> None:
        for tell in freed:
            tell()

    return after_commit


@retried
def postpone(booking_id: UUID, error: Exception) -> None:
    """After a step raised: count it, and try later, so that it cannot starve the rest."""
    with transaction.atomic(durable=True):
        booking, now = lock_booking(booking_id)
        if booking.due_at is None:
            return
        failures = booking.failures + 1
        pause = min(LONGEST_PAUSE_SECONDS, 2**failures)
        transition(
            booking,
            "step_failed",
            at=now,
            by="timer",
            detail=type(error).__name__,
            failures=failures,
            due_at=now + timedelta(seconds=pause),
        )


def freed_seats(booking: Booking, seats: Sequence[str]) -> None:
    """After a commit: unlock the seats that are free again, and say so."""
    locks.release(booking, seats)
    publish.booking_changed(booking, seats)
