"""Who owns which seat: the rows of SeatClaim, and the locks around them.

Whoever takes seats first takes Postgres' advisory locks for all seats it will touch, always
in one order. Two things follow: nobody waits in a circle, and once the locks are held a
plain read says exactly which seats are taken, so a refusal can name every one. Without them
the primary key would still let nobody in twice; it would only say so less kindly. Giving
seats back needs no lock: it waits for nobody.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from bookings.errors import SeatTaken
from bookings.models import Booking, SeatClaim, State


def database_clock() -> datetime:
    """The only clock that decides anything. Ask after a lock is held, not before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
        return now


def lock_seats(flight_id: int, seats: Iterable[str]) -> datetime:
    """Wait for these seats' advisory locks, held to the end of the transaction.

    Returns the database's time once they are held.
    """
    keys = sorted(_lock_key(flight_id, seat) for seat in seats)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(key), clock_timestamp() FROM unnest(%s::bigint[]) key",
            [keys],
        )
        rows = cursor.fetchall()
    return rows[-1][1] if rows else database_clock()


def claim(*, flight_id: int, booking_id: UUID, prices: Mapping[str, int]) -> None:
    """Make the booking the owner of these seats. The caller holds their advisory locks.

    Raises SeatTaken, naming every seat that is somebody else's; then nothing is claimed.
    """
    taken = owned_by_others(flight_id, booking_id, list(prices))
    if taken:
        raise SeatTaken(taken)
    SeatClaim.objects.bulk_create(
        SeatClaim(flight_id=flight_id, seat=seat, booking_id=booking_id, price_cents=cents)
        for seat, cents in prices.items()
    )


def swap(booking: Booking, prices: Mapping[str, int]) -> None:
    """Replace the seats that a locked booking owns by these. Raises SeatTaken."""
    new = {seat: cents for seat, cents in prices.items() if seat not in booking.seats}
    gone = [seat for seat in booking.seats if seat not in prices]
    lock_seats(booking.flight_id, [*new, *gone])
    owned = SeatClaim.objects.filter(flight_id=booking.flight_id, booking_id=booking.id)
    owned.filter(seat__in=gone).delete()
    if new:
        claim(flight_id=booking.flight_id, booking_id=booking.id, prices=new)


def give_back(bookings: Sequence[Booking]) -> None:
    """End the bookings' ownership of all their seats."""
    SeatClaim.objects.filter(booking_id__in=[booking.id for booking in bookings]).delete()


def owned_by_others(flight_id: int, booking_id: UUID, seats: Sequence[str]) -> list[str]:
    """Those of the seats that another booking owns, in cabin order."""
    claims = SeatClaim.objects.filter(flight_id=flight_id, seat__in=seats)
    owned = claims.exclude(booking_id=booking_id).values_list("seat", flat=True)
    return sorted(owned, key=_row_and_letter)


def owners_overdue(flight_id: int, seats: Iterable[str]) -> set[UUID]:
    """The bookings that hold any of these seats although their time is over."""
    claims = SeatClaim.objects.filter(
        flight_id=flight_id,
        seat__in=list(seats),
        booking__state=State.SEATS_RESERVED,
        booking__due_at__lte=database_clock(),
    )
    return set(claims.values_list("booking_id", flat=True))


def _lock_key(flight_id: int, seat: str) -> int:
    """One number per seat of a flight: the row takes 7 bits, the letter 5."""
    row, letter = _row_and_letter(seat)
    return (flight_id << 12) | (row << 5) | (ord(letter) - ord("A"))


def _row_and_letter(seat: str) -> tuple[int, str]:
    return int(seat[:-1]), seat[-1]
