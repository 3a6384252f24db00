"""Who sits where, in the model: adults only, each by the seat that they were named for."""

from collections.abc import Sequence

from bookings.errors import BookingChanged, InvalidPassengers, NotPossible, Problem
from bookings.saga.naming import OTHERS
from tests.proof.model import Model


def name(
    model: Model, id: str, seats: Sequence[str], version: int | None, asker: str | None
) -> None:
    booking = model.bookings[id]
    booking.require_own(asker)
    is_paid = booking.state == "CONFIRMED"
    if not is_paid:
        model.require_hold_or_expire(booking)
    if version not in (None, booking.version):
        raise BookingChanged
    if not booking.seats:
        raise NotPossible("Please choose seats first: this booking has none.")
    wrong = [f"Seat {seat} is not of this booking." for seat in seats if seat not in booking.seats]
    wrong += [f"Nobody is named for seat {seat}." for seat in booking.seats if seat not in seats]
    if not seats:
        wrong.append("At least one adult must travel on the booking.")
    if wrong:
        raise InvalidPassengers(Problem(None, "seat", message) for message in wrong)
    # Their names are so short that any other letter is another person's.
    if is_paid and booking.named and booking.named != booking.seats:
        raise InvalidPassengers([Problem(None, "name", OTHERS)])
    booking.move(named=[*booking.seats])
