"""Staff put a party into other seats of its flight: same number of seats, same price."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from bookings.errors import BookingError, InvalidSeats, NotPossible
from bookings.models import Booking
from bookings.saga import enqueue
from bookings.saga.holds import as_seen, replace_seats
from bookings.saga.staff_transitions import RESEATED
from bookings.saga.statements import refusal
from bookings.seats import claims
from bookings.seats.choice import chosen_seats
from bookings.words import counted
from flights.models import Flight


def reseat(
    *,
    booking_id: UUID,
    seats: Sequence[str],
    by: str,
    reason: str = "",
    version: int | None = None,
) -> Booking:
    """Give a confirmed booking or a hold these seats instead of its own, all or nothing.

    The price stays, and so does a hold's timer. Raises BookingNotFound, BookingChanged,
    InvalidSeats, SeatTaken, FlightChanged, HoldExpired, and NotPossible, also while the
    payment runs.
    """

    def move(seen: Booking) -> Booking:
        # Of the booking as it is seen: it may be on another flight than a moment ago.
        flight = Flight.objects.select_related("layout").get(pk=seen.flight_id)
        wanted = [seat.id for seat in chosen_seats(flight, seats)]
        about: dict[str, object] = {"by": by, "detail": reason, "layout": flight.layout_id}
        about["flight"] = flight.pk

        def new() -> Mapping[str, int]:
            try:
                return _same_price(seen, wanted)
            except BookingError as error:
                # That it cannot be moved at all says more.
                refused = refusal(RESEATED, seen.pk, version=seen.version, **about)
                raise refused or error from None

        return replace_seats(RESEATED, seen, flight, wanted, new, **about)

    booking = as_seen(booking_id, version, move)
    enqueue.mail(booking)
    return booking


def _same_price(booking: Booking, wanted: Sequence[str]) -> Mapping[str, int]:
    """Each new seat at the price of one that is left for it, so that nothing is owed."""
    prices = claims.prices_of(booking)
    require_others(booking, wanted)
    left = [prices[seat] for seat in booking.seats if seat in prices and seat not in wanted]
    return dict(zip((seat for seat in wanted if seat not in prices), left, strict=False))


def require_others(booking: Booking, wanted: Sequence[str]) -> None:
    """As many seats as it has, and not all the same. Raises InvalidSeats, NotPossible."""
    if len(wanted) != len(booking.seats):
        many = counted(len(booking.seats), "seat")
        raise InvalidSeats(f"Please choose exactly {many}: as many as it has.")
    if set(booking.seats) == set(wanted):
        raise NotPossible("These are the booking's seats already.")
