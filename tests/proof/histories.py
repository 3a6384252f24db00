"""Was everybody told the truth? What clients were told and when, against who owned what.

Pure functions over records; nothing here asks the system that is judged. All times are seconds
of one clock.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

# An ownership ends when its last transaction commits: a moment after its time is taken, or as
# long after it as a process was stopped in between.
COMMIT_SECONDS = 1.0


@dataclass(frozen=True)
class Ownership:
    """A booking owned a seat, by what its events say.

    It began at `since` or, if the seat had to be waited for, later, but no later than
    `at_latest`; and it ended at `until` or, when that was committed, a moment later.
    """

    seat: str
    booking: str
    since: float
    at_latest: float
    until: float = inf


@dataclass(frozen=True)
class Told:
    """One call of one client, from its first byte to its answer.

    `held` are the seats it was told to own, until `expires` if it does nothing more; `refused`
    those that were somebody else's. A call whose answer got lost tells nothing.
    """

    client: str
    started: float
    ended: float
    booking: str = ""
    held: tuple[str, ...] = ()
    expires: float = 0
    refused: tuple[str, ...] = ()


def lies(
    told: Sequence[Told],
    ownerships: Sequence[Ownership],
    *,
    commit_seconds: float = COMMIT_SECONDS,
) -> list[str]:
    """Everything that does not fit, in words."""
    return [
        *shared(ownerships),
        *known_to_two(told),
        *unbacked(told, ownerships, commit_seconds=commit_seconds),
        *groundless(told, ownerships, commit_seconds=commit_seconds),
    ]


def shared(ownerships: Iterable[Ownership]) -> Iterator[str]:
    """Seats that two bookings owned at once, by their events."""
    yield from _overlaps(
        (_Span(each.seat, each.booking, each.at_latest, each.until) for each in ownerships),
        "both owned",
    )


def known_to_two(told: Iterable[Told]) -> Iterator[str]:
    """Seats that two clients knew to be their own at once, by what they were told alone."""
    yield from _overlaps(_certain(told), "were both told to hold")


def unbacked(
    told: Iterable[Told],
    ownerships: Iterable[Ownership],
    *,
    commit_seconds: float = COMMIT_SECONDS,
) -> Iterator[str]:
    """Successes without an ownership at any moment of the call."""
    owned = _by_seat(ownerships)
    for call in told:
        for seat in call.held:
            mine = (each for each in owned[seat] if each.booking == call.booking)
            if not any(_meets(each, call, commit_seconds) for each in mine):
                yield f"{call.client} was told that {call.booking} holds {seat}, but it did not"


def groundless(
    told: Iterable[Told],
    ownerships: Iterable[Ownership],
    *,
    commit_seconds: float = COMMIT_SECONDS,
) -> Iterator[str]:
    """Refusals for a seat that was nobody else's at any moment of the call."""
    owned = _by_seat(ownerships)
    for call in told:
        for seat in call.refused:
            others = (each for each in owned[seat] if each.booking != call.booking)
            if not any(_meets(each, call, commit_seconds) for each in others):
                yield f"{call.client} was refused {seat} at {call.ended}, but it was free"


class _Span(NamedTuple):
    seat: str
    booking: str
    since: float
    until: float


def _certain(told: Iterable[Told]) -> Iterator[_Span]:
    """From a success to the client's next call for that booking, or to the hold's end."""
    by_booking: dict[str, list[Told]] = defaultdict(list)
    for call in sorted(told, key=lambda call: call.started):
        by_booking[call.booking].append(call)
    for calls in by_booking.values():
        ends = [call.started for call in calls[1:]] + [inf]
        for call, next_started in zip(calls, ends, strict=True):
            until = min(call.expires, next_started)
            for seat in call.held:
                if call.ended < until:
                    yield _Span(seat, call.booking, call.ended, until)


def _overlaps(spans: Iterable[_Span], what: str) -> Iterator[str]:
    longest: dict[str, _Span] = {}
    for span in sorted(spans, key=lambda span: span.since):
        before = longest.get(span.seat)
        if before and before.booking != span.booking and span.since < before.until:
            yield f"{before.booking} and {span.booking} {what} {span.seat} at {span.since}"
        if not before or span.until > before.until:
            longest[span.seat] = span


def _by_seat(ownerships: Iterable[Ownership]) -> dict[str, list[Ownership]]:
    owned: dict[str, list[Ownership]] = defaultdict(list)
    for each in ownerships:
        owned[each.seat].append(each)
    return owned


def _meets(ownership: Ownership, call: Told, commit_seconds: float) -> bool:
    begun = ownership.since <= call.ended
    return begun and ownership.until + commit_seconds >= call.started
