"""The frame that every transition's statement has, filled in with the transition.

It locks the booking's row, reads the database's clock from the locked row (however long the
lock was waited for, nothing is judged by the time from before), tests the transition's
conditions, changes the row, appends the event with exactly the columns that it changed, and
touches the seats or the attempt. What it returns is the booking.

A statement reads everything else as it was when it began. So it does nothing to a booking that
somebody changed while its lock was waited for (`seen`).
"""

from collections.abc import Sequence
from functools import cache

from bookings.models import COLUMNS
from bookings.saga.conditions import HOLD_END
from bookings.saga.money_back import PAID_FOR
from bookings.saga.outbox import written
from bookings.saga.transition import Transition

# The columns that events record: all that ever change but the payment code, a secret. Of names
# and addresses, which can be erased, there is nothing in events, which cannot.
RECORDED = (
    "state", "payment_status", "flight_id", "seats", "total_cents", "kept_cents", "fare_id",
    "due_at", "attempts", "last_error", "record_locator", "failures", "accepted_disruptions",
)  # fmt: skip

# With every event.
COUNTED = {"version": "b.version + 1"}
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
# The oldest that are due and that nobody has, as many as are wanted. Nothing is locked that it
# is not for: another worker's statement, which is for it, would skip it.
DUE = """
WITH locked AS MATERIALIZED (
    SELECT {row} FROM (SELECT *, statement_timestamp() AS now FROM bookings_booking) b
    WHERE {conditions} ORDER BY {first} LIMIT %(most)s::int FOR UPDATE SKIP LOCKED
), seen AS MATERIALIZED (
    SELECT id, version FROM bookings_booking WHERE id = ANY(ARRAY(SELECT id FROM locked))
), b AS MATERIALIZED (
    SELECT locked.*, clock_timestamp() AS now FROM locked JOIN seen USING (id, version)
)"""
# Those that the caller's transaction has locked, each with what is said of it by its id.
MANY = """
WITH b AS MATERIALIZED (
    SELECT {row}, clock_timestamp() AS now FROM bookings_booking WHERE id = ANY(%(ids)s::uuid[])
)"""
# A flight is shared with whoever claims its seats, and with nobody who changes how it is sold.
FLIGHT = """f AS MATERIALIZED (
    SELECT id, layout_id, on_sale, cancelled_at, departure, base_fare_cents, currency, disruptions
    FROM flights_flight WHERE id = %(flight)s::bigint FOR KEY SHARE
)"""
CHANGED = """, changed AS (
    UPDATE bookings_booking SET {sets}
    FROM {rows} WHERE bookings_booking.id = b.id AND {conditions}
    RETURNING {returned}, b.now, b.seats AS seats_before, {held} AS held_before
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
HOLD = (
    f"WITH {FLIGHT}"
    """, b AS MATERIALIZED (
    SELECT clock_timestamp() AS now, NULL::bigint AS fare_id FROM f
), changed AS (
    INSERT INTO bookings_booking (
        id, flight_id, browser_id, state, payment_status, seats, total_cents, fare_id, currency,
        due_at, payment_code, name, email, attempts, last_error, failures, version, created_at,
        change_of_id, accepted_disruptions)
    SELECT %(id)s::uuid, f.id, %(browser_id)s::uuid, 'SEATS_RESERVED', 'none', %(seats)s::text[],
        %(total)s::int, %(fare)s::bigint, f.currency, {until}, '', '', '', 0, '', 0, 1, b.now,
        %(change_of)s::uuid, f.disruptions
    FROM b, f WHERE {conditions}
    RETURNING {row}, created_at AS now, ARRAY[]::text[] AS seats_before
)"""
)

# As ISO 8601 in UTC, to the microsecond.
JSON_TIME = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


@cache
def one(transition: Transition) -> str:
    """The statement for one booking."""
    return _statement(transition, ONE.format(row=ROW))


@cache
def due(transition: Transition) -> str:
    """The statement for whatever is due."""
    head = DUE.format(row=ROW, conditions=_met(transition), first=transition.first)
    return _statement(transition, head)


@cache
def many(transition: Transition) -> str:
    """The statement for several bookings, which are locked."""
    return _statement(transition, MANY.format(row=ROW))


def told(event: str, columns: Sequence[str]) -> str:
    """The part that appends the event with these columns of what was changed."""
    changes = ", ".join(
        f"'{column}', {JSON_TIME.format(column) if column == 'due_at' else column}"
        for column in columns
        if column in RECORDED
    )
    return TOLD.format(event=event, changes=changes)


@cache
def hold(transition: Transition) -> str:
    """The statement of one that begins a booking."""
    now = {"now": "b.now", "began": "b.now"}
    head = HOLD.format(until=HOLD_END.format(**now), conditions=_met(transition), row=ROW)
    parts = [head, told(transition.event, RECORDED), CLAIMED, transition.also]
    return "".join((*parts, RESULT.format(row=ROW, key="NULL"), WHOLE))


def _met(transition: Transition) -> str:
    return " AND ".join(f"({each.sql})" for each in transition.all_conditions)


def _statement(transition: Transition, head: str) -> str:
    claims = transition.claims
    sets = transition.all_sets
    parts = [
        head,
        f", {FLIGHT}" if claims else "",
        CHANGED.format(
            sets=", ".join(f"{column} = {value}" for column, value in {**sets, **COUNTED}.items()),
            rows="b, f" if claims else "b",
            conditions=_met(transition),
            returned=", ".join(f"bookings_booking.{column}" for column in COLUMNS),
            held=PAID_FOR.format(of="b"),
        ),
        told(transition.event, list(sets)),
        CLAIMED if claims else "",
        FREED if transition.frees else "",
        transition.also,
        written(transition.tells, ends=bool(transition.to)),
        RESULT.format(row=ROW, key=transition.key),
        WHOLE if claims else "",
    ]
    return "".join(parts)
