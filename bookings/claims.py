"""Who owns which seat: the rows of SeatClaim, whose primary key lets nobody in twice.

Nobody waits in a circle here, and so nothing else need be locked. Only an insert ever waits,
for another transaction that touched the same seat; every transaction inserts its claims in
one order, and before it deletes any. So whoever is waited for either waits for a seat
further on in that order, or has all its seats and waits for nobody.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.db.models.functions import Now

from bookings.errors import SeatTaken
from bookings.models import Booking, SeatClaim, State

# A hold whose time is over stands in nobody's way: whoever wants its seat expires it.
OVERDUE = Q(booking__state=State.SEATS_RESERVED, booking__due_at__lte=Now())

# What is not returned is somebody else's, also if that somebody had to be waited for.
CLAIM = """
INSERT INTO bookings_seatclaim (flight_id, seat, booking_id, price_cents, owned)
SELECT %s, seat, %s, cents, true FROM unnest(%s::text[], %s::int[]) AS wanted (seat, cents)
ON CONFLICT DO NOTHING
RETURNING seat
"""


def database_clock() -> datetime:
    """The only clock that decides anything."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
        return now


class Rival(NamedTuple):
    """Who else has a seat: a booking, perhaps only because nobody has expired it yet, or
    nobody, where the seat is blocked."""

    seat: str
    booking_id: UUID | None
    overdue: bool


def claim(booking: Booking, prices: Mapping[str, int]) -> None:
    """Make the booking the owner of these seats.

    Raises SeatTaken, naming every seat that is somebody else's; the caller's transaction
    must then not commit.
    """
    seats = sorted(prices, key=_row_and_letter)
    cents = [prices[seat] for seat in seats]
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [booking.flight_id, booking.id, seats, cents])
        claimed = {seat for (seat,) in cursor}
    if len(claimed) < len(seats):
        raise SeatTaken([seat for seat in seats if seat not in claimed])


def swap(booking: Booking, prices: Mapping[str, int]) -> None:
    """Replace the seats that a locked booking owns by these. Raises SeatTaken."""
    new = {seat: cents for seat, cents in prices.items() if seat not in booking.seats}
    gone = [seat for seat in booking.seats if seat not in prices]
    if new:
        claim(booking, new)
    if gone:
        owned = SeatClaim.objects.filter(flight_id=booking.flight_id, booking_id=booking.id)
        owned.filter(seat__in=gone).delete()


def give_back(bookings: Sequence[Booking]) -> None:
    """End the bookings' ownership of all their seats."""
    SeatClaim.objects.filter(booking_id__in=[booking.id for booking in bookings]).delete()


def rivals(booking: Booking, seats: Iterable[str]) -> list[Rival]:
    """Who else owns any of these seats, in cabin order."""
    claims = SeatClaim.objects.filter(flight_id=booking.flight_id, seat__in=list(seats))
    rows = claims.exclude(booking_id=booking.id).values_list(
        "seat", "booking_id", ExpressionWrapper(OVERDUE, BooleanField())
    )
    found = (Rival(seat, booking_id, bool(overdue)) for seat, booking_id, overdue in rows)
    return sorted(found, key=lambda rival: _row_and_letter(rival.seat))


def _row_and_letter(seat: str) -> tuple[int, str]:
    return int(seat[:-1]), seat[-1]
