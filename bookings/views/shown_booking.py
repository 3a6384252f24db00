"""A booking as its page shows it, read in one query with its flight and the time."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest
from uuid import UUID

from django.conf import settings
from django.db import connection

from bookings.errors import BookingNotFound, NotYours
from bookings.fares import Terms, choices, terms_of
from bookings.models import (
    COLUMNS,
    Booking,
    Outcome,
    Passenger,
    PaymentAttempt,
    Refund,
    State,
)
from bookings.models.passengers import are_complete
from bookings.payments import ALWAYS_APPROVED, ALWAYS_DECLINED, REFUSED_FOR_GOOD
from bookings.saga.disruptions import is_asked
from bookings.views.clock import Clock, clock_of, expire_if_due_now
from bookings.views.forms import PaymentForm
from bookings.views.passenger_forms import PassengersForm
from flights import known_flights
from flights.models import Flight

SHOWN = f"""
SELECT clock_timestamp(),
    -- What its seats cost in themselves, where another fare can be chosen for them.
    CASE b.state WHEN '{State.SEATS_RESERVED}' THEN ARRAY(
        SELECT price_cents FROM bookings_seatclaim WHERE flight_id = f.id AND booking_id = b.id
    ) END,
    {", ".join(f"b.{column}" for column in COLUMNS)}, {known_flights.COLUMNS}
FROM {known_flights.FROM} JOIN bookings_booking b ON b.flight_id = f.id
WHERE b.id = %s::uuid AND b.change_of_id IS NULL
"""
SIMULATED = "bookings.payments.SimulatedGateway"
# Where the columns of the flight begin.
BEGINS = 2 + len(COLUMNS)


@dataclass
class Shown:
    """All that the templates need to draw a booking."""

    booking: Booking
    flight: Flight
    now: dt.datetime
    # Whether the browser that looks made it: any other sees nothing of a person, and no button.
    is_own: bool
    # Price of each held seat, in cents.
    prices: Sequence[int]
    form: PaymentForm = field(default_factory=PaymentForm)
    # Who travels: asked for as long as somebody is missing, or somebody wants to change it.
    asked: PassengersForm | None = None
    refusal: str = ""
    # For a screen reader, after a change that went well.
    said: str = ""

    @property
    def clock(self) -> Clock | None:
        return clock_of(self.booking, self.flight, self.now)

    @property
    def is_hold(self) -> bool:
        return self.booking.state == State.SEATS_RESERVED

    @property
    def is_paying(self) -> bool:
        return self.booking.state == State.PAYMENT_PROCESSING

    @property
    def may_rename(self) -> bool:
        """Who travels can be said: as one likes of a hold, to be corrected once it is paid."""
        return self.is_own and (self.is_hold or self._is_ahead)

    @property
    def may_cancel(self) -> bool:
        """Its seats can be given back for what its fare promises."""
        return self.is_own and self._is_ahead and not self.flight.cancelled_at

    @property
    def _is_ahead(self) -> bool:
        """Somebody is to fly on it."""
        return self.booking.state == State.CONFIRMED and self.flight.departure > self.now

    @property
    def is_changing(self) -> bool:
        """All are named, and somebody wants to name them otherwise."""
        return self.asked is not None and are_complete(self.booking.passengers)

    @property
    def may_change(self) -> bool:
        """It can get other seats, as long as seats of its flight are sold."""
        return self.is_own and self.booking.state == State.CONFIRMED and self.is_sold

    @property
    def is_asked(self) -> bool:
        """Its flight has changed, and nobody has said yet what becomes of the booking."""
        in_time = self.is_own and self.flight.departure > self.now
        return in_time and is_asked(self.booking, self.flight)

    @property
    def has_ticket(self) -> bool:
        return self.booking.state == State.CONFIRMED and not self.flight.cancelled_at

    @property
    def fares(self) -> list[Terms]:
        """What its seats cost and promise at each fare."""
        return choices(self.booking, self.flight, self.prices)

    @property
    def terms(self) -> Terms:
        """What was sold."""
        return terms_of(self.booking, self.flight)

    @property
    def may_try_again(self) -> bool:
        ended = (State.FAILED, State.EXPIRED, State.CANCELLED)
        return self.booking.state in ended and bool(self.booking.seats) and self.is_sold

    @property
    def is_sold(self) -> bool:
        """Seats of the flight can still be had."""
        return self.flight.is_sold_at(self.now)

    @cached_property
    def attempts(self) -> list[PaymentAttempt]:
        return list(self.booking.payment_attempts.all()) if self.booking.attempts else []

    @cached_property
    def refunds(self) -> list[Refund]:
        """What goes back of what was paid, or has gone."""
        is_paid = self.is_own and self.booking.record_locator
        return list(self.booking.refunds.all()) if is_paid else []

    @property
    def attempt_number(self) -> int:
        """The attempt under way, or the one that comes next."""
        waiting = bool(self.attempts) and self.attempts[-1].outcome is not None
        return min(len(self.attempts) + waiting, settings.PAYMENT_MAX_ATTEMPTS) or 1

    @property
    def next_try_seconds(self) -> int | None:
        """Until the next attempt, rounded up; None while one is under way."""
        last = self.attempts[-1] if self.attempts else None
        if not self.is_paying or last is None or last.outcome is None or not self.booking.due_at:
            return None
        return max(0, -int(-(self.booking.due_at - self.now).total_seconds() // 1))

    @property
    def seats(self) -> list[tuple[str, str, Passenger | None]]:
        """Each seat with what it is like, and for those whose it is with who sits there."""
        known = self.flight.layout.parsed.seats
        named = self.booking.passengers if self.is_own else ()
        return [
            (seat, f"{known[seat].cabin}, {known[seat].description}" if seat in known else "", one)
            for seat, one in zip_longest(self.booking.seats, named)
        ]


def payment_words() -> dict[str, object]:
    """What the forms and the progress of a payment tell besides."""
    demo = {
        "always": ALWAYS_APPROVED,
        "never": ALWAYS_DECLINED,
        "refused": REFUSED_FOR_GOOD,
        "odds": f"{100 * settings.PAYMENT_FAILURE_RATE:.3g}",
    }
    return {
        "most_attempts": settings.PAYMENT_MAX_ATTEMPTS,
        "attempt_numbers": range(1, settings.PAYMENT_MAX_ATTEMPTS + 1),
        "Outcome": Outcome,
        "demo": demo if settings.PAYMENT_GATEWAY == SIMULATED else None,
    }


def shown_booking(booking_id: UUID, browser_id: UUID | None) -> Shown:
    """The booking as it stands, for this browser; a hold whose time is over is expired first.

    Raises BookingNotFound.
    """
    with connection.cursor() as cursor:
        cursor.execute(SHOWN, [booking_id])
        row = cursor.fetchone()
    if row is None:
        raise BookingNotFound
    now, prices = row[:2]
    booking = Booking.from_row(row[2:BEGINS])
    flight = known_flights.as_now(row[BEGINS:])
    is_own = booking.is_of(browser_id)
    return Shown(expire_if_due_now(booking, now), flight, now, is_own, prices or ())


def own_booking(booking_id: UUID, browser_id: UUID | None) -> Shown:
    """The same for whoever may act on it. Raises BookingNotFound, NotYours."""
    shown = shown_booking(booking_id, browser_id)
    if not shown.is_own:
        raise NotYours
    return shown
