"""Was everybody told the truth? What clients were told and when, against who owned what.

Pure functions over records; nothing here asks the system that is judged. All times are seconds
of one clock.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple


@dataclass(frozen=True)
class Ownership:
    """A booking owned a seat, by what its events say.

    It began no sooner than `since` and no later than `at_latest`, and ended at `until`; for
    `lingers` seconds more others may not have seen yet that it had.
    """

    seat: str
    booking: str
    since: float
    at_latest: float
    until: float = inf
    lingers: float = 0


@dataclass(frozen=True)
class Told:
    """One call of one client, from its first byte to its answer.

    `held` are the seats it was told to own, until `expires` if it does nothing more; `refused`
    those that were somebody else's. Who `wrote` was told what it had just committed itself, and
    anybody else what there was to read. A call whose answer got lost tells nothing.
    """

    client: str
    started: float
    ended: float
    booking: str = ""
    held: tuple[str, ...] = ()
    expires: float = 0
    refused: tuple[str, ...] = ()
    wrote: bool = False


def lies(told: Sequence[Told], ownerships: Sequence[Ownership]) -> list[str]:
    """Everything that does not fit, in words."""
    return [
        *shared(ownerships),
        *known_to_two(told),
        *unbacked(told, ownerships),
        *groundless(told, ownerships),
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


def unbacked(told: Iterable[Told], ownerships: Iterable[Ownership]) -> Iterator[str]:
    """Successes without a moment of the call at which all the seats were owned together."""
    owned: dict[str, list[Ownership]] = defaultdict(list)
    for each in ownerships:
        owned[each.booking].append(each)
    for call in told:
        if call.held and not _had_all(call, owned[call.booking]):
            seats = ", ".join(call.held)
            yield f"{call.client} was told that {call.booking} holds {seats}, but it did not"


def groundless(told: Iterable[Told], ownerships: Iterable[Ownership]) -> Iterator[str]:
    """Refusals for a seat that was nobody else's at any moment of the call."""
    owned: dict[str, list[Ownership]] = defaultdict(list)
    for each in ownerships:
        owned[each.seat].append(each)
    for call in told:
        for seat in call.refused:
            others = (each for each in owned[seat] if each.booking != call.booking)
            if not any(
                each.since <= call.ended and each.until + each.lingers >= call.started
                for each in others
            ):
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


def _had_all(call: Told, mine: Sequence[Ownership]) -> bool:
    """Whether there was one moment for all; if there was any, then also where one begins."""
    spans = [
        (each.seat, each.since, each.until + (0 if call.wrote else each.lingers)) for each in mine
    ]
    moments = {call.started, *(since for _, since, _ in spans if since > call.started)}
    return any(
        {seat for seat, since, until in spans if since <= moment <= until}.issuperset(call.held)
        for moment in moments
        if moment <= call.ended
    )
