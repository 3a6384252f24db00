"""Whom a smaller aircraft leaves over, and what may become of each: proposed, and nothing done.

Staff say what they know: who volunteers, who must stay, which flight somebody wants. The rest is
proposed: whom it hurts least leaves first, to the nearest flight of the route that has room, or
with the money back. The swap itself (saga/aircraft.py) is asked for what came of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from bookings.models import Booking, State
from bookings.saga.other_flights import as_party, near_flights
from bookings.seats.claims import blocked_seats
from bookings.seats.seat_map import taken_seats
from flights.cabin.room import Room
from flights.cabin.seats import Layout
from flights.models import CabinLayout, Flight

# Who leaves: the flight that each is moved to, or None where the booking ends.
type Leaving = Mapping[UUID, int | None]

# Of those who stay last, the first to leave: nothing is paid, it is being paid, it is paid.
HURTS_LEAST = (State.SEATS_RESERVED, State.PAYMENT_PROCESSING, State.CONFIRMED)


class Wish(StrEnum):
    """What staff want of a booking, where it is not a certain flight."""

    STAYS = "stays"
    # Wherever there is room.
    LEAVES = "leaves"
    ENDS = "ends"


@dataclass(frozen=True)
class Proposal:
    """Who leaves so that everybody else has a seat on the smaller aircraft."""

    # All that own seats, whom it hurts least first.
    bookings: Sequence[Booking]
    # Where they may be moved to, the nearest first, with the seats that would still be free.
    flights: Mapping[Flight, int]
    leaving: Leaving


def propose_leaving(
    flight: Flight, layout: CabinLayout, wishes: Mapping[UUID, Wish | int]
) -> Proposal:
    """Who leaves, by these wishes, and where to. Four queries.

    Who is to stay does so as long as there is a seat; a flight that is full is not gone to.
    """
    bookings = _whom_it_hurts_least(Booking.objects.filter(flight=flight, owns_seats=True))
    parties = {each.pk: _cabins(each, flight.layout.parsed) for each in bookings}
    here = Room(layout.parsed, set(blocked_seats(flight)))
    hurt_most_first = list(reversed(bookings))
    certain = sorted(hurt_most_first, key=lambda each: wishes.get(each.pk) != Wish.STAYS)
    leaving = [
        each
        for each in certain
        if wishes.get(each.pk, Wish.STAYS) != Wish.STAYS or not here.admit(*parties[each.pk])
    ]
    others = near_flights(flight)
    taken = taken_seats(others)
    rooms = {other.pk: Room(other.layout.parsed, taken[other.pk]) for other in others}

    def goes_to(booking: Booking) -> int | None:
        wish = wishes.get(booking.pk)
        if booking.state != State.CONFIRMED or wish == Wish.ENDS:
            return None
        # The wanted one first.
        first = sorted(rooms, key=lambda flight_id: flight_id != wish)
        return next((each for each in first if rooms[each].admit(*parties[booking.pk])), None)

    # Who wants a certain flight is there before others are sent to it.
    leaving.sort(key=lambda each: not isinstance(wishes.get(each.pk), int))
    fates = {each.pk: goes_to(each) for each in leaving}
    return Proposal(bookings, {other: rooms[other.pk].left for other in others}, fates)


def _whom_it_hurts_least(bookings: Iterable[Booking]) -> list[Booking]:
    """Who has paid nothing, and then whoever booked last."""
    latest = sorted(bookings, key=lambda each: each.created_at, reverse=True)
    return sorted(latest, key=lambda each: HURTS_LEAST.index(State(each.state)))


def _cabins(booking: Booking, layout: Layout) -> tuple[list[str], list[str]]:
    """The cabin of each, first of those who may sit at an exit, then of those who may not."""
    party = as_party(booking)
    anywhere = [seat for seat in party.seats if seat not in party.not_at_exits]
    people = (anywhere, party.not_at_exits)
    at, off = ([layout.seats[seat].cabin for seat in seats] for seats in people)
    return at, off
