"""What staff do to a flight: block seats, close, reopen, delay, cancel.

Each is one transaction under the flight's row lock with one event that names who did it and
why. Cancelling then ends the flight's bookings one by one, each in its own transaction, so it
can stop anywhere: the flight says `unwinding` until none is left, and the sweep goes on.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction

from bookings import claims
from bookings.claims import OVERDUE
from bookings.errors import BookingError, FlightNotFound, InvalidSeats, NotPossible
from bookings.live import publish
from bookings.models import OPEN, Booking, SeatClaim, State
from bookings.saga import alarm
from bookings.saga.holds import expire_if_due
from bookings.saga.moves import retried
from bookings.saga.operators import cancel_and_refund, terminate
from flights import history
from flights.cabins import parse
from flights.models import Flight

log = logging.getLogger(__name__)

# What a cancelled flight must not have.
STANDING = (*OPEN, State.CONFIRMED)
LONGEST_DELAY_MINUTES = 3 * 24 * 60


@retried
def block_seats(*, flight_id: int, seats: Sequence[str], by: str, reason: str) -> Flight:
    """Keep seats from everybody, all of them or none.

    Raises FlightNotFound, InvalidSeats, SeatTaken (held, sold or blocked already), NotPossible.
    """
    expire_overdue(flight_id, seats)
    with transaction.atomic(durable=True):
        flight, now = lock(flight_id)
        _require_seats(flight, seats)
        if not reason.strip():
            raise NotPossible("Please say why the seats are blocked.")
        claims.block(flight, seats, reason)
        blocks = dict.fromkeys(seats, reason[:200])
        history.record(flight, "blocked", at=now, by=by, reason=reason, changes={"blocks": blocks})
    publish.seats_changed(flight)
    return flight


@retried
def unblock_seats(*, flight_id: int, seats: Sequence[str], by: str, reason: str = "") -> Flight:
    """Let blocked seats be sold again, all of them or none.

    Raises FlightNotFound, InvalidSeats, NotPossible (not blocked).
    """
    with transaction.atomic(durable=True):
        flight, now = lock(flight_id)
        _require_seats(flight, seats)
        freed = claims.unblock(flight, seats)
        if others := [seat for seat in seats if seat not in freed]:
            raise NotPossible(f"Not blocked: {', '.join(others)}.")
        blocks = dict.fromkeys(freed)
        history.record(
            flight, "unblocked", at=now, by=by, reason=reason, changes={"blocks": blocks}
        )
    publish.seats_changed(flight)
    return flight


@retried
def close_flight(*, flight_id: int, by: str, reason: str = "") -> Flight:
    """Sell no more seats. Bookings stay as they are; holds can still be paid.

    Once it returns no new hold commits. Raises FlightNotFound, NotPossible.
    """
    with transaction.atomic(durable=True):
        flight, now = lock(flight_id)
        if not flight.on_sale:
            raise NotPossible("This flight is closed for sale already.")
        history.change(flight, "closed", at=now, by=by, reason=reason, on_sale=False)
    publish.flight_changed(flight)
    return flight


@retried
def reopen_flight(*, flight_id: int, by: str, reason: str = "") -> Flight:
    """Sell seats again. Raises FlightNotFound, NotPossible."""
    with transaction.atomic(durable=True):
        flight, now = lock(flight_id)
        require_not_cancelled(flight)
        if flight.on_sale:
            raise NotPossible("This flight is on sale.")
        require_not_departed(flight, now)
        history.change(flight, "reopened", at=now, by=by, reason=reason, on_sale=True)
    publish.flight_changed(flight)
    return flight


@retried
def delay_flight(*, flight_id: int, minutes: int, by: str, reason: str = "") -> Flight:
    """Let it depart and arrive so much later; it keeps the day that it is sold under.

    Raises FlightNotFound, NotPossible.
    """
    if not 1 <= minutes <= LONGEST_DELAY_MINUTES:
        raise NotPossible(f"A delay is 1 to {LONGEST_DELAY_MINUTES} minutes.")
    later = timedelta(minutes=minutes)
    with transaction.atomic(durable=True):
        flight, now = lock(flight_id)
        require_not_cancelled(flight)
        if flight.departure + later <= now:
            raise NotPossible("It would have departed by now, so late is not late enough.")
        history.change(
            flight,
            "delayed",
            at=now,
            by=by,
            reason=reason,
            departure=flight.departure + later,
            arrival=flight.arrival + later,
            # What the schedule said is found again by these.
            also={"minutes": minutes},
        )
    publish.flight_changed(flight)
    return flight


@retried
def cancel_flight(*, flight_id: int, by: str, reason: str = "") -> Flight:
    """Cancel the flight for ever; its bookings are then ended by `end_bookings`, elsewhere.

    Once it returns no new hold commits. Raises FlightNotFound, NotPossible.
    """
    with transaction.atomic(durable=True):
        flight, now = lock(flight_id)
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
            unwinding=True,
        )
    alarm.unwind(flight_id)
    publish.flight_changed(flight)
    return flight


def end_bookings(flight_id: int, *, most: int = 500) -> int:
    """End up to so many bookings of a cancelled flight; returns how many were ended.

    Whatever may have been charged is given back. Safe to run twice, also at once; nothing
    happens to a flight that is not being cancelled.
    """
    flight = Flight.objects.filter(pk=flight_id, unwinding=True).first()
    if flight is None:
        return 0
    cancelled = flight.events.get(name="cancelled")
    standing = Booking.objects.filter(flight=flight, state__in=STANDING).order_by("pk")
    rows = list(standing.values_list("pk", "state")[:most])
    reason = f"Flight cancelled: {cancelled.reason}" if cancelled.reason else "Flight cancelled"
    ended = sum(_end(booking_id, state, cancelled.by, reason) for booking_id, state in rows)
    if len(rows) < most:
        _finish(flight_id, by=cancelled.by)
    return ended


def expire_overdue(flight_id: int, seats: Sequence[str] | None = None) -> None:
    """Expire the holds on the flight, or on these seats of it, whose time is over."""
    overdue = SeatClaim.objects.filter(OVERDUE, flight_id=flight_id)
    if seats is not None:
        overdue = overdue.filter(seat__in=list(seats))
    for booking_id in overdue.values_list("booking_id", flat=True).distinct():
        assert booking_id is not None
        expire_if_due(booking_id)


def lock(flight_id: int) -> tuple[Flight, datetime]:
    """As history.lock_flight; raises FlightNotFound."""
    try:
        return history.lock_flight(flight_id)
    except Flight.DoesNotExist:
        raise FlightNotFound from None


def require_not_cancelled(flight: Flight) -> None:
    if flight.cancelled_at:
        raise NotPossible("This flight is cancelled, and stays cancelled.")


def require_not_departed(flight: Flight, now: datetime) -> None:
    if flight.departure <= now:
        raise NotPossible("This flight has departed.")


def _require_seats(flight: Flight, seats: Sequence[str]) -> None:
    if not seats or len(set(seats)) != len(seats):
        raise InvalidSeats("Choose at least one seat, and each only once.")
    if unknown := sorted(set(seats) - parse(flight.layout.source).seats.keys()):
        raise InvalidSeats(f"This aircraft has no seat {', '.join(unknown)[:100]}.")


def _end(booking_id: UUID, state: str, by: str, reason: str) -> bool:
    """End one booking, whatever it has become since it was read: an open one may have been
    confirmed, but no confirmed one is ever open again."""
    for use_case in (terminate, cancel_and_refund):
        if use_case is terminate and state not in OPEN:
            continue
        try:
            use_case(booking_id=booking_id, by=by, reason=reason)
        except NotPossible:
            continue
        except (OperationalError, InterfaceError):
            # Somebody holds it, or the database is away: the sweep comes back.
            log.warning("Booking %s of a cancelled flight could not be ended yet", booking_id)
            return False
        except BookingError:
            log.exception("Booking %s of a cancelled flight cannot be ended", booking_id)
            return False
        else:
            return True
    return False


@retried
def _finish(flight_id: int, *, by: str) -> None:
    """The flight's last booking has ended, and no new one can come: say so, once."""
    with transaction.atomic(durable=True):
        flight, now = lock(flight_id)
        if not flight.unwinding:
            return
        if Booking.objects.filter(flight=flight, state__in=STANDING).exists():
            return
        history.change(flight, "bookings_ended", at=now, by=by, unwinding=False)
    publish.flight_changed(flight)
