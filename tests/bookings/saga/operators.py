"""What staff do to a flight, and what is told of it."""

from typing import Any

from bookings import saga
from bookings.models import SeatClaim
from flights.models import Flight

OLGA: dict[str, Any] = {"by": "operator:olga", "reason": "broken"}


def block(flight: Flight, *seats: str) -> None:
    saga.block_seats(flight_id=flight.pk, seats=seats, **OLGA)


def blocked(flight: Flight) -> dict[str, str]:
    claims = SeatClaim.objects.filter(flight=flight, booking=None)
    return dict(claims.values_list("seat", "block_reason"))


def told(flight: Flight) -> list[tuple[str, str, str, Any]]:
    """The flight's history."""
    return list(flight.events.values_list("name", "by", "reason", "changes"))
