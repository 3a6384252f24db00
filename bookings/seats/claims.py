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
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.db.models.functions import Now

from bookings.errors import FlightChanged, NotOnSale, SeatTaken
from bookings.models import Booking, SeatClaim, State
from flights.cabin.seats import seat_order
from flights.models import Flight

# A hold whose time is over stands in nobody's way: whoever wants its seat expires it.
OVERDUE = Q(booking__state=State.SEATS_RESERVED, booking__due_at__lte=Now())

# What is not returned is somebody else's, also if that somebody had to be waited for; nothing
# is returned where the flight is not sold any more with the aircraft that was chosen from.
CLAIM = """
WITH sold AS MATERIALIZED (
    SELECT FROM flights_flight
    WHERE id = %(flight)s AND layout_id = %(layout)s AND (on_sale OR %(closed)s)
        AND cancelled_at IS NULL
    FOR KEY SHARE
)
INSERT INTO bookings_seatclaim (flight_id, seat, booking_id, price_cents, owned)
SELECT %(flight)s, seat, %(booking)s, cents, true
FROM unnest(%(seats)s::text[], %(cents)s::int[]) AS wanted (seat, cents)
WHERE EXISTS (SELECT FROM sold)
ON CONFLICT DO NOTHING
RETURNING seat
"""
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


def claim(booking: Booking, prices: Mapping[str, int], *, closed: bool = False) -> None:
    """Make the booking the owner of these seats of `booking.flight`, as that was read.

    With `closed` also on a flight that is closed for sale. Raises SeatTaken, naming every seat
    that is somebody else's, NotOnSale, and FlightChanged if it has another aircraft by now;
    the caller's transaction must then not commit.
    """
    seats = sorted(prices, key=seat_order)
    wanted: dict[str, Any] = {
        "flight": booking.flight_id,
        "layout": booking.flight.layout_id,
        "closed": closed,
        "booking": booking.id,
        "seats": seats,
        "cents": [prices[seat] for seat in seats],
    }
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, wanted)
        claimed = {seat for (seat,) in cursor}
    if not claimed:
        _require_sold(booking.flight, closed=closed)
    _require_all(seats, claimed)


def swap(booking: Booking, prices: Mapping[str, int], *, closed: bool = False) -> dict[str, int]:
    """Replace the seats that a locked booking owns by these; returns what each costs it.

    A seat that it keeps costs what it was held at, whatever seats cost today. Raises as `claim`.
    """
    owned = SeatClaim.objects.filter(flight_id=booking.flight_id, booking_id=booking.id)
    had = dict(owned.values_list("seat", "price_cents")) if booking.seats else {}
    new = {seat: cents for seat, cents in prices.items() if seat not in had}
    gone = [seat for seat in had if seat not in prices]
    if new:
        claim(booking, new, closed=closed)
    if gone:
        owned.filter(seat__in=gone).delete()
    return {seat: had.get(seat, cents) for seat, cents in prices.items()}


def block(flight: Flight, seats: Iterable[str], reason: str) -> None:
    """Keep these seats of a locked flight from everybody. Raises SeatTaken, as `claim`."""
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
    return sorted(found, key=lambda rival: seat_order(rival.seat))


def _require_sold(flight: Flight, *, closed: bool) -> None:
    now = Flight.objects.only("layout_id", "on_sale", "cancelled_at").get(pk=flight.pk)
    if now.cancelled_at or not (now.on_sale or closed):
        raise NotOnSale
    if now.layout_id != flight.layout_id:
        raise FlightChanged


def _require_all(seats: Sequence[str], claimed: Collection[str]) -> None:
    if len(claimed) < len(seats):
        raise SeatTaken([seat for seat in seats if seat not in claimed])
