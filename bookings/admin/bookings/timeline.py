"""A booking's history as a picture: where each band and mark stands. The template draws them.

Time is not to scale, or a payment of two seconds would not be seen beside a flight that is
months away: between two moments there is as much room as the logarithm of the time between.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log2

from bookings.admin.formats import clock
from bookings.models import HOLDING, Booking, BookingEvent, PaymentAttempt, PaymentStatus, State

WIDTH, LEFT, RIGHT = 1000, 78, 14
# A label is left out where there is no room for it: so much is one letter, so much a time.
LETTER, TIME = 6.4, 66
# What lasts to this day is drawn so long, after the last thing that happened.
SINCE = dt.timedelta(seconds=4)
WORDS: dict[str, str] = {State.SEATS_RESERVED: "held", State.PAYMENT_PROCESSING: "paying"}
# Who caused an event, by the shape that stands for them.
SHAPES = {
    "customer": "circle",
    "timer": "square",
    "mail": "square",
    "gateway": "diamond",
    "operator": "triangle",
}


@dataclass(frozen=True)
class Band:
    """Something that lasts."""

    kind: str
    x: float
    width: float
    title: str
    label: str


@dataclass(frozen=True)
class Mark:
    """Something that happened, or will."""

    kind: str
    x: float
    title: str
    label: str = ""


@dataclass(frozen=True)
class Timeline:
    """The picture, lane by lane."""

    summary: str
    states: list[Band]
    holds: list[Band]
    attempts: list[Band]
    money: list[Band]
    dues: list[Mark]
    events: list[Mark]
    times: list[Mark]
    # None once nothing will happen by itself.
    now: float | None
    width: int = WIDTH


class Scale:
    """From an instant to a place in the picture."""

    def __init__(self, moments: Iterable[dt.datetime]) -> None:
        self._moments = sorted(set(moments))
        pairs = pairwise(self._moments)
        room = [0.25 + log2(1 + (later - one).total_seconds()) for one, later in pairs]
        whole = sum(room) or 1
        self._places = [float(LEFT)]
        for part in room:
            self._places.append(self._places[-1] + part / whole * (WIDTH - LEFT - RIGHT))

    def __call__(self, moment: dt.datetime) -> float:
        """In proportion between the moments that it was made of; never outside of them."""
        after = bisect_right(self._moments, moment)
        if after == 0:
            return self._places[0]
        if after == len(self._moments):
            return self._places[-1]
        one, other = self._moments[after - 1 : after + 1]
        start, end = self._places[after - 1 : after + 1]
        return start + (end - start) * ((moment - one) / (other - one))


def timeline(
    booking: Booking,
    events: Sequence[BookingEvent],
    attempts: Sequence[PaymentAttempt],
    now: dt.datetime,
) -> Timeline:
    """The picture of a booking with these events and attempts."""
    ahead = [now, booking.due_at] if booking.due_at else []
    end = max([events[-1].at + SINCE, *ahead])
    scale = Scale([*_moments(events, attempts), *ahead, end])
    states = _bands("state", events, end, scale)
    names = "; ".join(band.title for band in states)
    return Timeline(
        summary=f"{len(events)} events and {len(attempts)} payment attempts: {names}.",
        states=states,
        holds=_holds(events, end, scale),
        attempts=[_attempt(attempt, now, scale) for attempt in attempts],
        money=[
            band
            for band in _bands("payment_status", events, end, scale)
            if band.kind != PaymentStatus.NONE
        ],
        dues=_dues(booking, events, scale),
        events=_marks(events, scale),
        times=_times(events, end, scale),
        now=scale(now) if booking.due_at else None,
    )


def _moments(
    events: Sequence[BookingEvent], attempts: Sequence[PaymentAttempt]
) -> Iterator[dt.datetime]:
    """All that happened; between two of these nothing did."""
    yield from (event.at for event in events)
    for attempt in attempts:
        yield attempt.opened_at
        if attempt.answered_at:
            yield attempt.answered_at


def _bands(
    column: str, events: Sequence[BookingEvent], end: dt.datetime, scale: Scale
) -> list[Band]:
    """How long the column had each of its values."""
    changes: list[tuple[dt.datetime, str]] = []
    for event in events:
        value = event.changes.get(column)
        if value is not None and not (changes and changes[-1][1] == value):
            changes.append((event.at, value))
    ends = [*(at for at, _ in changes[1:]), end]
    bands: list[Band] = []
    for (since, value), until in zip(changes, ends, strict=True):
        x, width = scale(since), max(scale(until) - scale(since), 2)
        words = WORDS.get(value, value.replace("_", " ").lower())
        lasted = "since then" if until == end else _for(until - since)
        title = f"{words} from {clock(since)}, {lasted}"
        bands.append(Band(value, x, width, title, _fitting(words, width)))
    return bands


def _holds(events: Sequence[BookingEvent], end: dt.datetime, scale: Scale) -> list[Band]:
    """Each time the hold's clock started, as long as it ran."""
    bands: list[Band] = []
    state = ""
    for place, event in enumerate(events):
        state = event.changes.get("state", state)
        if state not in HOLDING or not event.changes.get("due_at"):
            continue
        until = next(
            (e.at for e in events[place + 1 :] if {"due_at", "state"} & e.changes.keys()), end
        )
        due = dt.datetime.fromisoformat(event.changes["due_at"])
        x = scale(event.at)
        title = f"{event.name.replace('_', ' ')} at {clock(event.at)}: due {clock(due)}"
        bands.append(Band("hold", x, max(scale(until) - x, 2), title, f"due {due:%H:%M:%S}"))
    return bands


def _attempt(attempt: PaymentAttempt, now: dt.datetime, scale: Scale) -> Band:
    x = scale(attempt.opened_at)
    outcome = attempt.outcome or "open"
    until = attempt.answered_at or now
    seconds = (until - attempt.opened_at).total_seconds()
    title = f"attempt {attempt.number}, {outcome} after {seconds:.1f} s {attempt.reason}".strip()
    width = max(scale(until) - x, 2)
    words = f"{attempt.number} {outcome} {seconds:.1f} s"
    return Band(outcome, x, width, title, _fitting(words, width) or str(attempt.number))


def _dues(booking: Booking, events: Sequence[BookingEvent], scale: Scale) -> list[Mark]:
    """The timers that ran out, and the one that runs."""
    set_anew = [event for event in events if "due_at" in event.changes]
    marks = [
        Mark("ran_out", scale(at), f"due {clock(at)}")
        for event, following in pairwise(set_anew)
        if event.changes["due_at"]
        and (at := dt.datetime.fromisoformat(event.changes["due_at"])) <= following.at
    ]
    if booking.due_at:
        marks.append(Mark("next", scale(booking.due_at), f"due {clock(booking.due_at)}"))
    return marks


def _marks(events: Sequence[BookingEvent], scale: Scale) -> list[Mark]:
    """Every event by who caused it; its number where there is room."""
    marks: list[Mark] = []
    free_from = 0.0
    for event in events:
        x = scale(event.at)
        kind = SHAPES.get(event.by.partition(":")[0], "circle")
        title = f"{event.number}. {event.name.replace('_', ' ')} by {event.by}, {clock(event.at)}"
        label = str(event.number) if x >= free_from else ""
        if label:
            free_from = x + 4 + LETTER * len(label)
        marks.append(Mark(kind, x, title, label))
    return marks


def _times(events: Sequence[BookingEvent], end: dt.datetime, scale: Scale) -> list[Mark]:
    """When: at as many events as there is room for."""
    marks: list[Mark] = []
    free_from = 0.0
    for moment in [*(event.at for event in events), end]:
        x = scale(moment)
        if x >= free_from and x <= WIDTH - RIGHT - TIME / 2:
            marks.append(Mark("time", x, clock(moment), f"{moment.astimezone(dt.UTC):%H:%M:%S}"))
            free_from = x + TIME
    return marks


def _fitting(words: str, width: float) -> str:
    """The words, shortened to what a band so wide has room for; "" if that says nothing."""
    letters = int((width - 8) / LETTER)
    if letters >= len(words):
        return words
    return f"{words[: letters - 1]}…" if letters > 3 else ""


def _for(length: dt.timedelta) -> str:
    return f"for {length.total_seconds():,.1f} s"
