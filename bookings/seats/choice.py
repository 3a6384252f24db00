"""Seats that somebody asks for: each once, and all of them on the aircraft."""

from collections.abc import Sequence

from bookings.errors import InvalidSeats
from flights.cabin.seats import Seat
from flights.models import Flight


def chosen_seats(flight: Flight, seats: Sequence[str], *, at_least: int = 0) -> list[Seat]:
    """The seats in cabin order. Raises InvalidSeats, which names what is wrong."""
    wanted = set(seats)
    if len(seats) < at_least:
        raise InvalidSeats("Choose at least one seat.")
    if len(wanted) != len(seats):
        raise InvalidSeats("Each seat can be chosen only once.")
    known = flight.layout.parsed.seats
    if unknown := sorted(wanted - known.keys()):
        raise InvalidSeats(f"This aircraft has no seat {', '.join(unknown)[:100]}.")
    return [seat for seat in known.values() if seat.id in wanted]
