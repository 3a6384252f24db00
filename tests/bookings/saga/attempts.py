"""What was attempted for a booking."""

from bookings.models import Booking


def outcomes(booking: Booking) -> list[str | None]:
    return list(booking.payment_attempts.values_list("outcome", flat=True))


def keys(booking: Booking) -> set[str]:
    return set(booking.payment_attempts.values_list("key", flat=True))
