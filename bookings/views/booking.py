"""One booking, from the hold to its end: paying, progress, result, and trying again."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from bookings import saga
from bookings.errors import BookingError, OpenBookingExists, SeatTaken
from bookings.models import Booking, Outcome, PaymentAttempt, State
from bookings.payments import ALWAYS_APPROVED, ALWAYS_DECLINED, REFUSED_FOR_GOOD
from bookings.views.browser import identified
from bookings.views.clock import Clock, clock_of, expire_if_due_now
from bookings.views.forms import PaymentForm
from bookings.views.refusals import guarded
from flights.clock import database_clock
from flights.htmx import HtmxRequest

SIMULATED = "bookings.payments.SimulatedGateway"


@dataclass
class Shown:
    """All that the templates need to draw a booking."""

    booking: Booking
    now: dt.datetime
    form: PaymentForm
    refusal: str = ""

    @property
    def clock(self) -> Clock | None:
        return clock_of(self.booking, self.now)

    @property
    def is_hold(self) -> bool:
        return self.booking.state == State.SEATS_RESERVED

    @property
    def is_paying(self) -> bool:
        return self.booking.state == State.PAYMENT_PROCESSING

    @property
    def may_try_again(self) -> bool:
        ended = (State.FAILED, State.EXPIRED, State.CANCELLED)
        return self.booking.state in ended and bool(self.booking.seats) and self.is_sold

    @property
    def is_sold(self) -> bool:
        """Seats of the flight can still be had."""
        return self.booking.flight.is_sold_at(self.now)

    @cached_property
    def attempts(self) -> list[PaymentAttempt]:
        return list(self.booking.payment_attempts.all())

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
    def seats(self) -> list[tuple[str, str]]:
        """Each seat with what it is like."""
        known = self.booking.flight.layout.parsed.seats
        return [
            (seat, f"{known[seat].cabin}, {known[seat].description}" if seat in known else "")
            for seat in self.booking.seats
        ]


@require_safe
@never_cache
@guarded
def booking(request: HtmxRequest, booking_id: UUID) -> HttpResponse:
    """The booking as it stands."""
    return render(request, "booking.html", _context(_shown(booking_id)))


@require_safe
@never_cache
@guarded
def progress(request: HtmxRequest, booking_id: UUID) -> HttpResponse:
    """The booking again: 204 while it is at the version that the page has seen."""
    shown = _shown(booking_id)
    if request.GET.get("seen") == str(shown.booking.version):
        return HttpResponse(status=204)
    return render(request, "booking.html#booking", _context(shown))


@require_POST
@never_cache
@guarded
def pay(request: HtmxRequest, booking_id: UUID) -> HttpResponse:
    """Start the payment. What is filled in wrongly is refused before anything is spent."""
    form = PaymentForm(request.POST)
    status, refusal = (200, "") if form.is_valid() else (400, "")
    if form.is_valid():
        try:
            saga.start_payment(booking_id=booking_id, **form.cleaned_data)
        except BookingError as error:
            status, refusal = error.status, error.message
            if status == 404:
                raise
    shown = _shown(booking_id)
    shown.form, shown.refusal = form, refusal
    if request.htmx:
        return render(request, "booking.html#booking", _context(shown), status=status)
    if status == 200:
        return redirect("booking", booking_id)
    return render(request, "booking.html", _context(shown), status=status)


@require_POST
@never_cache
@guarded
def cancel(request: HtmxRequest, booking_id: UUID) -> HttpResponse:
    """Give the hold up."""
    saga.cancel(booking_id=booking_id)
    return redirect("booking", booking_id)


@require_POST
@never_cache
@guarded
@identified
def again(request: HtmxRequest, booking_id: UUID, *, browser_id: UUID) -> HttpResponse:
    """Hold an ended booking's seats again; those that others have now are named on the map."""
    old = saga.find_booking(booking_id)
    gone: list[str] = []
    while seats := [seat for seat in old.seats if seat not in gone]:
        try:
            held = saga.hold_seats(flight_id=old.flight_id, seats=seats, browser_id=browser_id)
        except SeatTaken as error:
            gone += error.seats
        except OpenBookingExists:
            return redirect("seat_map", old.flight_id)
        else:
            if gone:
                break
            return redirect("booking", held.id)
    query = urlencode({"gone": ",".join(gone)})
    return redirect(f"{reverse('seat_map', args=[old.flight_id])}?{query}")


def _shown(booking_id: UUID) -> Shown:
    found, now = saga.find_booking(booking_id), database_clock()
    return Shown(expire_if_due_now(found, now), now, PaymentForm())


def _context(shown: Shown) -> dict[str, object]:
    demo = {
        "always": ALWAYS_APPROVED,
        "never": ALWAYS_DECLINED,
        "refused": REFUSED_FOR_GOOD,
        "odds": round(100 * settings.PAYMENT_FAILURE_RATE),
    }
    return {
        "shown": shown,
        "booking": shown.booking,
        "flight": shown.booking.flight,
        "most_attempts": settings.PAYMENT_MAX_ATTEMPTS,
        "attempt_numbers": range(1, settings.PAYMENT_MAX_ATTEMPTS + 1),
        "Outcome": Outcome,
        "demo": demo if settings.PAYMENT_GATEWAY == SIMULATED else None,
    }
