"""Who leaves a flight that gets a smaller aircraft: what staff choose, and what is proposed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404

from bookings.admin.formats import clock, label, money
from bookings.models import Booking, State
from bookings.saga.aircraft import Foreseen
from bookings.saga.left_over import Proposal, Wish
from flights.models import Flight

type Wishes = Mapping[UUID, Wish | int]

WORDS = {
    Wish.STAYS: "Stays on this flight",
    Wish.LEAVES: "Leaves, to wherever there is room",
    Wish.ENDS: "Is cancelled and refunded",
}
WHAT_ENDS = {
    State.SEATS_RESERVED: "The hold ends; nothing was charged.",
    State.PAYMENT_PROCESSING: "The payment ends; what was charged goes back.",
}


@dataclass(frozen=True)
class Option:
    """One answer to what is to become of a booking."""

    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True)
class Row:
    """A booking that leaves, or that staff have said something of."""

    booking: Booking
    label: str
    booked: str
    # What the plan does with it.
    becomes: str
    options: Sequence[Option]


@dataclass(frozen=True)
class Volunteer:
    """A booking that stays as long as nobody asks for anything else."""

    booking: Booking
    label: str
    value: str


@dataclass(frozen=True)
class Choices:
    """For the template."""

    rows: Sequence[Row]
    volunteers: Sequence[Volunteer]
    # How many people leave.
    leaving: int


def read_wishes(said: Iterable[str]) -> Wishes:
    """What the form says of bookings: "<id>:<wish>" each; no wish where it is to be proposed."""
    wishes: dict[UUID, Wish | int] = {}
    for text in said:
        key, _, wish = text.partition(":")
        try:
            if wish:
                wishes[UUID(key)] = int(wish) if wish.isdecimal() else Wish(wish)
        except ValueError as error:
            raise Http404 from error
    return wishes


def choices(proposal: Proposal, foreseen: Foreseen, wishes: Wishes) -> Choices:
    """What is proposed, as it can be chosen otherwise."""
    leaving = [each for each in proposal.bookings if each.pk in proposal.leaving]
    listed = {each.pk for each in leaving} | wishes.keys()
    return Choices(
        rows=[
            Row(
                booking,
                label(booking),
                clock(booking.created_at),
                _becomes(booking, foreseen),
                list(_options(booking, proposal.flights, wishes.get(booking.pk))),
            )
            for booking in proposal.bookings
            if booking.pk in listed
        ],
        volunteers=[
            Volunteer(booking, label(booking), f"{booking.pk}:{Wish.LEAVES}")
            for booking in proposal.bookings
            if booking.pk not in listed
        ],
        leaving=sum(len(booking.seats) for booking in leaving),
    )


def _becomes(booking: Booking, foreseen: Foreseen) -> str:
    if booking.pk in foreseen.moves:
        other, seats = foreseen.moves[booking.pk]
        return f"{other.number} on {other.local_departure:%Y-%m-%d %H:%M}: {', '.join(seats)}"
    if booking.pk in foreseen.bookings:
        return "Stays."
    refunded = f"Cancelled; {money(booking.paid_for_cents, booking.currency)} go back."
    return WHAT_ENDS.get(State(booking.state), refunded)


def _options(
    booking: Booking, flights: Mapping[Flight, int], wish: Wish | int | None
) -> Iterable[Option]:
    each: list[tuple[Wish | int | None, str]] = [(None, "As proposed"), *WORDS.items()]
    if booking.state == State.CONFIRMED:
        for flight, free in flights.items():
            left = f"{flight.local_departure:%Y-%m-%d %H:%M}"
            each.append((flight.pk, f"To {flight.number}, {left} ({free} still free)"))
    for value, words in each:
        said = "" if value is None else value
        yield Option(f"{booking.pk}:{said}", words, is_chosen=value == wish)
