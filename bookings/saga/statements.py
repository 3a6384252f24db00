"""How a transition is made: one statement, one round trip, one commit.

What the statement (frame.py) returns is the answer. When it returns nothing, `diagnose` lets
Postgres say which of the same conditions is not met; if all are, somebody changed the booking
while its lock was waited for, and it is made again.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import wraps
from typing import Any
from uuid import UUID

from django.db import IntegrityError, OperationalError, connection
from psycopg import DatabaseError
from psycopg.errors import DeadlockDetected, SerializationFailure, UniqueViolation

from bookings.errors import (
    BookingChanged,
    BookingError,
    BookingNotFound,
    FlightChanged,
    FlightNotFound,
    OpenBookingExists,
    OpenChangeExists,
    SeatTaken,
)
from bookings.models import COLUMNS, Booking
from bookings.saga.frame import ROW, due, hold, many, one
from bookings.saga.transition import Transition

# Raised by `bookings_require_seats`: see the migrations.
SEATS_TAKEN = "23S01"
ONE_OPEN: dict[str | None, type[BookingError]] = {
    "booking_one_open_per_browser_and_flight": OpenBookingExists,
    "booking_one_open_change": OpenChangeExists,
}
RETRIES = 3
# Each time somebody else was faster, so that somebody gets on.
TRIES = 10
TRY_AGAIN = (DeadlockDetected, SerializationFailure, UniqueViolation)

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
    made = _make(transition, booking_id, params)
    if isinstance(made, BookingError):
        raise made
    return made


def try_to(transition: Transition, booking_id: UUID, **params: object) -> Booking | None:
    """Make the transition; None, and nothing done, where a condition is not met."""
    made = _make(transition, booking_id, params)
    return None if isinstance(made, BookingError) else made


def refusal(transition: Transition, booking_id: UUID, **params: object) -> BookingError | None:
    """What `make` would raise; None if the transition can be made."""
    return diagnose(transition, {**_said(transition, params), "id": booking_id})


@retried
def _make(transition: Transition, booking_id: UUID, params: Params) -> Booking | BookingError:
    said = {**_said(transition, params), "id": booking_id}
    for _ in range(TRIES):
        if made := execute(one(transition), said):
            return made[0]
        # With every condition met, somebody changed it while its lock was waited for.
        if refused := diagnose(transition, said):
            return refused
    return BookingChanged()


@retried
def make_due(transition: Transition, most: int, **params: object) -> list[Booking]:
    """Make the transition of up to `most` bookings that are due and nobody is at, oldest first."""
    return execute(due(transition), {**_said(transition, params), "most": most})


def make_all(
    transition: Transition, booking_ids: Collection[UUID], **params: object
) -> list[Booking]:
    """Make the transition of all these bookings, which the caller's transaction has locked.

    Raises what is said of one that it cannot be made of; the transaction must then not commit.
    """
    if not booking_ids:
        return []
    said = {**_said(transition, params), "ids": list(booking_ids)}
    made = execute(many(transition), said)
    for booking_id in set(booking_ids) - {booking.pk for booking in made}:
        raise diagnose(transition, {**said, "id": booking_id}) or BookingChanged()
    return made


def by_id(each: Mapping[UUID, object]) -> str:
    """What is said of each of several bookings, as `make_all` passes it on."""
    return json.dumps({str(booking_id): said for booking_id, said in each.items()})


def execute(statement: str, params: Params) -> list[Booking]:
    """The bookings that it changed. Raises SeatTaken, OpenBookingExists, OpenChangeExists."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(statement, params)
        except IntegrityError as error:
            if refused := _in_our_words(error):
                raise refused from error
            raise
        return [_booking(row) for row in cursor.fetchall()]


@retried
def begin(transition: Transition, **params: object) -> Booking:
    """Begin a booking as a hold.

    Raises SeatTaken, OpenBookingExists, OpenChangeExists, or what the unmet condition says.
    """
    said = _said(transition, params)
    for _ in range(TRIES):
        if held := execute(hold(transition), said):
            return held[0]
        if refused := diagnose(transition, said):
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


def _in_our_words(error: IntegrityError) -> BookingError | None:
    cause = error.__cause__
    if isinstance(cause, DatabaseError):
        if cause.sqlstate == SEATS_TAKEN:
            return SeatTaken(str(cause.diag.message_detail).split())
        if refusal := ONE_OPEN.get(cause.diag.constraint_name):
            return refusal()
    return None


def _said(transition: Transition, params: Params) -> dict[str, object]:
    return {"by": transition.by, "detail": "", "change_of": None, **params}


def _booking(row: Sequence[Any]) -> Booking:
    booking = Booking.from_row(row[: len(COLUMNS)])
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
FROM flights_flight f CROSS JOIN (SELECT clock_timestamp() AS now, NULL::bigint AS fare_id) b
WHERE f.id = %(flight)s::bigint
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
