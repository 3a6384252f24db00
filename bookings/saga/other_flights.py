"""Another flight of the route for whoever has paid: which there are, which seats, and the move.

A booking keeps its record locator, its price and its payment, and its party sits in the same
cabin or a better one, side by side where it did so before (flights/cabin/swap.py). Its history
says from when on it is of which flight, and the flight that it leaves says which left.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from bookings.errors import BookingChanged, NotPossible
from bookings.live import publish
from bookings.models import Booking, PassengerType
from bookings.saga import enqueue
from bookings.saga.disruption_transitions import AFTER, BEFORE, MOVED_TO_FLIGHT
from bookings.saga.flight_locking import (
    expire_overdue,
    lock_all,
    lock_bookings,
    require_not_departed,
)
from bookings.saga.holds import find_booking
from bookings.saga.statements import by_id, make_all, retried
from bookings.saga.transition import Transition
from bookings.seats import locks
from bookings.seats.seat_map import taken_seats
from flights import history
from flights.cabin.swap import Party, plan_swap
from flights.models import Flight

# The next so many are offered.
MOST_OFFERED = 8

WRONG_FLIGHT = (
    "It must be another flight of the same route and currency that has not departed and is not "
    "cancelled."
)

# Booking -> the flight and the seats it gets there.
type Moves = Mapping[UUID, tuple[Flight, Sequence[str]]]


@dataclass(frozen=True)
class Offer:
    """A flight that a booking may be moved to now, and where its party would sit."""

    flight: Flight
    # None where there is no room for them.
    seats: Sequence[str]
    free: int


def offers(booking: Booking) -> list[Offer]:
    """The flights next to its own, the nearest first. Two queries."""
    flights = near_flights(booking.flight)
    return [
        _offer(booking, other, taken)
        for other, taken in zip(flights, taken_seats(flights).values(), strict=True)
    ]


def near_flights(flight: Flight) -> list[Flight]:
    """Those to offer to its passengers, the nearest first. One query."""
    near = _possible(flight).filter(
        departure__range=(flight.departure - BEFORE, flight.departure + AFTER)
    )
    return sorted(near, key=lambda other: abs(other.departure - flight.departure))[:MOST_OFFERED]


def plan_moves(
    flight: Flight, bookings: Sequence[Booking], going: Mapping[UUID, int | None]
) -> Moves:
    """Where those of the flight's bookings that go to another one would sit. Two queries.

    Raises NotPossible: not such a flight, no room on it.
    """
    wanted = {flight_id for flight_id in going.values() if flight_id is not None}
    others = list(_possible(flight).filter(pk__in=wanted)) if wanted else []
    if len(others) < len(wanted):
        raise NotPossible(WRONG_FLIGHT)
    taken = taken_seats(others) if others else {}
    moves: dict[UUID, tuple[Flight, Sequence[str]]] = {}
    for other in others:
        there = [booking for booking in bookings if going.get(booking.pk) == other.pk]
        seats = _seats(flight, other, there, taken[other.pk])
        if seats is None:
            raise NotPossible(f"{other} has no seats for them.")
        moves |= {booking_id: (other, each) for booking_id, each in seats.items()}
    return moves


def as_party(booking: Booking) -> Party:
    """Those of a booking, as whoever plans seats has to know them."""
    seated = [
        (seat, one)
        for seat, one in zip(booking.seats, booking.passengers, strict=bool(booking.passengers))
        if one
    ]
    return Party(
        str(booking.pk),
        tuple(booking.seats),
        not_at_exits=frozenset(seat for seat, one in seated if not one.may_sit_at_exit),
        children=frozenset(seat for seat, one in seated if one.type == PassengerType.CHILD),
    )


def move_to_flight(
    *, booking_id: UUID, flight_id: int, by: str, reason: str = "", version: int | None = None
) -> Booking:
    """Give a confirmed booking seats of another flight of the route instead of its own.

    Raises BookingNotFound, FlightNotFound, BookingChanged, and NotPossible: not confirmed, not
    such a flight, no room on it.
    """
    return move(MOVED_TO_FLIGHT, booking_id, flight_id, by=by, reason=reason, version=version)


@retried
def move(
    transition: Transition,
    booking_id: UUID,
    flight_id: int,
    *,
    by: str,
    reason: str = "",
    **about: object,
) -> Booking:
    """The same by this transition, which needs to know all `about` it."""
    expire_overdue(flight_id)
    own = find_booking(booking_id).flight_id
    with transaction.atomic(durable=True):
        locked = lock_all({own, flight_id})
        before = lock_bookings(Booking.objects.filter(pk=booking_id, flight=own))
        if not before:
            raise BookingChanged
        flight, now = locked[own]
        require_not_departed(flight, now)
        moves = plan_moves(flight, before, {booking_id: flight_id})
        after = write_moves(flight, moves, transition, at=now, by=by, reason=reason, **about)
    tell_moved(before, after)
    return after[0]


def write_moves(
    flight: Flight,
    moves: Moves,
    transition: Transition = MOVED_TO_FLIGHT,
    *,
    at: datetime,
    by: str,
    reason: str,
    **about: object,
) -> list[Booking]:
    """Move these bookings of a flight as `plan_moves` said, all or none. The caller has locked
    them, the flight and those that they go to: nobody else claims a seat there meanwhile.

    Three statements however many they are. Raises NotPossible, BookingChanged.
    """
    moved = make_all(
        transition,
        moves,
        flights=by_id({booking_id: other.pk for booking_id, (other, _) in moves.items()}),
        seats=by_id({booking_id: seats for booking_id, (_, seats) in moves.items()}),
        by=by,
        detail=reason,
        **{"version": None, **about},
    )
    left = {str(booking_id): str(other) for booking_id, (other, _) in moves.items()}
    if left:
        history.record(
            flight, "bookings_moved", at=at, by=by, reason=reason, changes={"left": left}
        )
    return moved


def tell_moved(before: Iterable[Booking], after: Iterable[Booking]) -> None:
    """After the commit: unlock the seats they left, have their mails sent, and say so."""
    now = {booking.pk: booking for booking in after}
    for old in before:
        locks.release(old, old.seats)
        publish.seats_changed(old.flight_id)
        new = now[old.pk]
        publish.booking_changed(new, new.seats)
        enqueue.mail(new)


def _possible(flight: Flight) -> QuerySet[Flight]:
    """The flights that its passengers may be moved to."""
    return (
        Flight.objects.select_related("layout", "origin", "destination")
        .filter(
            origin=flight.origin_id,
            destination=flight.destination_id,
            currency=flight.currency,
            cancelled_at=None,
            departure__gt=Now(),
        )
        .exclude(pk=flight.pk)
    )


def _seats(
    flight: Flight, other: Flight, bookings: Iterable[Booking], taken: Collection[str]
) -> Mapping[UUID, Sequence[str]] | None:
    """What each would get there, in the order of its seats; None where somebody has no seat."""
    parties = {booking.pk: as_party(booking) for booking in bookings}
    plan = plan_swap(flight.layout.parsed, other.layout.parsed, parties.values(), taken)
    if plan.unseated:
        return None
    return {key: [plan.seats[seat] for seat in party.seats] for key, party in parties.items()}


def _offer(booking: Booking, other: Flight, taken: Collection[str]) -> Offer:
    seats = _seats(booking.flight, other, [booking], taken) or {}
    free = other.layout.parsed.seats.keys() - taken
    return Offer(other, seats.get(booking.pk, []), len(free))
