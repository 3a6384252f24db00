"""Another fare for a hold: the same seats at another price, and under other conditions."""

from functools import partial
from uuid import UUID

from bookings.fares import chosen_fare, total_cents
from bookings.live import publish
from bookings.models import Booking
from bookings.saga.holds import as_seen
from bookings.saga.selling import as_sold
from bookings.saga.statements import make
from bookings.saga.transitions import FARE_CHOSEN
from bookings.seats import claims
from flights.models import Flight


def choose_fare(*, booking_id: UUID, fare: str, browser_id: UUID | None = None) -> Booking:
    """Sell the held seats at the fare with this code; the hold's clock goes on.

    `browser_id` is who asks. Raises InvalidFare, BookingNotFound, NotYours, and what `NO_HOLD`
    says: a fare never changes once payment has begun.
    """

    def choose(seen: Booking) -> Booking:
        return as_sold(seen.flight_id, partial(_choose, seen, fare, browser_id))

    booking = as_seen(booking_id, None, choose)
    publish.booking_changed(booking)
    return booking


def _choose(seen: Booking, code: str, browser_id: UUID | None, flight: Flight) -> Booking:
    fare = chosen_fare(code, seen.fare_id)
    total = total_cents(claims.prices_of(seen), fare)
    said = {"fare": fare.pk, "total": total, "version": seen.version, "browser_id": browser_id}
    return make(FARE_CHOSEN, seen.pk, **said)
