"""How far the cancellation of a flight is: read from its bookings, as they stand."""

from typing import NamedTuple

from django.db.models import Count, Q

from bookings.models import Booking, Money
from bookings.saga.flights import STANDING


class Progress(NamedTuple):
    """Bookings of one flight, by what is still to be done for them."""

    # Not ended yet.
    standing: int
    # Paid, and the money not back yet.
    refund_due: int
    refunded: int

    @property
    def paid(self) -> int:
        """Whatever was, or may have been, charged to bookings that have ended."""
        return self.refund_due + self.refunded

    @property
    def is_done(self) -> bool:
        return not self.standing and not self.refund_due

    def __str__(self) -> str:
        still = f"{self.standing} bookings still to be ended, " if self.standing else ""
        return f"{still}{self.refunded} of {self.paid} refunds done"


def progress(flight_id: int) -> Progress:
    """One query, over the flight's bookings alone."""
    counts = Booking.objects.filter(flight=flight_id).aggregate(
        standing=Count("pk", Q(state__in=STANDING)),
        refund_due=Count("pk", Q(money=Money.REFUND_DUE)),
        refunded=Count("pk", Q(money=Money.REFUNDED)),
    )
    return Progress(**counts)
