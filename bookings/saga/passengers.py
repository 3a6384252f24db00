"""Who sits in the seats of a booking: named, corrected, and forgotten at the end."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from bookings.errors import BookingError
from bookings.live import publish
from bookings.models import Booking, Passengers, PaymentStatus, State
from bookings.models.passengers import everybody, lead, written
from bookings.saga.holds import as_seen
from bookings.saga.naming import Said, contact_of, named, passengers_of, with_slips_only
from bookings.saga.passenger_transitions import (
    NAMES_CORRECTED,
    PASSENGERS_CORRECTED,
    PASSENGERS_FORGOTTEN,
    PASSENGERS_NAMED,
)
from bookings.saga.statements import make, refusal
from bookings.saga.transition import Transition
from flights import known_flights


def name_passengers(
    *,
    booking_id: UUID,
    said: Sequence[Said],
    email: str | None = None,
    browser_id: UUID | None = None,
    version: int | None = None,
) -> Booking:
    """Say who sits in each of the seats, all or nothing; again instead of what was said.

    Once it is paid, only slips in the names that were paid for can be corrected. The first adult
    is the lead passenger, whose `email` it is; None leaves it as it was. `version` is the one the
    caller saw. Raises InvalidPassengers, InvalidContact, BookingNotFound, NotYours,
    BookingChanged, NotPossible, and what `NO_HOLD` says.
    """

    def name(seen: Booking) -> Booking:
        is_paid = seen.state == State.CONFIRMED
        transition = NAMES_CORRECTED if is_paid else PASSENGERS_NAMED
        return _write(transition, seen, said, email, browser_id=browser_id)

    return as_seen(booking_id, version, name)


def correct_passengers(
    *,
    booking_id: UUID,
    said: Sequence[Said],
    email: str | None = None,
    by: str,
    reason: str = "",
    version: int | None = None,
) -> Booking:
    """What staff say of who travels, whatever was said before.

    Raises InvalidPassengers, InvalidContact, BookingNotFound, BookingChanged, NotPossible.
    """

    def correct(seen: Booking) -> Booking:
        return _write(PASSENGERS_CORRECTED, seen, said, email, by=by, detail=reason)

    return as_seen(booking_id, version, correct)


def forget_passengers(
    *, booking_id: UUID, by: str, reason: str = "", version: int | None = None
) -> Booking:
    """Erase names, birthdays and address of a booking that is over; what it was about stays.

    Raises NotPossible, BookingChanged.
    """
    booking = make(PASSENGERS_FORGOTTEN, booking_id, by=by, detail=reason, version=version)
    publish.booking_changed(booking)
    return booking


def with_passengers_of_long_ago(age: timedelta) -> Iterator[UUID]:
    """The bookings whose passengers can be forgotten: by their departure, or if they came to
    nothing by when they were made."""
    long_ago = Now() - age
    is_over = Q(state=State.CONFIRMED, flight__departure__lt=long_ago) | Q(
        state__in=(State.FAILED, State.EXPIRED, State.CANCELLED), created_at__lt=long_ago
    )
    nobody = Q(passengers=(), name="", email="")
    found = Booking.objects.filter(is_over).exclude(
        nobody | Q(payment_status=PaymentStatus.REFUND_DUE)
    )
    return found.values_list("pk", flat=True).iterator()


def _write(
    transition: Transition, seen: Booking, said: Sequence[Said], email: str | None, **about: object
) -> Booking:
    flight = known_flights.get(seen.flight_id)
    about |= {"layout": flight.layout_id, "version": seen.version}
    try:
        passengers: Passengers = passengers_of(seen.seats, flight, said, seen.now.date())
        if transition is NAMES_CORRECTED:
            passengers = with_slips_only(seen.passengers, passengers)
        names = named(everybody(passengers), lead(passengers))
        contact = contact_of(names, seen.email if email is None else email)
    except BookingError as error:
        # That they cannot be named at all says more.
        raise refusal(transition, seen.pk, **about) or error from None
    booking = make(transition, seen.pk, passengers=written(passengers), **about, **contact)
    publish.booking_changed(booking)
    return booking
