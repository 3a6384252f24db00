"""What is sold, as this process knows it: seats, their prices, and a fare.

The statement that sells them compares all of it with what is so now: ON_SALE in conditions.py.
"""

from collections.abc import Callable, Mapping, Sequence

from django.conf import settings

from bookings.errors import FlightChanged, FlightNotFound, InvalidSeats, PricesChanged
from bookings.fares import total_cents
from bookings.models import Booking
from bookings.seats.choice import chosen_seats
from bookings.words import counted
from flights import known_fares, known_flights
from flights.cabin.seats import price_cents
from flights.models import Fare, Flight

TRIES = 3


def as_sold(flight_id: int, choose: Callable[[Flight], Booking]) -> Booking:
    """Choose seats, prices and fare of the flight as this process knows them.

    The statement compares them with how it is sold now. Prices that are out of date are read
    again; but who chose from another aircraft must look again, for a seat of the same name is
    another seat.
    """
    for _ in range(TRIES):
        try:
            return choose(known_flights.get(flight_id))
        except Flight.DoesNotExist:
            raise FlightNotFound from None
        except FlightChanged as error:
            known_flights.forget(flight_id)
            known_fares.forget()
            if not isinstance(error, PricesChanged):
                raise
    raise FlightChanged


def said_of(flight: Flight, prices: Mapping[str, int], fare: Fare) -> dict[str, object]:
    """What the statement is told of the flight that the seats were chosen from."""
    return {
        "flight": flight.pk,
        "layout": flight.layout_id,
        "layout_version": flight.layout.version,
        "base_fare": flight.base_fare_cents,
        "currency": flight.currency,
        "hold": settings.SEAT_HOLD_SECONDS,
        "limit": settings.HOLD_LIMIT_SECONDS,
        "fare": fare.pk,
        "total": total_cents(prices, fare),
    }


def prices_of(flight: Flight, seats: Sequence[str]) -> Mapping[str, int]:
    """Price in cents by seat, in cabin order. Raises InvalidSeats."""
    if len(seats) > settings.MAX_SEATS_PER_BOOKING:
        limit = settings.MAX_SEATS_PER_BOOKING
        raise InvalidSeats(f"At most {counted(limit, 'seat')} can be booked together.")
    return {seat.id: price_cents(seat, flight.base_fare) for seat in chosen_seats(flight, seats)}
