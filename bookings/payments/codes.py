"""What is kept of a payment code once it is spent: enough to know it again, and no more."""

from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

from bookings.models import Booking

# Hexadecimal digits of the fingerprint: by chance two codes of one booking share none.
DIGITS = 32


def fingerprint(booking_id: UUID, code: str) -> str:
    """Tells the code from other codes of the same booking.

    Keyed with SECRET_KEY and the booking's id: five digits are soon guessed, but neither by
    whoever has only the database (a backup, a replica), nor by comparing bookings.
    """
    return salted_hmac(str(booking_id), code, algorithm="sha256").hexdigest()[:DIGITS]


def is_paid_with(booking: Booking, code: str) -> bool:
    """Whether this code pays, or paid, for the booking."""
    return constant_time_compare(booking.code_fingerprint, fingerprint(booking.pk, code))
