"""Seats that somebody asks for: each once, all on the aircraft, and for whoever is to sit there."""

from collections.abc import Sequence, Set

from bookings.errors import InvalidSeats
from bookings.models import Passengers
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


def with_other_seats(
    passengers: Passengers, before: Sequence[str], after: Sequence[str], exits: Set[str]
) -> Passengers:
    """The passengers when a booking has other seats: whose seat is kept keeps it, and the others
    sit in the new ones in their order, who may not sit at an exit before those who may.

    Raises InvalidSeats where there are only exits left for a child.
    """
    if not passengers:
        return ()
    seated = dict(zip(before, passengers, strict=True))
    new = [seat for seat in after if seat not in seated]
    moving = [one for seat, one in seated.items() if seat not in after and one][: len(new)]
    anywhere = exits.isdisjoint(new)
    for passenger in sorted(moving, key=lambda one: anywhere or one.may_sit_at_exit):
        fits = (seat for seat in new if passenger.may_sit_at_exit or seat not in exits)
        seat = next(fits, None)
        if seat is None:
            raise InvalidSeats(
                f"Seat {new[0]} is at an emergency exit, where no child and no infant may sit."
            )
        new.remove(seat)
        seated[seat] = passenger
    return tuple(seated.get(seat) for seat in after)
