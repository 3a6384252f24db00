"""Flights and their bookings, one's own to the end of the transaction, and what they must be."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import OperationalError, connection
from django.db.models import QuerySet
from psycopg.errors import LockNotAvailable

from bookings.errors import FlightNotFound, NotPossible
from bookings.models import Booking, SeatClaim, State
from bookings.saga.holds import expire_if_due
from bookings.seats.claims import OVERDUE
from flights import history
from flights.models import Flight

KEPT = f"""
SELECT count(*) FROM (
    SELECT FROM bookings_booking WHERE flight_id = %s AND state = '{State.CONFIRMED}'
    ORDER BY id FOR KEY SHARE
) AS kept
"""
CHANGED = "The flight was changed while you were deciding. Nothing was done; please look again."
BUSY = "A booking of this flight is being changed right now. Nothing was done; please try again."


def expire_overdue(flight_id: int, seats: Sequence[str] | None = None) -> None:
    """Expire the holds on the flight, or on these seats of it, whose time is over."""
    overdue = SeatClaim.objects.filter(OVERDUE, flight_id=flight_id)
    if seats is not None:
        overdue = overdue.filter(seat__in=list(seats))
    for booking_id in overdue.values_list("booking_id", flat=True).distinct():
        assert booking_id is not None
        expire_if_due(booking_id)


def lock(flight_id: int, version: int | None = None) -> tuple[Flight, datetime]:
    """As history.lock_flight; `version` is how many events somebody saw of it who then decided.

    Raises FlightNotFound, and NotPossible where there are others by now.
    """
    try:
        flight, now = history.lock_flight(flight_id)
    except Flight.DoesNotExist:
        raise FlightNotFound from None
    if version is not None and version != flight.events.count():
        raise NotPossible(CHANGED)
    return flight, now


def lock_all(flight_ids: Iterable[int]) -> dict[int, tuple[Flight, datetime]]:
    """Several as by `lock`, in the one order in which everybody does."""
    return {flight_id: lock(flight_id) for flight_id in sorted(set(flight_ids))}


def lock_bookings(chosen: QuerySet[Booking]) -> list[Booking]:
    """These bookings, locked. Raises NotPossible where somebody else has one: nobody is waited
    for while a flight is locked, as whoever has a booking may be waiting for the flight."""
    try:
        return list(chosen.order_by("pk").select_for_update(nowait=True))
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise NotPossible(BUSY) from error
        raise


def keep_paid_bookings(flight_id: int) -> None:
    """Have nobody change the flight's paid bookings, without reading them: what refers to them is
    then written without a wait. Before the flight is locked: so everybody locks them."""
    with connection.cursor() as cursor:
        cursor.execute(KEPT, [flight_id])


def require_not_cancelled(flight: Flight) -> None:
    if flight.cancelled_at:
        raise NotPossible("This flight is cancelled, and stays cancelled.")


def require_not_departed(flight: Flight, now: datetime) -> None:
    if flight.departure <= now:
        raise NotPossible("This flight has departed.")
