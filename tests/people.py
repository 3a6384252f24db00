"""Flights to sell, time that passes, and a gateway whose mood the test decides."""

from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import Any, NoReturn
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from bookings import saga
from bookings.models import Booking, BookingEvent, LedgerEntry, PaymentStatus, SeatClaim, State
from bookings.payments import GatewayTimeout, SimulatedGateway
from bookings.saga.frame import RECORDED
from flights.locking import lock_row
from flights.models import Airport, CabinLayout, Flight

LAYOUT = """
aircraft Test 320
range 6150 km
speed 830 km/h
cabin economy ABC DEF fare 1
1-30 ABC DEF
"""


def a_layout() -> CabinLayout:
    """The cabin of `a_flight`: 180 seats at one fare."""
    layout, _ = CabinLayout.objects.get_or_create(
        code="test-320", defaults={"source": LAYOUT, "aircraft": "Test 320", "total_seats": 180}
    )
    return layout


# Each kind of seat and all that stands between seats, in as few rows as it takes.
EVERY_KIND = """
aircraft Test of every kind
range 6150 km
speed 830 km/h
cabin business A DF L fare 3, flat bed
-- lavatory | galley | .
-- door
1 A DF L bassinet (D F)
2 A DF L
cabin economy ABC DEF JKL fare 1, pitch 74 cm, recline 12 cm
-- wall
skip 3-11
12 ABC DEF JKL exit, extra legroom, no window (A L)
13 ABC DEF JKL wing, no recline
14 .BC DEF JK.
-- closet | . | lavatory
"""


def every_kind_of_seat() -> CabinLayout:
    """A cabin for whoever looks at seats one by one, which takes long: 33 of them."""
    layout, _ = CabinLayout.objects.get_or_create(
        code="test-kinds",
        defaults={"source": EVERY_KIND, "aircraft": "Test of every kind", "total_seats": 33},
    )
    return layout


def a_flight(number: str = "AF1234", **fields: Any) -> Flight:
    """A flight from Paris to New York, three days from now, 180 seats."""
    paris, _ = Airport.objects.get_or_create(
        code="CDG",
        defaults={
            "name": "Charles de Gaulle",
            "city": "Paris",
            "country": "FR",
            "time_zone": "Europe/Paris",
            "latitude": 49.0,
            "longitude": 2.5,
        },
    )
    new_york, _ = Airport.objects.get_or_create(
        code="JFK",
        defaults={
            "name": "John F. Kennedy",
            "city": "New York",
            "country": "US",
            "time_zone": "America/New_York",
            "latitude": 40.6,
            "longitude": -73.8,
        },
    )
    departure = timezone.now() + timedelta(days=3)
    return Flight.objects.create(
        **{
            "number": number,
            "origin": paris,
            "destination": new_york,
            "departure": departure,
            "arrival": departure + timedelta(hours=8),
            "departure_date": departure.date(),
            "layout": a_layout(),
            "base_fare_cents": 20_000,
            **fields,
        }
    )


def change(booking: Booking, event: str = "time_passed", **columns: Any) -> Booking:
    """Change columns of a booking behind the saga's back, with the event that tells of it."""
    with transaction.atomic():
        locked, now = lock_row(Booking, booking.pk)
        recorded = {name: _recorded(columns[name]) for name in RECORDED if name in columns}
        Booking.objects.filter(pk=locked.pk).update(version=locked.version + 1, **columns)
        BookingEvent.objects.create(
            booking=locked,
            number=locked.version + 1,
            at=now,
            name=event,
            by="test",
            changes=recorded,
        )
    return Booking.objects.get(pk=locked.pk)


def _recorded(value: Any) -> Any:
    return (
        f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z" if isinstance(value, datetime) else value
    )


def let_time_pass(booking: Booking, seconds: float) -> None:
    """Move the booking's timers into the past: for it, that much time has gone by."""
    with transaction.atomic():
        locked, _ = lock_row(Booking, booking.pk)
        if locked.due_at is None:  # Real workers were faster.
            return
        past = timedelta(seconds=seconds)
        change(booking, due_at=locked.due_at - past)
        Booking.objects.filter(pk=booking.pk).update(created_at=locked.created_at - past)


def run_out(booking: Booking) -> None:
    """Let the booking's present timer run out this very moment."""
    booking.refresh_from_db()
    if booking.due_at is None:
        return
    let_time_pass(booking, max(0.0, (booking.due_at - timezone.now()).total_seconds()) + 0.001)


def settle(booking: Booking, steps: int = 12) -> Booking:
    """Take every step that is left, letting each pause and lease run out at once."""
    for _ in range(steps):
        booking.refresh_from_db()
        if booking.due_at is None:
            return booking
        run_out(booking)
        saga.advance(booking.pk)
    raise AssertionError(f"{booking.pk} is still {booking.state}, {booking.payment_status}")


def a_hold(flight: Flight, *seats: str, browser_id: UUID | None = None) -> Booking:
    """Alice holds these seats; without a `browser_id`, by the API."""
    return saga.hold_seats(flight_id=flight.pk, seats=seats or ("12A",), browser_id=browser_id)


def named(booking: Booking, *names: str, email: str = "") -> Booking:
    """The same, with its passengers named; adults only, by their family names."""
    said = [
        saga.Said(seat, family=name)
        for seat, name in zip_longest(booking.seats, names, fillvalue="Alice")
    ]
    by = booking.browser_id
    return saga.name_passengers(booking_id=booking.pk, said=said, email=email, browser_id=by)


def a_payment(
    flight: Flight,
    *seats: str,
    code: str = "00000",
    browser_id: UUID | None = None,
    **contact: str,
) -> Booking:
    """Alice holds these seats and has just pressed pay."""
    hold = a_hold(flight, *seats, browser_id=browser_id)
    return saga.start_payment(booking_id=hold.pk, code=code, browser_id=browser_id, **contact)


def a_confirmed_booking(flight: Flight, *seats: str, browser_id: UUID | None = None) -> Booking:
    """Alice holds these seats, pays, and has them."""
    return settle(a_payment(flight, *seats, browser_id=browser_id))


def owned(booking: Booking) -> list[str]:
    """The seats the booking owns now."""
    claims = SeatClaim.objects.filter(booking=booking)
    return sorted(claims.values_list("seat", flat=True))


def charged_cents(booking: Booking) -> int:
    """What the gateway's ledger says stays charged for the booking."""
    entries = LedgerEntry.objects.filter(key__startswith=str(booking.pk), status="approved")
    return sum(entry.amount_cents - sum(entry.refunds.values()) for entry in entries)


def standing(booking: Booking) -> tuple[State, PaymentStatus]:
    """The booking's state and money, fresh from the database."""
    booking.refresh_from_db()
    return State(booking.state), PaymentStatus(booking.payment_status)


class AnotherGateway(SimulatedGateway):
    """The simulated gateway by another name: not a demo."""


class MoodyGateway(SimulatedGateway):
    """The simulated gateway, but its next fates are decided by the test; silence takes no time."""

    fates: list[str] = []
    answers_lookups = True
    refunds = True

    def fall_silent(self) -> NoReturn:
        raise GatewayTimeout

    def fate(self, code: str) -> str:
        return self.fates.pop(0) if self.fates else super().fate(code)

    def lookup(self, *, key: str) -> Any:
        if not self.answers_lookups:
            raise ConnectionError("the gateway is on fire")
        return super().lookup(key=key)

    def void(self, *, key: str) -> None:
        self._burn()
        super().void(key=key)

    def refund(self, **about: Any) -> None:
        self._burn()
        super().refund(**about)

    def _burn(self) -> None:
        if not self.refunds:
            raise ConnectionError("the gateway is on fire")
