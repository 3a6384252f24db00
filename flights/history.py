"""A flight's history: whatever is done to a flight is done under its row's lock, with one event."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flights.models import Flight, FlightEvent

# The clock is read from a row that is already locked, however long the lock was waited for.
LOCK = """
WITH locked AS MATERIALIZED (SELECT * FROM flights_flight WHERE id = %s FOR UPDATE)
SELECT *, clock_timestamp() AS locked_at FROM locked
"""


def lock_flight(flight_id: int) -> tuple[Flight, dt.datetime]:
    """The flight, locked to the end of the transaction, and the time since it is locked.

    Waits for every hold that is being made on the flight, and makes the next ones wait.
    Raises Flight.DoesNotExist.
    """
    for flight in Flight.objects.raw(LOCK, [flight_id]):
        now: dt.datetime = flight.locked_at  # type: ignore[attr-defined]
        return flight, now
    raise Flight.DoesNotExist


def change(
    flight: Flight,
    name: str,
    *,
    at: dt.datetime,
    by: str,
    reason: str = "",
    also: Mapping[str, Any] | None = None,
    **columns: Any,
) -> FlightEvent:
    """Change columns of a locked flight and append the event that says so, and `also` this."""
    for column, value in columns.items():
        setattr(flight, column, value)
    Flight.objects.filter(pk=flight.pk).update(**columns)
    changes = {**columns, **(also or {})}
    return record(flight, name, at=at, by=by, reason=reason, changes=changes)


def record(
    flight: Flight,
    name: str,
    *,
    at: dt.datetime,
    by: str,
    reason: str = "",
    changes: dict[str, Any],
) -> FlightEvent:
    """Append an event of what was changed elsewhere."""
    return FlightEvent.objects.create(
        flight=flight, name=name, at=at, by=by[:160], reason=reason[:200], changes=changes
    )
