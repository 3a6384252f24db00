"""Staff put a party into other seats of its flight: same number of seats, same price."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from bookings.errors import InvalidSeats, NotPossible
from bookings.models import Booking, State
from bookings.saga.holds import find_booking, replace_seats, require_hold
from bookings.saga.transitions import require_version, transition
from bookings.seats import claims
from bookings.seats.choice import chosen_seats


def reseat(
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
    seen = find_booking(booking_id)
    wanted = [seat.id for seat in chosen_seats(seen.flight, seats)]

    def change(booking: Booking, now: datetime) -> None:
        require_version(booking, version)
        _require_movable(booking, now)
        claims.swap(booking, _same_price(booking, wanted), closed=True)
        transition(booking, "moved", at=now, by=by, detail=reason, seats=wanted)

    return replace_seats(seen, wanted, change)


def _require_movable(booking: Booking, now: datetime) -> None:
    if booking.state == State.SEATS_RESERVED:
        require_hold(booking, now)
    elif booking.state != State.CONFIRMED:
        raise NotPossible(
            f"Only a hold or a confirmed booking can be moved: it is {booking.state}."
        )
    if booking.flight.departure <= now:
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
