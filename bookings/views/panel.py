"""The summary beside the seat map: the hold as it stands, its clock, and what just went wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings

from bookings.errors import BookingError, SeatTaken
from bookings.fares import chosen_fare
from bookings.models import OPEN, Booking, State
from bookings.saga import NO_HOLD
from bookings.seats.cheapest import cheapest_free
from bookings.seats.seat_map import Look, SeatStatus, look, statuses
from bookings.views.clock import Clock, clock_of, expire_if_due_now, is_over
from bookings.views.forms import TogetherForm
from bookings.views.journey import Journey
from bookings.words import duration
from flights.cabin.seats import Cabin, nearest_free, price_bands
from flights.cabin.text import parse
from flights.models import Fare, Flight
from flights.money import Money


@dataclass(frozen=True)
class Notice:
    """Something that the customer must know: in words, and what to do instead."""

    text: str
    # Free seats to hold with one press, in place of those that went.
    instead: Sequence[str] = ()
    # A booking whose seats can be held again.
    again: UUID | None = None
    # A booking to look at.
    booking: UUID | None = None


@dataclass(frozen=True)
class Proposal:
    """Seats for a party that nobody holds yet."""

    # Price in cents by seat.
    prices: Mapping[str, int]
    # How they lie to each other, and what of the wishes they miss.
    words: str
    # What was asked for, to be asked again if somebody is faster.
    asked: TogetherForm

    @property
    def seats(self) -> list[str]:
        return list(self.prices)

    @property
    def total_cents(self) -> int:
        return sum(self.prices.values())


@dataclass
class Panel:
    """All that the templates need to draw the seat map and its summary."""

    look: Look
    journey: Journey = field(default_factory=Journey)
    notice: Notice | None = None
    proposal: Proposal | None = None
    # What was typed to find seats together, as it was typed.
    asked: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    # For a screen reader, after a change that went well.
    said: str = ""
    max_seats: int = field(default_factory=lambda: settings.MAX_SEATS_PER_BOOKING)

    @property
    def flight(self) -> Flight:
        return self.look.flight

    @property
    def party(self) -> int:
        """For how many seats are looked for."""
        return self.journey.party

    @property
    def is_short(self) -> bool:
        """Fewer seats are held than travel."""
        return 0 < len(self.prices) < self.party

    @property
    def count_words(self) -> str:
        """How many of the party have a seat: "1 of 2 chosen"; nothing for one traveller."""
        chosen = len(self.prices)
        if not chosen or self.party == 1:
            return ""
        return f"{chosen} {'of' if chosen <= self.party else 'for'} {self.party} chosen"

    @property
    def booking(self) -> Booking | None:
        """The open booking of this customer."""
        return self.look.booking

    @property
    def is_plain(self) -> bool:
        """It says what it says to everybody who holds nothing yet."""
        return not (self.booking or self.notice or self.proposal or self.asked)

    @cached_property
    def prices(self) -> list[tuple[str, int]]:
        """The held seats, in cabin order, with what each was priced at when it was held."""
        seats = self.booking.seats if self.booking else ()
        prices = self.look.prices
        return [(seat, self.fare.price(prices[seat])) for seat in seats if seat in prices]

    @property
    def fare(self) -> Fare:
        """That of the hold; of a new one, Standard."""
        return chosen_fare(None, self.booking.fare_id if self.booking else None)

    @property
    def cabins(self) -> list[Cabin]:
        """The cabins, cheapest first."""
        return [cabin for cabin, _ in sorted(self._cabin_prices, key=lambda each: each[1][0])]

    @property
    def cabin_words(self) -> dict[str, str]:
        """From how much on one can sit in each cabin, now."""
        flight = self.flight
        free = cheapest_free(flight, self.owned)
        return {
            cabin.name: f"from {Money(free[cabin.name], flight.currency).price}"
            if cabin.name in free
            else "sold out"
            for cabin in self.cabins
        }

    @property
    def price_levels(self) -> list[int]:
        """Every price in cents that a seat of this flight has, lowest first."""
        return sorted({cents for _, levels in self._cabin_prices for cents in levels})

    @property
    def is_wide(self) -> bool:
        """Too wide for a phone, unless its seats are drawn small."""
        return self.flight.layout.parsed.seats_per_row > 6

    @property
    def _cabin_prices(self) -> list[tuple[Cabin, list[int]]]:
        return _prices_by_cabin(self.flight.layout.source, self.flight.base_fare)

    @property
    def hold_words(self) -> str:
        """How long a new hold lasts: "15 minutes"."""
        return duration(min(settings.SEAT_HOLD_SECONDS, settings.HOLD_LIMIT_SECONDS))

    @property
    def limit_words(self) -> str:
        """How long a hold may last, whatever is changed: "1 hour"."""
        return duration(settings.HOLD_LIMIT_SECONDS)

    @cached_property
    def owned(self) -> dict[str, SeatStatus]:
        """Every seat that is not available."""
        return {**statuses(self.look.taken), **dict.fromkeys(self.look.prices, SeatStatus.MINE)}

    @property
    def others(self) -> set[str]:
        """The seats that somebody else has."""
        return {seat for seat, status in self.owned.items() if status != SeatStatus.MINE}

    @property
    def states(self) -> dict[str, str]:
        """Every seat that is not available, for the page that is already drawn."""
        return {seat: str(status) for seat, status in self.owned.items()}

    @property
    def clock(self) -> Clock | None:
        return clock_of(self.booking, self.flight, self.look.now) if self.booking else None

    @property
    def version(self) -> int:
        return self.booking.version if self.booking else 0

    @property
    def paying(self) -> bool:
        return self.booking is not None and self.booking.state == State.PAYMENT_PROCESSING

    @property
    def is_sold(self) -> bool:
        """Seats can still be had. Only for the eye: the saga asks the database's clock."""
        return self.flight.is_sold_at(self.look.now)

    @property
    def frozen(self) -> bool:
        """Nothing can be chosen: payment runs, or the flight is not sold any more."""
        return self.paying or not self.is_sold

    def gone(self, seats: Sequence[str]) -> None:
        """Say which seats went, and offer the nearest ones."""
        self.notice = Notice(SeatTaken(seats).message, instead=self._nearest(seats))

    def refuse(self, error: BookingError) -> None:
        """Show why a change was refused, beside what still stands."""
        self.status = error.status
        if isinstance(error, SeatTaken):
            self.gone(error.seats)
        else:
            self.notice = Notice(error.message)

    def say_how_it_ended(self, booking: Booking | None) -> None:
        """The hold that was shown is over: say which seats and why, and offer them again.

        Where others have them by now, the nearest free ones are offered instead.
        """
        if booking is None or booking.state in OPEN:
            return
        text = NO_HOLD[State(booking.state)]().message
        if booking.state == State.CONFIRMED:
            self.notice = Notice(text, booking=booking.id)
            return
        if booking.seats:
            text = f"{_seats(booking.seats)} no longer yours. {text}"
        gone = [seat for seat in booking.seats if seat in self.others]
        again = booking.id if len(gone) < len(booking.seats) else None
        instead = self._nearest(gone) if gone else ()
        self.notice = Notice(text, instead=instead, again=again, booking=booking.id)

    def _nearest(self, seats: Sequence[str]) -> list[str]:
        layout = self.flight.layout.parsed
        free = layout.seats.keys() - self.owned.keys()
        return nearest_free(layout, seats, free, count=max(3, len(seats)))


@lru_cache(maxsize=512)
def _prices_by_cabin(source: str, fare: Money) -> list[tuple[Cabin, list[int]]]:
    """Each cabin of a layout with its prices in cents, lowest first."""
    layout = parse(source)
    return [(c, [*price_bands(layout, c, fare).values()]) for c in layout.cabins]


def _seats(seats: Sequence[str]) -> str:
    """ "Seat 12A is", "Seats 12A, 12B are"."""
    return f"Seat {seats[0]} is" if len(seats) == 1 else f"Seats {', '.join(seats)} are"


def panel_of(flight_id: int, browser_id: UUID) -> Panel:
    """The panel as it stands; a hold whose time is over is expired first, and the panel says so.

    Raises FlightNotFound.
    """
    seen = look(flight_id, browser_id)
    if seen.booking is None or not is_over(seen.booking, seen.now):
        return Panel(seen)
    over = expire_if_due_now(seen.booking, seen.now)
    panel = Panel(look(flight_id, browser_id))
    if over.state == State.EXPIRED:
        panel.say_how_it_ended(over)
    return panel
