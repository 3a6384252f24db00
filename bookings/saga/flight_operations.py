"""What staff do to a flight: block seats, close, reopen, delay.

Each is one transaction under the flight's row lock with one event that names who did it and
why. `version` is the one that somebody saw when deciding (flight_locking.py): of two who delay
it at once, one does. To cancel one is in flight_cancellation, another aircraft in aircraft.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from bookings.errors import NotPossible
from bookings.live import publish
from bookings.models import Kind
from bookings.saga.flight_locking import (
    expire_overdue,
    keep_paid_bookings,
    lock,
    require_not_cancelled,
    require_not_departed,
)
from bookings.saga.outbox import write_to_all
from bookings.saga.statements import retried
from bookings.seats import claims
from bookings.seats.choice import chosen_seats
from flights import history
from flights.models import Flight

LONGEST_DELAY_MINUTES = 3 * 24 * 60


@retried
def block_seats(*, flight_id: int, seats: Sequence[str], by: str, reason: str) -> Flight:
    """Keep seats from everybody, all of them or none.

    Raises FlightNotFound, InvalidSeats, SeatTaken (held, sold or blocked already), NotPossible.
    """
    expire_overdue(flight_id, seats)
    with transaction.atomic(durable=True):
        flight, now = lock(flight_id)
        chosen_seats(flight, seats, at_least=1)
        if not reason.strip():
            raise NotPossible("Please say why the seats are blocked.")
        claims.block(flight, seats, reason)
        blocks = dict.fromkeys(seats, reason[:200])
        history.record(flight, "blocked", at=now, by=by, reason=reason, changes={"blocks": blocks})
    publish.seats_changed(flight.pk)
    return flight


@retried
def unblock_seats(*, flight_id: int, seats: Sequence[str], by: str, reason: str = "") -> Flight:
    """Let blocked seats be sold again, all of them or none.

    Raises FlightNotFound, InvalidSeats, NotPossible (not blocked).
    """
    with transaction.atomic(durable=True):
        flight, now = lock(flight_id)
        chosen_seats(flight, seats, at_least=1)
        freed = claims.unblock(flight, seats)
        if others := [seat for seat in seats if seat not in freed]:
            raise NotPossible(f"Not blocked: {', '.join(others)}.")
        blocks = dict.fromkeys(freed)
        history.record(
            flight, "unblocked", at=now, by=by, reason=reason, changes={"blocks": blocks}
        )
    publish.seats_changed(flight.pk)
    return flight


@retried
def close_flight(
    *, flight_id: int, by: str, reason: str = "", version: int | None = None
) -> Flight:
    """Sell no more seats. Bookings stay as they are; holds can still be paid.

    Once it returns no new hold commits. Raises FlightNotFound, NotPossible.
    """
    with transaction.atomic(durable=True):
        flight, now = lock(flight_id, version)
        if not flight.on_sale:
            raise NotPossible("This flight is closed for sale already.")
        history.change(flight, "closed", at=now, by=by, reason=reason, on_sale=False)
    publish.flight_changed(flight)
    return flight


@retried
def reopen_flight(
    *, flight_id: int, by: str, reason: str = "", version: int | None = None
) -> Flight:
    """Sell seats again. Raises FlightNotFound, NotPossible."""
    with transaction.atomic(durable=True):
        flight, now = lock(flight_id, version)
        require_not_cancelled(flight)
        if flight.on_sale:
            raise NotPossible("This flight is on sale.")
        require_not_departed(flight, now)
        history.change(flight, "reopened", at=now, by=by, reason=reason, on_sale=True)
    publish.flight_changed(flight)
    return flight


@retried
def delay_flight(
    *, flight_id: int, minutes: int, by: str, reason: str = "", version: int | None = None
) -> Flight:
    """Let it depart and arrive so much later; it keeps the day that it is sold under. Whoever has
    paid is told by mail.

    Raises FlightNotFound, NotPossible.
    """
    if not 1 <= minutes <= LONGEST_DELAY_MINUTES:
        raise NotPossible(f"A delay is 1 to {LONGEST_DELAY_MINUTES} minutes.")
    later = timedelta(minutes=minutes)
    with transaction.atomic(durable=True):
        keep_paid_bookings(flight_id)
        flight, now = lock(flight_id, version)
        require_not_cancelled(flight)
        if flight.departure + later <= now:
            raise NotPossible("It would have departed by now, so late is not late enough.")
        event = history.change(
            flight,
            "delayed",
            at=now,
            by=by,
            reason=reason,
            departure=flight.departure + later,
            arrival=flight.arrival + later,
            disruptions=flight.disruptions + 1,
            # What the schedule said is found again by these.
            also={"minutes": minutes},
        )
        write_to_all(event, Kind.FLIGHT_DELAYED)
    publish.flight_changed(flight)
    return flight
