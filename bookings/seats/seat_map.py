"""The read side: a flight's seats as one viewer may see them. Never says whose a seat is."""

from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

from django.db.models import Count

from bookings.models import SeatClaim, State
from bookings.seats.claims import OVERDUE
from flights.models import Flight


class SeatStatus(StrEnum):
    """How a seat looks to the viewer."""

    AVAILABLE = "available"
    # Owned by the viewer's own booking.
    MINE = "mine"
    # Somebody else's hold; it may come free again.
    HELD = "held"
    # Sold, or blocked by the airline: to a customer the same.
    BOOKED = "booked"


def owned_seats(flight_id: int, *, viewer: UUID | None = None) -> dict[str, SeatStatus]:
    """The status of every seat that is not available; `viewer` is a booking's id. One query."""
    claims = SeatClaim.objects.filter(flight_id=flight_id).exclude(OVERDUE)
    rows = claims.values_list("seat", "booking_id", "booking__state")
    return {
        seat: _status(viewer is not None and booking_id == viewer, state)
        for seat, booking_id, state in rows
    }


def free_seats(flight: Flight) -> set[str]:
    """The seats of the flight that can be held now."""
    return flight.layout.parsed.seats.keys() - owned_seats(flight.id).keys()


def seats_left(flights: Iterable[Flight]) -> dict[int, int]:
    """Available seats by flight id, for a page of flights with their layouts. One query."""
    flights = list(flights)
    claims = SeatClaim.objects.filter(flight__in=flights).exclude(OVERDUE)
    owned = dict(claims.values_list("flight_id").annotate(owned=Count("*")))
    return {flight.id: flight.layout.total_seats - owned.get(flight.id, 0) for flight in flights}


def _status(mine: bool, state: str | None) -> SeatStatus:
    """`state` is the owner's; nothing for a blocked seat."""
    if mine:
        return SeatStatus.MINE
    return SeatStatus.BOOKED if state in (State.CONFIRMED, None) else SeatStatus.HELD
