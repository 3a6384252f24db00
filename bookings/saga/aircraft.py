"""Another aircraft for a flight: foreseen first, then done at once or not at all.

Whoever owns a seat is moved alike, a hold or a payment like a confirmed booking: they keep
their price, their timer and their place in the saga, and their history says where they moved.
Where there are too few seats, some leave in the same transaction: to another flight of the route,
or with the money back (saga/left_over.py proposes who).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from bookings.errors import FlightNotFound, NotPossible
from bookings.live import publish
from bookings.models import OWNING, Booking, State
from bookings.saga import enqueue
from bookings.saga.conditions import SEATS_OF_EACH
from bookings.saga.flight_locking import (
    expire_overdue,
    lock_all,
    lock_bookings,
    require_not_cancelled,
    require_not_departed,
)
from bookings.saga.holds import tell_ended
from bookings.saga.left_over import Leaving
from bookings.saga.other_flights import Moves, as_party, plan_moves, tell_moved, write_moves
from bookings.saga.staff_transitions import CANCELLED_WITHOUT_FLIGHT, RESEATED, TERMINATED
from bookings.saga.statements import by_id, make_all, retried
from bookings.saga.transition import Transition
from bookings.seats import claims, locks
from flights import history
from flights.cabin.swap import Plan, plan_swap
from flights.models import CabinLayout, Flight

STALE = "The flight has changed since this plan was made. Nothing was done; this is the new plan."


NOBODY: Leaving = MappingProxyType({})
# A payment goes on, in other seats.
SEATED_ANEW = Transition(
    RESEATED.event, OWNING, sets={"seats": SEATS_OF_EACH}, tells=RESEATED.tells
)


class Written(NamedTuple):
    """The bookings that a swap has changed, as they are now."""

    ended: list[Booking]
    moved: list[Booking]
    reseated: list[Booking]


@dataclass(frozen=True)
class Foreseen:
    """What a swap would do now, and the mark by which it can be asked for."""

    layout: CabinLayout
    plan: Plan
    # Which seats each booking that stays owns, in its order.
    bookings: Mapping[UUID, Sequence[str]]
    # Who leaves the flight: where to, and whose bookings end.
    moves: Moves
    ended: Sequence[Booking]
    # Of those who leave: each as it was seen.
    versions: Mapping[UUID, int]

    @property
    def digest(self) -> str:
        """Different for every other plan."""
        said = [self.layout.pk, sorted(self.plan.seats.items()), self.plan.unseated]
        said.append(self.plan.lost_blocks)
        parties = sorted((str(key), list(seats)) for key, seats in self.bookings.items())
        leaving = sorted((str(key), version) for key, version in self.versions.items())
        moves = sorted((str(key), to.pk, list(seats)) for key, (to, seats) in self.moves.items())
        text = json.dumps([said, parties, leaving, moves])
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def affected(self) -> dict[UUID, list[str]]:
        """The bookings that somebody moves of, with the seats they will have."""
        now = self.plan.seats
        return {
            booking_id: [now[seat] for seat in seats]
            for booking_id, seats in self.bookings.items()
            if any(now.get(seat, seat) != seat for seat in seats)
        }


def foresee_swap(*, flight_id: int, layout: str, leaving: Leaving = NOBODY) -> Foreseen:
    """The plan, and nothing is changed. Raises FlightNotFound, NotPossible."""
    flight = Flight.objects.select_related("layout").filter(pk=flight_id).first()
    if flight is None:
        raise FlightNotFound
    owners = list(Booking.objects.filter(flight=flight, owns_seats=True))
    return _plan(flight, _layout(flight, layout), owners, leaving)


@retried
def swap_aircraft(
    *,
    flight_id: int,
    layout: str,
    digest: str,
    by: str,
    reason: str = "",
    leaving: Leaving = NOBODY,
) -> Flight:
    """Do what `foresee_swap` said, if it would still say the same: all of it, or nothing.

    Raises FlightNotFound, and NotPossible: another plan by now, somebody without a seat, a
    booking that is busy, a flight that has departed or is cancelled.
    """
    flight_ids = {flight_id, *filter(None, leaving.values())}
    for each in flight_ids:
        expire_overdue(each)
    with transaction.atomic(durable=True):
        flight, now = lock_all(flight_ids)[flight_id]
        require_not_cancelled(flight)
        require_not_departed(flight, now)
        owners = lock_bookings(Booking.objects.filter(flight=flight, owns_seats=True))
        foreseen = _plan(flight, _layout(flight, layout), owners, leaving)
        if foreseen.digest != digest:
            raise NotPossible(STALE)
        if foreseen.plan.unseated:
            raise NotPossible(f"There is no seat for {', '.join(foreseen.plan.unseated)[:150]}.")
        done = _write(flight, foreseen, at=now, by=by, reason=reason)
    _tell(flight, owners, done)
    return flight


def _write(flight: Flight, foreseen: Foreseen, *, at: datetime, by: str, reason: str) -> Written:
    """All of the plan. Who leaves does so first: others may get the seats."""
    about = {"by": by, "detail": reason, "version": None}
    paid, open_ = (
        [each.pk for each in foreseen.ended if (each.state == State.CONFIRMED) == is_paid]
        for is_paid in (True, False)
    )
    ended = [
        *make_all(CANCELLED_WITHOUT_FLIGHT, paid, **about),
        *make_all(TERMINATED, open_, **about),
    ]
    moved = write_moves(flight, foreseen.moves, at=at, by=by, reason=reason)
    plan, seats = foreseen.plan, foreseen.affected
    claims.unblock(flight, plan.lost_blocks)
    claims.reseat(flight, plan.moved)
    reseated = make_all(SEATED_ANEW, seats, seats=by_id(seats), **about)
    told = {"moved": plan.moved, "blocks": dict.fromkeys(plan.lost_blocks)}
    history.change(
        flight,
        "aircraft_swapped",
        at=at,
        by=by,
        reason=reason,
        layout_id=foreseen.layout.pk,
        disruptions=flight.disruptions + 1,
        also={**told, **({"ended": len(ended)} if ended else {})},
    )
    return Written(ended, moved, reseated)


def _tell(flight: Flight, owners: Iterable[Booking], done: Written) -> None:
    """After the commit."""
    before = {booking.pk: booking for booking in owners}
    for booking in done.reseated:
        # The locks of seats that are not theirs; a claim without a lock is believed as well.
        locks.release(booking, before[booking.pk].seats)
        publish.booking_changed(booking, booking.seats)
        enqueue.mail(booking)
    for booking in done.ended:
        tell_ended(booking)
    tell_moved([before[booking.pk] for booking in done.moved], done.moved)
    publish.flight_changed(flight)


def _layout(flight: Flight, code: str) -> CabinLayout:
    layout = CabinLayout.objects.filter(pk=code).first()
    if layout is None:
        raise NotPossible("There is no such aircraft.")
    if layout.pk == flight.layout_id:
        raise NotPossible("The flight has this aircraft already.")
    return layout


def _plan(
    flight: Flight, layout: CabinLayout, owners: Sequence[Booking], leaving: Leaving
) -> Foreseen:
    blocked = set(claims.blocked_seats(flight))
    stay = [booking for booking in owners if booking.pk not in leaving]
    leave = [booking for booking in owners if booking.pk in leaving]
    return Foreseen(
        layout,
        plan_swap(flight.layout.parsed, layout.parsed, map(as_party, stay), blocked),
        {booking.pk: booking.seats for booking in stay},
        moves=plan_moves(flight, leave, leaving),
        ended=[booking for booking in leave if leaving[booking.pk] is None],
        versions={booking.pk: booking.version for booking in leave},
    )
