"""Seats that somebody asks for: each once, all on the aircraft, and for whoever is to sit there."""

from collections.abc import Sequence, Set
from itertools import zip_longest

from bookings.errors import InvalidSeats
from bookings.models import Passenger, Passengers
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
    instead = seats_instead(passengers, before, after, exits)
    seated = {instead.get(seat, seat): one for seat, one in zip(before, passengers, strict=True)}
    return tuple(seated.get(seat) for seat in after)


def seats_instead(
    passengers: Passengers, before: Sequence[str], after: Sequence[str], exits: Set[str]
) -> dict[str, str]:
    """Which new seat is whose old one's, if there is one for everybody; see `with_other_seats`.

    Raises InvalidSeats where there are only exits left for a child.
    """
    new = [seat for seat in after if seat not in before]
    left = [pair for pair in zip_longest(before, passengers) if pair[0] not in after]
    # Somebody before nobody.
    moving = sorted(left, key=lambda pair: pair[1] is None)[: len(new)]
    anywhere, instead = exits.isdisjoint(new), dict[str, str]()
    for old, one in sorted(moving, key=lambda pair: anywhere or _may_sit_at_exit(pair[1])):
        fits = (seat for seat in new if _may_sit_at_exit(one) or seat not in exits)
        seat = next(fits, None)
        if seat is None:
            raise InvalidSeats(
                f"Seat {new[0]} is at an emergency exit, where no child and no infant may sit."
            )
        new.remove(seat)
        instead[old] = seat
    return instead


def _may_sit_at_exit(passenger: Passenger | None) -> bool:
    return passenger is None or passenger.may_sit_at_exit
