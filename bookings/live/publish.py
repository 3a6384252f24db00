"""The saga's end: says after a commit what changed, to whoever looks at it.

A flight and a booking have a Redis channel each, and a web process hears only those that
somebody looks at. A message says *that* something changed and never how, so it may come late,
twice, in any order or not at all: what is shown is what Postgres said last.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from uuid import UUID

from django_redis import get_redis_connection

from bookings.models import Booking
from flights.gathering import Gatherer
from flights.models import Flight
from flights.redis_circuit import ask_redis

# A booking's version; a flight's layout, or None when only seats changed.
type Change = int | str | None


def booking_channel(booking_id: UUID | str) -> str:
    """Where the booking's versions are told."""
    return f"live:booking:{booking_id}"


def flight_channel(flight_id: int) -> str:
    """Where it is told that seats look different, or which layout the flight has now."""
    return f"live:flight:{flight_id}"


def booking_changed(booking: Booking, seats: Sequence[str] = ()) -> None:
    """Say that the booking changed, and whether seats of its flight look different now."""
    # A page that has this version already, from the answer to its own click, need not ask.
    said: dict[str, Change] = {booking_channel(booking.pk): booking.version}
    if seats:
        said[flight_channel(booking.flight_id)] = None
    _publish(said)


def seats_changed(flight_id: int) -> None:
    """Say that seats of a flight look different now, though no booking changed."""
    _publish({flight_channel(flight_id): None})


def flight_changed(flight: Flight) -> None:
    """Say that a flight itself changed: its aircraft, or whether it is sold."""
    _publish({flight_channel(flight.pk): flight.layout_id})


def _publish(said: Mapping[str, Change]) -> None:
    _gatherer.add(said)


def _send(said: Sequence[Mapping[str, Change]]) -> None:
    # What is said twice within the moment is told once.
    told = dict.fromkeys(pair for each in said for pair in each.items())
    ask_redis("live seat map", partial(_tell, told), otherwise=None)


def _tell(said: Iterable[tuple[str, Change]]) -> None:
    """To every channel concerned, in one round trip."""
    with get_redis_connection().pipeline(transaction=False) as pipeline:
        for channel, change in said:
            pipeline.publish(channel, json.dumps(change))
        pipeline.execute()


_gatherer: Gatherer[Mapping[str, Change]] = Gatherer(_send)
