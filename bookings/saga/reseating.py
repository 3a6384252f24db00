"""Staff put a party into other seats of its flight: same number of seats, same price."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from bookings import claims, seat_locks
from bookings.errors import InvalidSeats, NotPossible
from bookings.live import publish
from bookings.models import Booking, State
from bookings.saga.holds import claim_seats, expiring_if_due, find_booking, require_hold
from bookings.saga.moves import lock_seen, move, retried
from flights.models import Flight


def move_seats(
    *,
    booking_id: UUID,
    seats: Sequence[str],
    by: str,
    reason: str = "",
    version: int | None = None,
) -> Booking:
    """Give a confirmed booking or a hold these seats instead of its own, all or nothing.

    The price stays, and so does a hold's timer. Raises BookingNotFound, BookingChanged,
    InvalidSeats, SeatTaken, FlightChanged, HoldExpired, and NotPossible, also while the
    payment runs.
    """
    booking = find_booking(booking_id)
    flight = booking.flight
    wanted = _in_cabin_order(flight, seats)
    before: list[str] = []

    @retried
    def commit() -> None:
        nonlocal booking, before
        with transaction.atomic(durable=True):
            booking, now = lock_seen(booking_id, version)
            _require_movable(booking, flight, now)
            before = booking.seats
            # The seats were chosen from this one's, which claiming makes sure of.
            booking.flight = flight
            claims.swap(booking, _same_price(booking, wanted), closed=True)
            move(booking, "moved", at=now, by=by, detail=reason, seats=wanted)

    with expiring_if_due(booking_id):
        claim_seats(booking, wanted, commit)
    seat_locks.release(booking, [seat for seat in before if seat not in wanted])
    publish.booking_changed(booking, sorted(set(before) ^ set(wanted)))
    return booking


def _require_movable(booking: Booking, flight: Flight, now: datetime) -> None:
    if booking.state == State.SEATS_RESERVED:
        require_hold(booking, now)
    elif booking.state != State.CONFIRMED:
        raise NotPossible(
            f"Only a hold or a confirmed booking can be moved: it is {booking.state}."
        )
    if flight.departure <= now:
        raise NotPossible("This flight has left.")


def _same_price(booking: Booking, wanted: Sequence[str]) -> Mapping[str, int]:
    """Each new seat at the price of one that is left for it, so that nothing is owed."""
    prices = dict(booking.claims.values_list("seat", "price_cents"))
    if len(wanted) != len(prices):
        raise InvalidSeats(f"Please choose exactly {len(prices)} seats: as many as it has.")
    if prices.keys() == set(wanted):
        raise NotPossible("These are the booking's seats already.")
    left = [prices[seat] for seat in booking.seats if seat not in wanted]
    new = [seat for seat in wanted if seat not in prices]
    return {seat: prices[seat] for seat in wanted if seat in prices} | dict(
        zip(new, left, strict=True)
    )


def _in_cabin_order(flight: Flight, seats: Sequence[str]) -> list[str]:
    known = flight.layout.parsed.seats
    if len(set(seats)) != len(seats) or not known.keys() >= set(seats):
        raise InvalidSeats("Please choose different seats that this aircraft has.")
    return [seat for seat in known if seat in seats]
