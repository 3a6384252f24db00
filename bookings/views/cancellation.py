"""Giving paid seats back: which of them, what goes back for these, and then one button."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render

from bookings import saga
from bookings.errors import (
    BookingError,
    InvalidSeats,
    NotPossible,
    QuoteEnded,
    QuoteNotFound,
)
from bookings.fares import Terms
from bookings.saga.cancellation import Quote
from bookings.views.browser import identified
from bookings.views.refusals import guarded
from bookings.views.shown_booking import Shown, own_booking
from flights.htmx import HtmxRequest
from flights.money import Money

NOTHING_DONE = "Nothing was cancelled: that took too long, or something has changed since."


@dataclass
class Asked:
    """What somebody wants to give back, and what goes back for it or why not."""

    shown: Shown
    # Nothing where nobody was asked yet.
    seats: Sequence[str] | None
    quote: Quote | None = None
    refusal: str = ""
    status: int = 200

    @property
    def is_chosen(self) -> bool:
        """The quote is what will be confirmed; or else it is of all seats, just to know."""
        return self.quote is not None and (bool(self.seats) or not self.shown.booking.seats[1:])

    @property
    def price(self) -> Money:
        """What the quoted seats cost."""
        assert self.quote
        cents = self.quote.refund_cents + self.quote.fee_cents
        return Money(cents, self.quote.currency)

    @property
    def terms(self) -> Terms:
        """What was promised for these seats."""
        return replace(self.shown.terms, cost=self.price)

    @property
    def until(self) -> dt.datetime:
        """How long the quote holds, as the clocks show it where one departs."""
        assert self.quote
        return self.quote.valid_until.astimezone(self.shown.flight.origin.zone)

    @property
    def staying(self) -> list[str]:
        """The seats that stay booked."""
        assert self.quote
        return [seat for seat in self.shown.booking.seats if seat not in self.quote.seats]

    @property
    def had_back_cents(self) -> int:
        """What staff gave back of their price before."""
        return max(0, -self.shown.booking.kept_cents)


@guarded
@identified
def cancellation(
    request: HtmxRequest, booking_id: UUID, *, browser_id: UUID | None
) -> HttpResponse:
    """What goes back for the seats that the address names; sent, they are given back."""
    if request.method != "POST":
        said = request.GET
        seats = said.getlist("seats") if {"seats", "asked"} & said.keys() else None
        return _answer(request, _asked(booking_id, browser_id, seats))
    quote_id = request.POST.get("quote", "")
    try:
        saga.cancel_as_quoted(booking_id=booking_id, quote_id=quote_id, browser_id=browser_id)
    except (QuoteEnded, QuoteNotFound, NotPossible) as refused:
        asked = _asked(booking_id, browser_id, request.POST.getlist("seats") or None)
        return _answer(request, _anew(asked, refused))
    return redirect("booking", booking_id)


def _asked(booking_id: UUID, browser_id: UUID | None, seats: Sequence[str] | None) -> Asked:
    """Raises BookingNotFound, NotYours."""
    shown = own_booking(booking_id, browser_id)
    asked = Asked(shown, seats)
    try:
        asked.quote = saga.quote_cancellation(
            booking_id=booking_id, seats=seats, browser_id=browser_id
        )
    except (InvalidSeats, NotPossible, QuoteEnded) as refused:
        asked.refusal, asked.status = refused.message, refused.status
    return asked


def _anew(asked: Asked, refused: BookingError) -> Asked:
    """The same after a confirmation that was refused."""
    asked.status = refused.status
    if asked.shown.may_cancel:
        now = "This is what goes back now." if asked.quote else asked.refusal
        asked.refusal = f"{NOTHING_DONE} {now}"
    return asked


def _answer(request: HtmxRequest, asked: Asked) -> HttpResponse:
    part = "#cancelling" if request.htmx else ""
    context = {"asked": asked, "booking": asked.shown.booking, "flight": asked.shown.flight}
    return render(request, f"cancellation.html{part}", context, status=asked.status)
