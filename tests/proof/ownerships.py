"""Who owned what and when, read from the bookings' events.

Exact where Postgres keeps commit timestamps (`tests.proof.stage.keep_commit_times`): the moment
at which a transaction ends, from which others see what it did. An event's own `at` is taken
under the row's lock; a process that is stopped then commits seconds later.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from math import inf
from typing import Any, NamedTuple

from django.db.models.expressions import RawSQL

from bookings.models import OWNING, BookingEvent
from flights.models import FlightEvent
from tests.proof.histories import Ownership

# By `at` alone: a statement that waits longer for another's seat is ended by Postgres, and a
# commit that nobody stops comes soon.
LONGEST_WAIT_SECONDS = 30
COMMIT_SECONDS = 1.0
# Postgres takes the time of a commit, then writes it to the disk, then shows it.
FLUSH_SECONDS = 0.5

# Events are never updated: a row's xmin is the transaction that wrote it.
COMMITTED = """CASE WHEN current_setting('track_commit_timestamp')::bool
THEN pg_xact_commit_timestamp({}.xmin) END"""


class Moment(NamedTuple):
    """When a change was committed, no sooner and no later, and for how long others may have
    seen what was before, counted from `first`."""

    first: float
    last: float
    hidden: float


type Row = tuple[Any, int, datetime, datetime | None, dict[str, Any]]
type Told = tuple[Any, int, Moment, dict[str, Any]]


def ownerships() -> list[Ownership]:
    """Of every seat that was ever owned; a seat is named "FLIGHT:12A"."""
    events = BookingEvent.objects.annotate(committed=_committed(BookingEvent))
    rows = events.order_by("booking_id", "number").values_list(
        "booking_id", "booking__flight_id", "at", "committed", "changes"
    )
    stories = groupby(rows, lambda row: row[0])
    return [*_blocks(), *(each for _, story in stories for each in _of_one(_timed(list(story))))]


def without_commit_time() -> int:
    """How many events are known by their `at` alone."""
    return sum(
        kind.objects.annotate(committed=_committed(kind)).filter(committed=None).count()
        for kind in (BookingEvent, FlightEvent)
    )


def _committed(kind: type[BookingEvent | FlightEvent]) -> RawSQL:
    return RawSQL(COMMITTED.format(kind._meta.db_table), ())


def _timed(story: Sequence[Row]) -> Iterator[Told]:
    """The story with the moments at which others could see it."""
    next_ats = [at.timestamp() for _, _, at, _, _ in story[1:]] + [inf]
    for (id, flight, at, committed, changes), next_at in zip(story, next_ats, strict=True):
        if committed:
            moment = Moment(committed.timestamp(), committed.timestamp(), FLUSH_SECONDS)
        else:
            since = at.timestamp()
            moment = Moment(since, min(next_at, since + LONGEST_WAIT_SECONDS), COMMIT_SECONDS)
        yield id, flight, moment, changes


def _blocks() -> Iterator[Ownership]:
    """A block is an owner like any other; a flight's events tell which seats it has."""
    events = FlightEvent.objects.annotate(committed=_committed(FlightEvent))
    rows = events.order_by("flight_id", "id").values_list(
        "flight_id", "flight_id", "at", "committed", "changes"
    )
    for flight, story in groupby(rows, lambda row: row[0]):
        blocked: dict[str, Moment] = {}
        for _, _, moment, changes in _timed(list(story)):
            for seat, reason in changes.get("blocks", {}).items():
                if reason:
                    blocked[seat] = moment
                else:
                    yield _ownership(f"{flight}:{seat}", "a block", blocked.pop(seat), moment)
        for seat, gained in blocked.items():
            yield _ownership(f"{flight}:{seat}", "a block", gained)


def _of_one(story: Iterator[Told]) -> Iterator[Ownership]:
    """Fold one booking's events, and tell of each seat from its gain to its loss."""
    state, seats = "", list[str]()
    mine: dict[str, Moment] = {}
    booking = ""
    for booking_id, flight, moment, changes in story:
        booking = str(booking_id)
        state, seats = changes.get("state", state), changes.get("seats", seats)
        owned = {f"{flight}:{seat}" for seat in seats} if state in OWNING else set[str]()
        for seat in mine.keys() - owned:
            yield _ownership(seat, booking, mine.pop(seat), moment)
        for seat in owned - mine.keys():
            mine[seat] = moment
    for seat, gained in mine.items():
        yield _ownership(seat, booking, gained)


NEVER = Moment(inf, inf, 0)


def _ownership(seat: str, booking: str, gained: Moment, lost: Moment = NEVER) -> Ownership:
    return Ownership(
        seat, booking, gained.first, gained.last, until=lost.first, lingers=lost.hidden
    )
