"""The e-ticket: what one shows at the airport."""

from bookings.documents.sheet import columns, gap, rule, sheet, sized, small
from bookings.fares import terms_of
from bookings.models import Booking
from flights.models import Flight


def ticket(booking: Booking, flight: Flight) -> bytes:
    """Of a confirmed booking, as PDF."""
    terms = terms_of(booking, flight)
    return sheet(
        "E-ticket",
        booking,
        flight,
        [
            small("Fare"),
            gap(1),
            columns([sized(str(terms.fare), share=0.5), sized(str(terms.cost))], 0.5, 0.5),
            gap(1),
            small(terms.words),
            rule(),
            small("Times are local to each airport."),
        ],
    )
