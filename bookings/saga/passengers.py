"""Who sits in the seats of a booking: named while it is a hold."""

from collections.abc import Sequence
from uuid import UUID

from bookings.errors import BookingError
from bookings.live import publish
from bookings.models import Booking
from bookings.models.passengers import everybody, lead, written
from bookings.saga.holds import as_seen
from bookings.saga.naming import Said, contact_of, named, passengers_of
from bookings.saga.passenger_transitions import PASSENGERS_NAMED
from bookings.saga.statements import make, refusal
from flights import known_flights


def name_passengers(
    *,
    booking_id: UUID,
    said: Sequence[Said],
    email: str | None = None,
    browser_id: UUID | None = None,
    version: int | None = None,
) -> Booking:
    """Say who sits in each of the held seats, all or nothing; again instead of what was said.

    The first adult is the lead passenger, whose `email` it is; None leaves it as it was.
    `version` is the one the caller saw. Raises InvalidPassengers, InvalidContact,
    BookingNotFound, NotYours, BookingChanged, NotPossible, and what `NO_HOLD` says.
    """

    def name(seen: Booking) -> Booking:
        flight = known_flights.get(seen.flight_id)
        about = {"browser_id": browser_id, "layout": flight.layout_id, "version": seen.version}
        try:
            passengers = passengers_of(seen.seats, flight, said, seen.now.date())
            names = named(everybody(passengers), lead(passengers))
            contact = contact_of(names, seen.email if email is None else email)
        except BookingError as error:
            # That they cannot be named at all says more.
            refused = refusal(PASSENGERS_NAMED, booking_id, **about)
            raise refused or error from None
        return make(
            PASSENGERS_NAMED, booking_id, passengers=written(passengers), **about, **contact
        )

    booking = as_seen(booking_id, version, name)
    publish.booking_changed(booking)
    return booking
