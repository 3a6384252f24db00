"""Flights as they are offered: to so many travellers, in an order, and day by day."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils import timezone

from bookings.seats.cheapest import cheapest_together
from bookings.seats.seat_map import taken_seats
from bookings.views.journey import Journey
from flights.models import Airport, Flight
from flights.money import Money

# From here on a flight says how few seats are left.
FEW = 9
# Days that are offered beside each other, and how many of them before the one that was asked for.
DAYS, BEFORE = 7, 3


@dataclass(frozen=True)
class Offer:
    """One flight in the list."""

    flight: Flight
    taken: frozenset[str]
    journey: Journey

    @property
    def party(self) -> int:
        return self.journey.party

    @property
    def left(self) -> int:
        """How many seats can be had."""
        return self.flight.layout.total_seats - len(self.taken)

    @cached_property
    def price(self) -> Money | None:
        """What the cheapest seats for all travellers cost together."""
        cents = cheapest_together(self.flight, self.taken, self.party)
        return None if cents is None else Money(cents, self.flight.currency)

    @property
    def is_full(self) -> bool:
        return self.left < 1

    @property
    def too_few(self) -> bool:
        return 0 < self.left < self.party

    @property
    def few(self) -> bool:
        return self.left <= FEW


def offers_of(flights: list[Flight], searched: Journey) -> list[Offer]:
    """These flights to whoever searched so. One query."""
    taken = taken_seats(flights)
    return [Offer(flight, taken[flight.id], searched) for flight in flights]


def _by_departure(offer: Offer) -> Any:
    return offer.flight.departure, offer.flight.id


def _by_price(offer: Offer) -> Any:
    """What cannot be had last; amounts of two currencies are not compared."""
    price = offer.price
    return price is None, price and (price.currency, price.cents), _by_departure(offer)


def _by_duration(offer: Offer) -> Any:
    return offer.flight.duration, _by_departure(offer)


# What `sort` says in an address, and the word for it.
ORDERS: dict[str, tuple[str, Callable[[Offer], Any]]] = {
    "": ("Departure", _by_departure),
    "price": ("Price", _by_price),
    "duration": ("Duration", _by_duration),
}


def in_order(offers: Iterable[Offer], searched: Journey) -> list[Offer]:
    """As the search says, or by departure."""
    return sorted(offers, key=ORDERS[searched.sort][1])


@dataclass(frozen=True)
class Day:
    """A day on which one could fly instead."""

    date: dt.date
    offers: list[Offer]
    journey: Journey
    is_asked: bool

    @property
    def words(self) -> str:
        """From how much, for all travellers; or why not."""
        prices = {offer.price for offer in self.offers if offer.price}
        if len({price.currency for price in prices}) == 1:
            return min(prices).price
        if prices:
            return f"{len(self.offers)} flights"
        return "full" if self.offers else "no flights"


def first_day(date: dt.date, origin: Airport) -> dt.date:
    """Where the days around this one begin: not before today, unless it is over itself."""
    today = timezone.now().astimezone(origin.zone).date()
    return min(date, max(date - dt.timedelta(days=BEFORE), today))


def days_of(offers: list[Offer], first: dt.date, date: dt.date, searched: Journey) -> list[Day]:
    """The offers by day, with those on which nothing flies."""
    days = [first + dt.timedelta(days=number) for number in range(DAYS)]
    return [
        Day(
            date=day,
            offers=[offer for offer in offers if offer.flight.departure_date == day],
            journey=searched.but(date=day),
            is_asked=day == date,
        )
        for day in days
    ]
