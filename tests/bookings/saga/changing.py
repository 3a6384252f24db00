"""How a customer changes the seats of a paid booking."""

from bookings import saga
from bookings.models import Booking, Change
from flights.models import Flight
from tests.people import (
    settle,
)


def changed(booking: Booking, *seats: str) -> Change:
    return saga.start_change(booking_id=booking.pk, seats=seats)


def pay(change: Change, code: str = "00000") -> Change:
    booking = change.booking
    return saga.pay_change(booking_id=booking.change_of_id, change_id=change.pk, code=code)  # type: ignore[arg-type]


def paid_at(flight: Flight, fare: str, *seats: str) -> Booking:
    booking = saga.hold_seats(flight_id=flight.pk, seats=seats, fare=fare)
    return settle(saga.start_payment(booking_id=booking.pk, code="00000"))
