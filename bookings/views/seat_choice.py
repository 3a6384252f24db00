"""What a click on the seat map means: one seat wanted or given back, whatever other tabs do."""

from collections.abc import Sequence
from uuid import UUID

from bookings import saga
from bookings.errors import BookingChanged, HoldExpired, OpenBookingExists, SeatTaken
from bookings.models import Booking

# Another tab may be faster, but not for ever.
TRIES = 10


def set_seat(
    booking: Booking | None, *, flight_id: int, browser_id: UUID, seat: str, wanted: bool
) -> Booking | None:
    """Add one seat to this customer's hold on the flight, or give it back.

    `booking` is the hold as it was a moment ago. If another tab has changed it since, its
    seats stay. None if there is no hold and none is needed. Raises as the saga.
    """
    for _ in range(TRIES):
        try:
            return _set_seat(booking, flight_id, browser_id, seat, wanted)
        except (BookingChanged, OpenBookingExists):
            booking = saga.open_booking(flight_id=flight_id, browser_id=browser_id)
        except HoldExpired:
            if booking and booking.seats:
                raise
            # Nothing was held any more, so nothing was lost.
            booking = None
    raise BookingChanged


def _set_seat(
    booking: Booking | None, flight_id: int, browser_id: UUID, seat: str, wanted: bool
) -> Booking | None:
    if booking is None:
        if not wanted:
            return None
        return saga.hold_seats(flight_id=flight_id, seats=[seat], browser_id=browser_id)
    if wanted == (seat in booking.seats):
        return booking
    others = [other for other in booking.seats if other != seat]
    seats = [*others, seat] if wanted else others
    return saga.update_seats(
        booking_id=booking.id, seats=seats, version=booking.version, browser_id=browser_id
    )


def set_seats(
    *, flight_id: int, browser_id: UUID, seats: Sequence[str], version: int
) -> tuple[Booking | None, list[str]]:
    """Make the hold exactly these seats; those that others took meanwhile are left out.

    Returns the hold and the seats left out. `version` is the hold's that the form showed, 0
    for none: a form that is out of date is refused, so that it drops nothing unseen. Raises
    as the saga.
    """
    gone: list[str] = []
    while True:
        wanted = [seat for seat in seats if seat not in gone]
        try:
            return replace_seats(
                flight_id=flight_id, browser_id=browser_id, seats=wanted, version=version
            ), gone
        except SeatTaken as error:
            gone += error.seats


def replace_seats(
    *, flight_id: int, browser_id: UUID, seats: Sequence[str], version: int
) -> Booking | None:
    """Make the hold exactly these seats, all or none. Raises as the saga."""
    booking = saga.open_booking(flight_id=flight_id, browser_id=browser_id)
    if booking:
        return saga.update_seats(
            booking_id=booking.id, seats=seats, version=version, browser_id=browser_id
        )
    if not seats:
        return None
    return saga.hold_seats(flight_id=flight_id, seats=seats, browser_id=browser_id)
