"""A flight of one's own to the end of the transaction, and what it must be for an operation."""

from collections.abc import Sequence
from datetime import datetime

from bookings.errors import FlightNotFound, NotPossible
from bookings.models import SeatClaim
from bookings.saga.holds import expire_if_due
from bookings.seats.claims import OVERDUE
from flights import history
from flights.models import Flight


def expire_overdue(flight_id: int, seats: Sequence[str] | None = None) -> None:
    """Expire the holds on the flight, or on these seats of it, whose time is over."""
    overdue = SeatClaim.objects.filter(OVERDUE, flight_id=flight_id)
    if seats is not None:
        overdue = overdue.filter(seat__in=list(seats))
    for booking_id in overdue.values_list("booking_id", flat=True).distinct():
        assert booking_id is not None
        expire_if_due(booking_id)


def lock(flight_id: int) -> tuple[Flight, datetime]:
    """As history.lock_flight; raises FlightNotFound."""
    try:
        return history.lock_flight(flight_id)
    except Flight.DoesNotExist:
        raise FlightNotFound from None


def require_not_cancelled(flight: Flight) -> None:
    if flight.cancelled_at:
        raise NotPossible("This flight is cancelled, and stays cancelled.")


def require_not_departed(flight: Flight, now: datetime) -> None:
    if flight.departure <= now:
        raise NotPossible("This flight has departed.")
