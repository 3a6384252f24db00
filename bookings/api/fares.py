"""A fare and its conditions, as programs read them."""

from typing import Any

from bookings.api.schemas import Conditions, FareOffered
from bookings.fares import Terms, terms_of
from bookings.models import Booking
from flights import known_fares, known_flights
from flights.models import Flight


def offered(flight: Flight) -> list[dict[str, Any]]:
    """The fares that the flight's seats can be had at, the cheapest first."""
    return [
        FareOffered(
            **_said(Terms(fare, flight.base_fare, flight)), price_percent=fare.percent
        ).model_dump(by_alias=True)
        for fare in known_fares.sold()
    ]


def sold(booking: Booking) -> Conditions:
    """What was sold with the booking. Its flight may be as it was half a minute ago."""
    terms = terms_of(booking, known_flights.get(booking.flight_id))
    return Conditions(
        **_said(terms),
        refund_cents=terms.refund.cents,
        change_fee_cents=terms.change_fee.cents,
        currency=booking.currency,
    )


def _said(terms: Terms) -> dict[str, Any]:
    fare = terms.fare
    return {
        "fare": fare.code,
        "name": fare.name,
        "refund_percent": fare.refund_percent,
        "refundable_until": terms.refund_until,
        "change_fee_percent": fare.change_fee_percent,
    }
