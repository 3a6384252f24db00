"""Who owns which seat: the rows of SeatClaim, whose primary key lets nobody in twice.

Nobody waits in a circle here, and so nothing else need be locked. Only an insert ever waits,
for another transaction that touched the same seat; every transaction inserts its claims in
one order, and before it deletes any. So whoever is waited for either waits for a seat
further on in that order, or has all its seats and waits for nobody.

Before its first seat, whoever claims shares a lock of the flight's row, in the same statement.
Whoever changes what is sold (closes the flight, cancels it, swaps the aircraft) takes that
lock for itself: it waits for the claims being made, and the next ones see what it did.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.db.models.functions import Now

from bookings.errors import SeatTaken
from bookings.models import Booking, SeatClaim, State
from flights.cabin.seats import seat_order
from flights.models import Flight

# A hold whose time is over stands in nobody's way: whoever wants its seat expires it.
OVERDUE = Q(booking__state=State.SEATS_RESERVED, booking__due_at__lte=Now())

BLOCK = """
INSERT INTO bookings_seatclaim (flight_id, seat, price_cents, owned, block_reason)
SELECT %s, seat, 0, true, %s FROM unnest(%s::text[]) AS wanted (seat)
ON CONFLICT DO NOTHING
RETURNING seat
"""


class Rival(NamedTuple):
    """Who else has a seat: a booking, perhaps only because nobody has expired it yet, or
    nobody, where the seat is blocked."""

    seat: str
    booking_id: UUID | None
    overdue: bool


def in_order(prices: Mapping[str, int]) -> dict[str, list[str] | list[int]]:
    """Seats to be claimed and their prices, in the order in which everybody claims."""
    ordered = sorted(prices, key=seat_order)
    return {"new": ordered, "cents": [prices[seat] for seat in ordered]}


def prices_of(booking: Booking) -> dict[str, int]:
    """What each seat that the booking owns costs it, in cents."""
    owned = SeatClaim.objects.filter(flight_id=booking.flight_id, booking_id=booking.pk)
    return dict(owned.values_list("seat", "price_cents")) if booking.seats else {}


def block(flight: Flight, seats: Iterable[str], reason: str) -> None:
    """Keep these seats of a locked flight from everybody. Raises SeatTaken, naming each one
    that is somebody else's; the caller's transaction must then not commit."""
    ordered = sorted(seats, key=seat_order)
    with connection.cursor() as cursor:
        cursor.execute(BLOCK, [flight.pk, reason[:200], ordered])
        _require_all(ordered, {seat for (seat,) in cursor})


def unblock(flight: Flight, seats: Iterable[str]) -> list[str]:
    """Let these seats be had again; returns those that were blocked, in cabin order."""
    blocked = SeatClaim.objects.filter(flight=flight, seat__in=list(seats), booking=None)
    freed = sorted(blocked.values_list("seat", flat=True), key=seat_order)
    blocked.delete()
    return freed


def blocked_seats(flight: Flight) -> list[str]:
    """The seats that the airline keeps from everybody."""
    return list(
        SeatClaim.objects.filter(flight=flight, booking=None).values_list("seat", flat=True)
    )


def reseat(flight: Flight, moved: Mapping[str, str]) -> None:
    """Give everybody in these seats another one, whoever of them is there now.

    The caller has the flight's lock and that of every booking that owns a seat on it: nobody
    else touches a claim meanwhile, so that these may be deleted first.
    """
    rows = SeatClaim.objects.filter(flight=flight, seat__in=list(moved))
    owners = list(rows.values_list("seat", "booking_id", "price_cents"))
    rows.delete()
    SeatClaim.objects.bulk_create(
        SeatClaim(flight=flight, seat=moved[seat], booking_id=booking_id, price_cents=cents)
        for seat, booking_id, cents in owners
    )


def rivals(booking: Booking, seats: Iterable[str]) -> list[Rival]:
    """Who else owns any of these seats, in cabin order."""
    claims = SeatClaim.objects.filter(flight_id=booking.flight_id, seat__in=list(seats))
    rows = claims.exclude(booking_id=booking.id).values_list(
        "seat", "booking_id", ExpressionWrapper(OVERDUE, BooleanField())
    )
    found = (Rival(seat, booking_id, bool(overdue)) for seat, booking_id, overdue in rows)
    return sorted(found, key=lambda rival: seat_order(rival.seat))


def _require_all(seats: Sequence[str], claimed: Collection[str]) -> None:
    if len(claimed) < len(seats):
        raise SeatTaken([seat for seat in seats if seat not in claimed])
