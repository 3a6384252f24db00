"""A flight is cancelled for ever, and its bookings are ended one by one.

Each booking is ended in its own transaction, so it can stop anywhere: the flight says
`ending_bookings` until none is left, and the sweep goes on.
"""

import logging
from typing import NamedTuple
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Count, Q
from django.db.models.expressions import Combinable

from bookings.errors import BookingChanged, BookingError, NotPossible
from bookings.live import publish
from bookings.models import OPEN, Booking, PaymentStatus, State
from bookings.saga import enqueue
from bookings.saga.flight_locking import lock, require_not_cancelled
from bookings.saga.staff import cancel_without_flight, terminate
from bookings.saga.statements import retried
from flights import history
from flights.models import Flight

log = logging.getLogger(__name__)

# What a cancelled flight must not have.
STANDING = (*OPEN, State.CONFIRMED)


@retried
def cancel_flight(
    *, flight_id: int, by: str, reason: str = "", version: int | None = None
) -> Flight:
    """Cancel the flight for ever; its bookings are then ended by `end_bookings`, elsewhere.

    Once it returns no new hold commits. Raises FlightNotFound, NotPossible.
    """
    with transaction.atomic(durable=True):
        flight, now = lock(flight_id, version)
        require_not_cancelled(flight)
        if flight.arrival <= now:
            raise NotPossible("This flight has arrived.")
        history.change(
            flight,
            "cancelled",
            at=now,
            by=by,
            reason=reason,
            on_sale=False,
            cancelled_at=now,
            ending_bookings=True,
        )
    enqueue.end_of_bookings(flight_id)
    publish.flight_changed(flight)
    return flight


def end_bookings(flight_id: int, *, most: int = 500) -> int:
    """End up to so many bookings of a cancelled flight; returns how many were ended.

    Whatever may have been charged is given back. Safe to run twice, also at once; nothing
    happens to a flight that is not being cancelled.
    """
    flight = Flight.objects.filter(pk=flight_id, ending_bookings=True).first()
    if flight is None:
        return 0
    cancelled = flight.events.get(name="cancelled")
    standing = Booking.objects.filter(flight=flight, state__in=STANDING).order_by("pk")
    rows = list(standing.values_list("pk", "version", "state")[:most])
    reason = f"Flight cancelled: {cancelled.reason}" if cancelled.reason else "Flight cancelled"
    ended = sum(_end(*row, cancelled.by, reason) for row in rows)
    if len(rows) < most:
        _finish(flight_id, by=cancelled.by)
    return ended


def flights_to_end(*, since: Combinable) -> list[int]:
    """Cancelled flights whose bookings nobody has finished with, cancelled before `since`."""
    flights = Flight.objects.filter(ending_bookings=True, cancelled_at__lte=since)
    return list(flights.order_by("pk").values_list("pk", flat=True))


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
        refund_due=Count("pk", Q(payment_status=PaymentStatus.REFUND_DUE)),
        refunded=Count("pk", Q(payment_status=PaymentStatus.REFUNDED)),
    )
    return Progress(**counts)


def _end(booking_id: UUID, version: int, state: str, by: str, reason: str) -> bool:
    """End one booking as it was read; one that was changed since is looked at again, as it may
    have been paid, or be on another flight by now."""
    use_case = terminate if state in OPEN else cancel_without_flight
    try:
        use_case(booking_id=booking_id, by=by, reason=reason, version=version)
    except BookingChanged:
        return False
    except (OperationalError, InterfaceError):
        # Somebody holds it, or the database is away: the sweep comes back.
        log.warning("Booking %s of a cancelled flight could not be ended yet", booking_id)
        return False
    except BookingError:
        log.exception("Booking %s of a cancelled flight cannot be ended", booking_id)
        return False
    return True


@retried
def _finish(flight_id: int, *, by: str) -> None:
    """The flight's last booking has ended, and no new one can come: say so, once."""
    with transaction.atomic(durable=True):
        flight, now = lock(flight_id)
        if not flight.ending_bookings:
            return
        if Booking.objects.filter(flight=flight, state__in=STANDING).exists():
            return
        history.change(flight, "bookings_ended", at=now, by=by, ending_bookings=False)
    publish.flight_changed(flight)
