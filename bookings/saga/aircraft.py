"""Another aircraft for a flight: foreseen first, then done at once or not at all.

Whoever owns a seat is moved alike, a hold or a payment like a confirmed booking: they keep
their price, their timer and their place in the saga, and their history says where they moved.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from bookings.errors import FlightNotFound, NotPossible
from bookings.live import publish
from bookings.models import OWNING, Booking, SeatClaim
from bookings.saga.conditions import CONFIRMED_ANEW, SEATS_OF_EACH
from bookings.saga.flight_locking import (
    expire_overdue,
    lock,
    lock_bookings,
    require_not_cancelled,
    require_not_departed,
)
from bookings.saga.statements import by_id, make_all
from bookings.saga.transition import Transition
from bookings.saga.transitions import RESEATED
from bookings.seats import claims, locks
from flights import history
from flights.cabin.swap import Party, Plan, plan_swap
from flights.models import CabinLayout, Flight

STALE = "The flight has changed since this plan was made. Nothing was done; this is the new plan."


# A payment goes on, in other seats.
SEATED_ANEW = Transition(
    RESEATED.event, source=OWNING, sets={"seats": SEATS_OF_EACH, **CONFIRMED_ANEW}
)


@dataclass(frozen=True)
class Foreseen:
    """What a swap would do now, and the mark by which it can be asked for."""

    layout: CabinLayout
    plan: Plan
    # Which seats each booking owns, in its order.
    bookings: Mapping[UUID, Sequence[str]]

    @property
    def digest(self) -> str:
        """Different for every other plan."""
        said = [self.layout.pk, sorted(self.plan.seats.items()), self.plan.unseated]
        said.append(self.plan.lost_blocks)
        parties = sorted((str(key), list(seats)) for key, seats in self.bookings.items())
        text = json.dumps([said, parties])
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


def foresee_swap(*, flight_id: int, layout: str) -> Foreseen:
    """The plan, and nothing is changed. Raises FlightNotFound, NotPossible."""
    flight = Flight.objects.select_related("layout").filter(pk=flight_id).first()
    if flight is None:
        raise FlightNotFound
    return _plan(flight, _layout(flight, layout))


def swap_aircraft(*, flight_id: int, layout: str, digest: str, by: str, reason: str = "") -> Flight:
    """Do what `foresee_swap` said, if it would still say the same: all of it, or nothing.

    Raises FlightNotFound, and NotPossible: another plan by now, somebody without a seat, a
    booking that is busy, a flight that has departed or is cancelled.
    """
    expire_overdue(flight_id)
    with transaction.atomic(durable=True):
        flight, now = lock(flight_id)
        require_not_cancelled(flight)
        require_not_departed(flight, now)
        new = _layout(flight, layout)
        bookings = lock_bookings(Booking.objects.filter(flight=flight, owns_seats=True))
        foreseen = _plan(flight, new)
        if foreseen.digest != digest:
            raise NotPossible(STALE)
        plan = foreseen.plan
        if plan.unseated:
            raise NotPossible(f"There is no seat for {', '.join(plan.unseated)[:150]}.")
        claims.unblock(flight, plan.lost_blocks)
        claims.reseat(flight, plan.moved)
        moved = [booking for booking in bookings if booking.pk in foreseen.affected]
        before = {booking.pk: booking.seats for booking in moved}
        moved = _reseat(foreseen.affected, by=by, reason=reason)
        history.change(
            flight,
            "aircraft_swapped",
            at=now,
            by=by,
            reason=reason,
            layout_id=new.pk,
            also={"moved": plan.moved, "blocks": dict.fromkeys(plan.lost_blocks)},
        )
    for booking in moved:
        # The locks of seats that are not theirs; a claim without a lock is believed as well.
        locks.release(booking, before[booking.pk])
        publish.booking_changed(booking, booking.seats)
    publish.flight_changed(flight)
    return flight


def _reseat(seats: Mapping[UUID, Sequence[str]], *, by: str, reason: str) -> list[Booking]:
    """Write other seats into these locked bookings, each its own."""
    return make_all(SEATED_ANEW, seats, seats=by_id(seats), by=by, detail=reason)


def _layout(flight: Flight, code: str) -> CabinLayout:
    layout = CabinLayout.objects.filter(pk=code).first()
    if layout is None:
        raise NotPossible("There is no such aircraft.")
    if layout.pk == flight.layout_id:
        raise NotPossible("The flight has this aircraft already.")
    return layout


def _plan(flight: Flight, layout: CabinLayout) -> Foreseen:
    claimed = SeatClaim.objects.filter(flight=flight)
    owned = claimed.filter(booking__isnull=False).values_list("booking_id", "booking__seats")
    bookings = {booking_id: seats for booking_id, seats in owned if booking_id}
    blocked = set(claimed.filter(booking=None).values_list("seat", flat=True))
    parties = [Party(str(booking_id), tuple(seats)) for booking_id, seats in bookings.items()]
    plan = plan_swap(flight.layout.parsed, layout.parsed, parties, blocked)
    return Foreseen(layout, plan, bookings)
