"""The hold's clock: an absolute end and the time it is now, both by the database's clock."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from bookings.models import HOLDING, Booking
from bookings.saga.holds import expire_if_due
from flights.models import Airport, Flight


@dataclass(frozen=True)
class Clock:
    """When the hold ends, by the database's clock, and what that clock says now."""

    due_at: dt.datetime
    now: dt.datetime
    origin: Airport
    # The whole time that a hold may last is reached: changing seats starts it no more.
    is_last: bool

    @property
    def due(self) -> str:
        """For the script: seconds since 1970."""
        return f"{self.due_at.timestamp():.3f}"

    @property
    def read_at(self) -> str:
        """When this was the time, likewise."""
        return f"{self.now.timestamp():.3f}"

    @property
    def until(self) -> dt.datetime:
        """Without scripts nothing counts down: the time that the clocks show where one departs."""
        return self.due_at.astimezone(self.origin.zone)

    @property
    def place(self) -> str:
        """Whose time that is."""
        return self.origin.city


def clock_of(booking: Booking, flight: Flight, now: dt.datetime) -> Clock | None:
    """The clock of a hold; nothing else has one."""
    if booking.state not in HOLDING or booking.due_at is None:
        return None
    limit = booking.created_at + dt.timedelta(seconds=settings.HOLD_LIMIT_SECONDS)
    return Clock(booking.due_at, now, flight.origin, is_last=booking.due_at >= limit)


def is_over(booking: Booking, now: dt.datetime) -> bool:
    """It is a hold whose time is over, though nobody may have expired it yet."""
    return booking.state in HOLDING and booking.due_at is not None and booking.due_at <= now


def expire_if_due_now(booking: Booking, now: dt.datetime) -> Booking:
    """The booking as it is at this moment: a hold whose time is over is expired first."""
    if is_over(booking, now):
        expire_if_due(booking.id)
        booking.refresh_from_db()
    return booking
