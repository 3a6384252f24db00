"""What a fare means for a booking: what it costs, and what is promised, in numbers and words."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bookings.errors import InvalidFare, InvalidSeats
from bookings.models import Booking
from bookings.templatetags.travel import clock, day, zone
from flights import known_fares
from flights.models import STANDARD, Fare, Flight
from flights.money import MOST_CENTS, Money, share


@dataclass(frozen=True)
class Terms:
    """What a fare promises to whoever pays so much by it for seats of a flight."""

    fare: Fare
    # What all the seats cost at this fare.
    cost: Money
    flight: Flight

    @property
    def refund_until(self) -> dt.datetime | None:
        """Until when it can be cancelled for a refund; None where nothing is refunded."""
        if not self.fare.refund_percent:
            return None
        return self.flight.departure - dt.timedelta(hours=self.fare.refund_hours)

    @property
    def refund(self) -> Money:
        """What goes back when it is cancelled until then."""
        return self._share(self.fare.refund_percent)

    @property
    def change_fee(self) -> Money:
        """What each change costs."""
        return self._share(self.fare.change_fee_percent)

    def difference_cents(self, cost_cents: int, now: dt.datetime) -> int:
        """What a change to seats that cost so much comes to; below zero, what goes back."""
        difference = cost_cents - self.cost.cents + self.change_fee.cents
        if difference >= 0:
            return difference
        in_time = self.refund_until and now < self.refund_until
        return -share(-difference, self.fare.refund_percent) if in_time else 0

    @property
    def refund_words(self) -> str:
        """ "70 % back (€140) if cancelled by 09:30 CET, Wed 23 Dec 2026."""
        if not self.refund_until:
            return "Nothing back if cancelled"
        until = self.refund_until.astimezone(self.flight.origin.zone)
        back = f"{self.fare.refund_percent}\u00a0% back ({self.refund.price})"
        return f"{back} if cancelled by {clock(until)} {zone(until)}, {day(until)}"

    @property
    def change_words(self) -> str:
        """ "A change costs €20"."""
        return (
            f"A change costs {self.change_fee.price}" if self.change_fee.cents else "Free changes"
        )

    @property
    def less_words(self) -> str:
        """What becomes of the difference when one changes to cheaper seats, in a sentence."""
        if not self.refund_until:
            return "For cheaper seats nothing goes back."
        until = self.refund_until.astimezone(self.flight.origin.zone)
        share = f"{self.fare.refund_percent}\u00a0% of what they cost less goes back"
        return f"For cheaper seats {share} until {clock(until)} {zone(until)}, {day(until)}."

    @property
    def words(self) -> str:
        """All of it, in sentences."""
        return f"{self.refund_words}. {self.change_words}."

    def _share(self, percent: int) -> Money:
        return self.cost._replace(cents=share(self.cost.cents, percent))


def terms_of(booking: Booking, flight: Flight) -> Terms:
    """What was sold with it, whatever fares are now."""
    cost = Money(booking.total_cents, booking.currency)
    return Terms(known_fares.get(booking.fare_id), cost, flight)


def choices(booking: Booking, flight: Flight, prices: Iterable[int]) -> list[Terms]:
    """What its seats, of these prices, cost at each fare that it may have, the cheapest first.

    Its own is the one that it has, also where that is no longer sold.
    """
    own, prices = known_fares.get(booking.fare_id), list(prices)
    others = [fare for fare in known_fares.sold() if fare.code != own.code]
    fares = sorted([own, *others], key=lambda fare: (fare.percent, fare.pk))
    return [
        Terms(fare, Money(sum(map(fare.price, prices)), booking.currency), flight) for fare in fares
    ]


def still_sold(booking: Booking) -> str | None:
    """The code of its fare, to hold its seats again; None where that is no longer sold."""
    code = known_fares.get(booking.fare_id).code
    return code if any(fare.code == code for fare in known_fares.sold()) else None


def chosen_fare(code: str | None, own: int | None = None) -> Fare:
    """The fare with this code, or of no code Standard; for a booking that has its `own` already.

    That stays also when its code is named again, whatever is sold by it now. Raises InvalidFare.
    """
    had = known_fares.get(own) if own else None
    if had and code in (None, had.code):
        return had
    for fare in known_fares.sold():
        if fare.code == (STANDARD if code is None else code):
            return fare
    raise InvalidFare


def total_cents(prices: Mapping[str, int], fare: Fare) -> int:
    """What all these seats cost at a fare: each its share, rounded. Raises InvalidSeats."""
    total = sum(map(fare.price, prices.values()))
    require_payable(total)
    return total


def require_payable(cents: int) -> None:
    """Raises InvalidSeats where one booking cannot cost so much."""
    if cents > MOST_CENTS:
        raise InvalidSeats("Together these seats cost more than one booking can.")
