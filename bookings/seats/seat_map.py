"""The read side: a flight's seats as one viewer may see them. Never says whose a seat is.

They are read in one query, and come as a short text of those that are not available: whoever
draws a map of them can keep the drawing under it.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import BigIntegerField, Q

from bookings.errors import FlightNotFound
from bookings.models import COLUMNS, OPEN, Booking, SeatClaim
from bookings.seats.claims import OVERDUE
from bookings.seats.load import BLOCKED, SOLD
from flights import known_flights
from flights.models import Flight


class SeatStatus(StrEnum):
    """How a seat looks to the viewer."""

    AVAILABLE = "available"
    # Owned by the viewer's own booking.
    MINE = "mine"
    # Somebody else's hold; it may come free again.
    HELD = "held"
    # Sold, or blocked by the airline: to a customer the same.
    BOOKED = "booked"


@dataclass(frozen=True)
class Look:
    """A flight at one moment, as one customer sees it."""

    flight: Flight
    # What the database's clock said.
    now: dt.datetime
    # The seats that are not available, whoever has them: see `statuses`.
    taken: str
    # The viewer's open booking, and what each of its seats was priced at in cents.
    booking: Booking | None
    prices: Mapping[str, int]


# A seat is held, or with a "!" behind it booked: "12A 12B!". Joined by the whole foreign key, so
# that Postgres may read the bookings of this flight together, and not one for each claim.
TAKEN = """
SELECT coalesce(string_agg(seat || CASE WHEN {booked} THEN '!' ELSE '' END, ' '), '') AS taken
FROM bookings_seatclaim LEFT JOIN bookings_booking ON
    (bookings_booking.flight_id, bookings_booking.id, bookings_booking.owns_seats)
    = (bookings_seatclaim.flight_id, booking_id, owned)
WHERE bookings_seatclaim.flight_id = {flight} AND {current}
"""
LOOK = """
SELECT statement_timestamp(), taken.taken, prices.of_seats, {booking}, {flight}
FROM {from_flight}
CROSS JOIN LATERAL ({taken}) taken
LEFT JOIN bookings_booking b ON b.flight_id = f.id
    AND b.browser_id = %(browser_id)s::uuid AND b.state IN ({open})
LEFT JOIN LATERAL (
    SELECT string_agg(seat || ' ' || price_cents, ' ') AS of_seats
    FROM bookings_seatclaim WHERE flight_id = f.id AND booking_id = b.id
) prices ON true
WHERE f.id = %(flight_id)s::bigint
"""
# Where the columns of the flight begin.
BEGINS = 3 + len(COLUMNS)


def look(flight_id: int, browser_id: UUID | None = None) -> Look:
    """The flight, its seats and this browser's open booking on it, now. One query.

    Raises FlightNotFound.
    """
    row = None
    # A number that is too large for a column is no flight's.
    if flight_id <= BigIntegerField.MAX_BIGINT:
        with connection.cursor() as cursor:
            cursor.execute(_look(), {"flight_id": flight_id, "browser_id": browser_id})
            row = cursor.fetchone()
    if row is None:
        raise FlightNotFound
    (now, taken, prices), mine, of_flight = row[:3], row[3:BEGINS], row[BEGINS:]
    booking = Booking.from_row(mine) if mine[0] else None
    return Look(known_flights.as_now(of_flight), now, taken, booking, _prices(prices or ""))


@lru_cache(maxsize=128)
def statuses(taken: str) -> Mapping[str, SeatStatus]:
    """The seats of a `Look` that are not available, by name."""
    return {
        seat.rstrip("!"): SeatStatus.BOOKED if seat.endswith("!") else SeatStatus.HELD
        for seat in taken.split()
    }


def owned_seats(flight_id: int) -> Mapping[str, SeatStatus]:
    """The status of every seat that is not available, whoever has it. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_taken("%s::bigint"), [flight_id])
        (taken,) = cursor.fetchone()
    return statuses(taken)


def free_seats(flight: Flight) -> set[str]:
    """The seats of the flight that can be held now."""
    return flight.layout.parsed.seats.keys() - owned_seats(flight.id).keys()


def taken_seats(flights: Iterable[Flight]) -> dict[int, frozenset[str]]:
    """The seats that are not available, by flight id, for a page of flights. One query."""
    flights = list(flights)
    claims = SeatClaim.objects.filter(flight__in=flights).exclude(OVERDUE)
    owned = dict(claims.values_list("flight_id").annotate(owned=ArrayAgg("seat")))
    return {flight.id: frozenset(owned.get(flight.id, ())) for flight in flights}


@cache
def _look() -> str:
    return LOOK.format(
        flight=known_flights.COLUMNS,
        from_flight=known_flights.FROM,
        taken=_taken("f.id"),
        booking=", ".join(f"b.{column}" for column in COLUMNS),
        open=", ".join(f"'{state}'" for state in OPEN),
    )


@cache
def _taken(flight: str) -> str:
    return TAKEN.format(flight=flight, booked=_sql(SOLD | BLOCKED), current=_sql(~OVERDUE))


def _sql(condition: Q) -> str:
    """A condition of claims, as the ORM writes it: it is said once, for all who ask."""
    query = SeatClaim.objects.filter(condition).query
    sql, params = query.get_compiler(DEFAULT_DB_ALIAS).compile(query.where)
    return str(sql % tuple(f"'{value}'" for value in params))


def _prices(text: str) -> dict[str, int]:
    """ "12A 20000 12B 24000", as a dictionary."""
    words = text.split()
    return dict(zip(words[::2], map(int, words[1::2]), strict=True))
