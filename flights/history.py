"""A flight's history: whatever is done to a flight is done under its row's lock, with one event."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db import transaction

from flights import known_flights
from flights.clock import ClockTimestamp
from flights.locking import lock_row
from flights.models import Flight, FlightEvent


def lock_flight(flight_id: int) -> tuple[Flight, dt.datetime]:
    """The flight, locked to the end of the transaction, and the time since it is locked.

    Waits for every hold that is being made on the flight, and makes the next ones wait.
    Raises Flight.DoesNotExist.
    """
    return lock_row(Flight, flight_id)


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
    transaction.on_commit(partial(known_flights.forget, flight.pk))
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


def record_all(changed: Sequence[tuple[Flight, Mapping[str, Any]]], name: str, *, by: str) -> None:
    """Append one event for each of several locked flights: what was changed of it, elsewhere."""
    if changed:
        FlightEvent.objects.bulk_create(
            FlightEvent(
                flight=flight,
                at=ClockTimestamp(),
                name=name,
                by=by[:160],
                # A fare alone would say nothing once the flight has another currency.
                changes={"currency": flight.currency, **changes}
                if "base_fare_cents" in changes
                else dict(changes),
            )
            for flight, changes in changed
        )
