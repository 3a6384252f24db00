"""Who owned what and when, read from the bookings' events."""

from collections.abc import Iterator
from itertools import groupby
from math import inf
from typing import Any

from bookings.models import OWNING, BookingEvent
from flights.models import FlightEvent
from tests.proof.histories import Ownership

# A statement that waits longer for another's seat is ended by Postgres.
LONGEST_WAIT_SECONDS = 30

BLOCKING = ("flight_id", "at", "changes")

type Row = tuple[Any, int, float, dict[str, Any]]


def ownerships() -> list[Ownership]:
    """Of every seat that was ever owned; a seat is named "FLIGHT:12A"."""
    events = BookingEvent.objects.order_by("booking_id", "number").values_list(
        "booking_id", "booking__flight_id", "at", "changes"
    )
    rows = ((id, flight, at.timestamp(), changes) for id, flight, at, changes in events)
    stories = groupby(rows, lambda row: row[0])
    return [*_blocks(), *(each for _, story in stories for each in _of_one(list(story)))]


def _blocks() -> Iterator[Ownership]:
    """A block is an owner like any other; a flight's events tell which seats it has."""
    events = FlightEvent.objects.order_by("flight_id", "id")
    rows = ((id, at.timestamp(), what) for id, at, what in events.values_list(*BLOCKING))
    for flight, story in groupby(rows, lambda row: row[0]):
        told = list(story)
        blocked: dict[str, tuple[float, float]] = {}
        next_times = [at for _, at, _ in told[1:]] + [inf]
        for (_, at, changes), next_at in zip(told, next_times, strict=True):
            for seat, reason in changes.get("blocks", {}).items():
                if reason:
                    blocked[seat] = at, min(next_at, at + LONGEST_WAIT_SECONDS)
                else:
                    yield Ownership(f"{flight}:{seat}", "a block", *blocked.pop(seat), until=at)
        for seat, gained in blocked.items():
            yield Ownership(f"{flight}:{seat}", "a block", *gained)


def _of_one(story: list[Row]) -> Iterator[Ownership]:
    """Fold one booking's events, and tell of each seat from its gain to its loss."""
    state, seats = "", list[str]()
    mine: dict[str, tuple[float, float]] = {}
    next_times = [at for _, _, at, _ in story[1:]] + [inf]
    for (booking_id, flight, at, changes), next_at in zip(story, next_times, strict=True):
        state, seats = changes.get("state", state), changes.get("seats", seats)
        owned = {f"{flight}:{seat}" for seat in seats} if state in OWNING else set[str]()
        for seat in mine.keys() - owned:
            yield Ownership(seat, str(booking_id), *mine.pop(seat), until=at)
        for seat in owned - mine.keys():
            mine[seat] = at, min(next_at, at + LONGEST_WAIT_SECONDS)
    for seat, gained in mine.items():
        yield Ownership(seat, str(story[0][0]), *gained)
