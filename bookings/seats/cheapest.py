"""What the cheapest seats cost that are still free."""

from collections.abc import Collection, Mapping
from functools import lru_cache
from itertools import islice

from flights.cabin.seats import price_cents
from flights.cabin.text import parse
from flights.models import CabinLayout, Flight
from flights.money import Money


def cheapest_free(flight: Flight, taken: Collection[str]) -> Mapping[str, int]:
    """By cabin, in cents; a cabin without a free seat is not named. No query as a rule."""
    levels = _levels(_source_of(flight.layout), flight.base_fare)
    return {
        cabin: cents
        for cabin, cents, seats in reversed(levels)
        if any(seat not in taken for seat in seats)
    }


def cheapest_together(flight: Flight, taken: Collection[str], party: int) -> int | None:
    """What the cheapest free seats for so many cost, in cents; None if so many are not free."""
    levels = _levels(_source_of(flight.layout), flight.base_fare)
    free = (cents for _, cents, seats in levels for seat in seats if seat not in taken)
    prices = list(islice(free, party))
    return sum(prices) if len(prices) == party else None


def _source_of(layout: CabinLayout) -> str:
    """The list of flights is read without these texts, of which there are few."""
    if "source" in layout.get_deferred_fields():
        return _source(layout.code, layout.version, layout.total_seats)
    return layout.source


@lru_cache(maxsize=64)
def _source(code: str, version: int, total_seats: int) -> str:
    return CabinLayout.objects.values_list("source", flat=True).get(
        code=code, version=version, total_seats=total_seats
    )


@lru_cache(maxsize=512)
def _levels(source: str, fare: Money) -> list[tuple[str, int, tuple[str, ...]]]:
    """Cabin, price and the seats that have it, the cheapest first."""
    seats: dict[tuple[int, str], list[str]] = {}
    for seat in parse(source).seats.values():
        seats.setdefault((price_cents(seat, fare), seat.cabin), []).append(seat.id)
    return [(cabin, cents, tuple(names)) for (cents, cabin), names in sorted(seats.items())]
