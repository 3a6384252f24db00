"""How a transition is made: one statement that locks, reads the clock, tests, changes and tells.

Every statement has one frame. It locks the booking's row, reads the database's clock from the
locked row (however long the lock was waited for, nothing is judged by the time from before),
tests the transition's conditions, changes the row, appends the event with exactly the columns
that it changed, and touches the seats or the attempt. It is one round trip and one commit, and
what it returns is the answer. When it returns nothing, `diagnose` lets Postgres say which of
the same conditions is not met.

A statement reads everything else as it was when it began. So it does nothing to a booking that
somebody changed while its lock was waited for (`seen`), and is made again.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, wraps
from typing import Any
from uuid import UUID

from django.db import IntegrityError, OperationalError, connection
from psycopg.errors import DeadlockDetected, SerializationFailure, UniqueViolation

from bookings.errors import (
    BookingChanged,
    BookingError,
    BookingNotFound,
    FlightChanged,
    FlightNotFound,
    SeatTaken,
)
from bookings.models import Booking
from bookings.saga.transitions import HELD, HOLD_END, Transition

COLUMNS = [str(field.column) for field in Booking._meta.concrete_fields if not field.generated]
# The columns that events record: all that ever change but the payment code, a secret, and
# when the confirmation is sent, which decides nothing. Of names and addresses, which can be
# erased, there is nothing in events, which cannot.
RECORDED = (
    "state", "payment_status", "seats", "total_cents", "due_at", "attempts", "last_error",
    "record_locator", "failures",
)  # fmt: skip

# Raised by `bookings_require_seats`: see the migrations.
SEATS_TAKEN = "23S01"
RETRIES = 3
TRY_AGAIN = (DeadlockDetected, SerializationFailure, UniqueViolation)

# Each column by its name: a statement that is prepared for `*` is refused on every kept
# connection once a migration has added a column.
ROW = ", ".join(COLUMNS)
ONE = """
WITH seen AS MATERIALIZED (
    SELECT version FROM bookings_booking WHERE id = %(id)s::uuid
), locked AS MATERIALIZED (
    SELECT {row} FROM bookings_booking WHERE id = %(id)s::uuid FOR UPDATE
), b AS MATERIALIZED (
    SELECT locked.*, clock_timestamp() AS now FROM locked JOIN seen USING (version)
)"""
# The oldest that are due and that nobody has, as many as are wanted.
DUE = """
WITH seen AS MATERIALIZED (
    SELECT id, version FROM bookings_booking
    WHERE {source} AND due_at <= statement_timestamp()
    ORDER BY due_at LIMIT %(most)s::int
), locked AS MATERIALIZED (
    SELECT {row} FROM bookings_booking
    WHERE id = ANY(ARRAY(SELECT id FROM seen)) FOR UPDATE SKIP LOCKED
), b AS MATERIALIZED (
    SELECT locked.*, clock_timestamp() AS now FROM locked JOIN seen USING (id, version)
)"""
# A flight is shared with whoever claims its seats, and with nobody who changes how it is sold.
FLIGHT = """, f AS MATERIALIZED (
    SELECT id, layout_id, on_sale, cancelled_at, departure, base_fare_cents, currency
    FROM flights_flight WHERE id = %(flight)s::bigint FOR KEY SHARE
)"""
CHANGED = """, changed AS (
    UPDATE bookings_booking SET {sets}, version = b.version + 1
    FROM {rows} WHERE bookings_booking.id = b.id AND {conditions}
    RETURNING {returned}, b.now, b.seats AS seats_before
)"""
TOLD = """, told AS (
    INSERT INTO bookings_bookingevent (booking_id, number, at, name, by, detail, changes)
    SELECT id, version, now, '{event}', left(%(by)s::text, 160), left(%(detail)s::text, 200),
        jsonb_build_object({changes})
    FROM changed
)"""
# In the order in which everybody claims, and before any seat is given back: see seats/claims.py.
CLAIMED = """, claimed AS (
    INSERT INTO bookings_seatclaim (flight_id, seat, booking_id, price_cents, owned)
    SELECT c.flight_id, wanted.seat, c.id, wanted.cents, true
    FROM changed c, unnest(%(new)s::text[], %(cents)s::int[])
        WITH ORDINALITY AS wanted (seat, cents, place)
    ORDER BY place
    ON CONFLICT DO NOTHING
    RETURNING seat
), whole AS MATERIALIZED (
    SELECT bookings_require_seats(%(new)s::text[], ARRAY(SELECT seat FROM claimed)) FROM changed
), gone AS (
    DELETE FROM bookings_seatclaim s USING changed c
    WHERE s.booking_id = c.id AND s.flight_id = c.flight_id AND s.seat <> ALL (c.seats)
        AND (SELECT count(*) FROM whole) = 1
)"""
FREED = """, gone AS (
    DELETE FROM bookings_seatclaim s USING changed c
    WHERE s.booking_id = c.id AND s.flight_id = c.flight_id
)"""
# Postgres evaluates a part that only reads when it is read: whether all seats were claimed, here.
RESULT = " SELECT {row}, now, seats_before, {key} FROM changed"
WHOLE = " WHERE (SELECT count(*) FROM whole) = 1"
HOLD = """
WITH f AS MATERIALIZED (
    SELECT id, layout_id, on_sale, cancelled_at, departure, base_fare_cents, currency
    FROM flights_flight WHERE id = %(flight)s::bigint FOR KEY SHARE
), b AS MATERIALIZED (
    SELECT clock_timestamp() AS now FROM f
), changed AS (
    INSERT INTO bookings_booking (
        id, flight_id, browser_id, state, payment_status, seats, total_cents, currency, due_at,
        payment_code, name, email, attempts, last_error, failures, version, created_at)
    SELECT %(id)s::uuid, f.id, %(browser_id)s::uuid, 'SEATS_RESERVED', 'none', %(seats)s::text[],
        %(total)s::int, f.currency, {until}, '', '', '', 0, '', 0, 1, b.now
    FROM b, f WHERE {conditions}
    RETURNING {row}, created_at AS now, ARRAY[]::text[] AS seats_before
)"""

# As ISO 8601 in UTC, to the microsecond.
JSON_TIME = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""

type Params = Mapping[str, Any]


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


def make(transition: Transition, booking_id: UUID, **params: object) -> Booking:
    """Make the transition. Raises BookingNotFound, or what its unmet condition says."""
    for _ in range(RETRIES):
        if changed := try_to(transition, booking_id, **params):
            return changed
        if refused := refusal(transition, booking_id, **params):
            raise refused
    raise BookingChanged


def refusal(transition: Transition, booking_id: UUID, **params: object) -> BookingError | None:
    """What `make` would raise; None if the transition can be made."""
    return diagnose(transition, {**_said(transition, params), "id": booking_id})


@retried
def try_to(transition: Transition, booking_id: UUID, **params: object) -> Booking | None:
    """Make the transition; None, and nothing done, where a condition is not met."""
    rows = execute(one(transition), {**_said(transition, params), "id": booking_id})
    return rows[0] if rows else None


@retried
def make_due(transition: Transition, most: int, **params: object) -> list[Booking]:
    """Make the transition of up to `most` bookings that are due and nobody is at, oldest first."""
    return execute(due(transition), {**_said(transition, params), "most": most})


def execute(statement: str, params: Params) -> list[Booking]:
    """The bookings that it changed. Raises SeatTaken."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(statement, params)
        except IntegrityError as error:
            if getattr(error.__cause__, "sqlstate", "") == SEATS_TAKEN:
                raise SeatTaken(str(error.__cause__.diag.message_detail).split()) from error  # type: ignore[union-attr]
            raise
        return [_booking(row) for row in cursor.fetchall()]


@retried
def begin(**params: object) -> Booking:
    """Begin a booking as a hold. Raises SeatTaken, or what the unmet condition says."""
    said = _said(HELD, params)
    for _ in range(RETRIES):
        if held := execute(hold(), said):
            return held[0]
        if refused := diagnose(HELD, said):
            raise refused
    raise FlightChanged


def look(booking_id: UUID) -> Booking:
    """The booking as it stands, with the database's time as its `now`. Raises BookingNotFound."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {ROW}, clock_timestamp(), seats, NULL"
            " FROM bookings_booking WHERE id = %s::uuid",
            [booking_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise BookingNotFound
    return _booking(row)


@cache
def one(transition: Transition) -> str:
    """The statement for one booking."""
    return _statement(transition, ONE.format(row=ROW))


@cache
def due(transition: Transition) -> str:
    """The statement for whatever is due."""
    return _statement(transition, DUE.format(row=ROW, source=transition.is_from("")))


def told(event: str, columns: Sequence[str]) -> str:
    """The part that appends the event with these columns of what was changed."""
    changes = ", ".join(
        f"'{column}', {JSON_TIME.format(column) if column == 'due_at' else column}"
        for column in columns
        if column in RECORDED
    )
    return TOLD.format(event=event, changes=changes)


@cache
def hold() -> str:
    """The statement that begins a booking."""
    now = {"now": "b.now", "began": "b.now"}
    head = HOLD.format(until=HOLD_END.format(**now), conditions=_met(HELD), row=ROW)
    return "".join(
        (head, told(HELD.event, RECORDED), CLAIMED, RESULT.format(row=ROW, key="NULL"), WHOLE)
    )


def _met(transition: Transition) -> str:
    return " AND ".join(f"({each.sql})" for each in transition.all_conditions)


def _statement(transition: Transition, head: str) -> str:
    claims = transition.claims
    sets = transition.all_sets
    parts = [
        head,
        FLIGHT if claims else "",
        CHANGED.format(
            sets=", ".join(f"{column} = {value}" for column, value in sets.items()),
            rows="b, f" if claims else "b",
            conditions=_met(transition),
            returned=", ".join(f"bookings_booking.{column}" for column in COLUMNS),
        ),
        told(transition.event, list(sets)),
        CLAIMED if claims else "",
        FREED if transition.frees else "",
        transition.also,
        RESULT.format(row=ROW, key=transition.key),
        WHOLE if claims else "",
    ]
    return "".join(parts)


def _said(transition: Transition, params: Params) -> dict[str, object]:
    return {"by": transition.by, "detail": "", **params}


def _booking(row: Sequence[Any]) -> Booking:
    booking = Booking.from_db("default", COLUMNS, row[: len(COLUMNS)])
    booking.now, booking.seats_before, key = row[len(COLUMNS) :]
    booking.key = key or ""
    return booking


DIAGNOSIS = """
SELECT CASE {cases} END, b.state
FROM (SELECT {row}, clock_timestamp() AS now FROM bookings_booking WHERE id = %(id)s::uuid) b
LEFT JOIN flights_flight f ON f.id = b.flight_id
"""
DIAGNOSIS_OF_HOLD = """
SELECT CASE {cases} END, NULL
FROM flights_flight f CROSS JOIN (SELECT clock_timestamp() AS now) b WHERE f.id = %(flight)s::bigint
"""


def diagnose(transition: Transition, params: Params) -> BookingError | None:
    """What the first of its conditions says that is not met; None if all are met by now."""
    conditions = transition.all_conditions
    query = DIAGNOSIS if transition.source else DIAGNOSIS_OF_HOLD
    cases = " ".join(
        f"WHEN ({each.sql}) IS NOT TRUE THEN {place}" for place, each in enumerate(conditions)
    )
    with connection.cursor() as cursor:
        cursor.execute(query.format(row=ROW, cases=cases), params)
        row = cursor.fetchone()
    if row is None:
        return BookingNotFound() if transition.source else FlightNotFound()
    return None if row[0] is None else conditions[row[0]].refuse(row[1])
