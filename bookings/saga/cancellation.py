"""Giving back what is paid: first a quote, which says what goes back, and then its confirmation.

A quote is kept nowhere. It is a signed text that says of which version of the booking it is, so
that whoever confirms it gets what was quoted, or is told that something has changed.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from uuid import UUID

from django.core import signing

from bookings.errors import InvalidSeats, NotYours, QuoteEnded, QuoteNotFound
from bookings.fares import terms_of, total_cents
from bookings.live import publish
from bookings.models import Booking, State
from bookings.models.passengers import Passengers, everybody, lead, written
from bookings.saga import enqueue
from bookings.saga.naming import contact_of, named
from bookings.saga.statements import look, make, refusal
from bookings.saga.transition import Transition
from bookings.saga.transitions import CANCELLED_AS_QUOTED, SEATS_CANCELLED
from bookings.seats import claims, locks
from flights import known_fares
from flights.models import Flight
from flights.money import share

VALID = dt.timedelta(minutes=15)
LEFT_ALONE = "A child cannot travel without an adult. Please cancel the child's seat as well."


@dataclass(frozen=True)
class Quote:
    """What goes back for seats of a booking, if it is confirmed in time."""

    seats: Sequence[str]
    refund_cents: int
    # What is kept of their price.
    fee_cents: int
    currency: str
    valid_until: dt.datetime
    # What it is about: another departure, say, has other conditions.
    departure: dt.datetime
    version: int
    # Whether no seat is left.
    is_all: bool
    id: str = ""

    @property
    def status(self) -> State:
        """Where the booking stands once this is confirmed."""
        return State.CANCELLED if self.is_all else State.CONFIRMED


def quote_cancellation(
    *, booking_id: UUID, seats: Sequence[str] | None = None, browser_id: UUID | None = None
) -> Quote:
    """What goes back if some of a paid booking's seats are given back, or all of them.

    `browser_id` is who asks. Raises BookingNotFound, NotYours, InvalidSeats, and NotPossible where
    it is not paid, or its flight has left or is cancelled.
    """
    seen = look(booking_id)
    flight = Flight.objects.select_related("origin").get(pk=seen.flight_id)
    given = _given(seen, seats)
    rest = _rest(seen, given)
    # Never what the seats that stay have cost.
    price = seen.total_cents - rest
    back, until = _back(seen, flight, price)
    # Staff may have given back more than these have cost.
    refund = max(0, min(back, price + seen.kept_cents))
    fee = price - refund
    quote = Quote(
        given, refund, fee, seen.currency, until, flight.departure, seen.version,
        is_all=len(given) == len(seen.seats),
    )  # fmt: skip
    about = {"by": "customer", "browser_id": browser_id, "flight": flight.pk}
    if refused := refusal(_transition(quote), booking_id, **_said(quote), **about):
        raise refused
    return replace(quote, id=_signed(booking_id, quote))


def cancel_as_quoted(*, booking_id: UUID, quote_id: str, browser_id: UUID | None = None) -> Quote:
    """Give back what was quoted, at what was quoted; again: the same answer.

    Raises QuoteNotFound, QuoteEnded, also where the booking has changed since, BookingNotFound,
    NotYours, and NotPossible where its flight has left or is cancelled.
    """
    quote = _read(booking_id, quote_id)
    seen = look(booking_id)
    detail = f"Quote {hashlib.sha256(quote_id.encode()).hexdigest()[:12]}"
    if seen.version != quote.version:
        _require_done(seen, quote, browser_id, detail)
        return quote
    left = {} if quote.is_all else _left(seen, quote)
    about = {"browser_id": browser_id, "detail": detail, **_said(quote), **left}
    booking = make(_transition(quote), booking_id, **about)
    locks.release(booking, quote.seats)
    publish.booking_changed(booking, quote.seats)
    if booking.due_at:
        enqueue.due_payments()
    enqueue.mail(booking)
    return quote


def _transition(quote: Quote) -> Transition:
    return CANCELLED_AS_QUOTED if quote.is_all else SEATS_CANCELLED


def _said(quote: Quote) -> dict[str, object]:
    return {
        "version": quote.version,
        "refund": quote.refund_cents,
        "until": quote.valid_until,
        "departure": quote.departure,
    }


def _given(seen: Booking, seats: Sequence[str] | None) -> list[str]:
    """Which of its seats, in their order; all where none are named."""
    if seats is None:
        return list(seen.seats)
    if not seats:
        raise InvalidSeats("Choose at least one seat.")
    if len(set(seats)) != len(seats):
        raise InvalidSeats("Each seat can be chosen only once.")
    if unknown := sorted(set(seats) - set(seen.seats)):
        raise InvalidSeats(f"Seat {unknown[0][:10]} is not of this booking.")
    staying = _staying(seen, seats)
    if any(everybody(staying)) and lead(staying) is None:
        raise InvalidSeats(LEFT_ALONE)
    return [seat for seat in seen.seats if seat in seats]


def _staying(seen: Booking, given: Sequence[str]) -> Passengers:
    """Who travels all the same; an infant goes with its adult."""
    seated = zip(seen.seats, seen.passengers, strict=bool(seen.passengers))
    return tuple(one for seat, one in seated if seat not in given)


def _rest(seen: Booking, given: Sequence[str]) -> int:
    """What the other seats cost, in cents."""
    prices = claims.prices_of(seen)
    left = {seat: cents for seat, cents in prices.items() if seat not in given}
    return total_cents(left, known_fares.get(seen.fare_id)) if left else 0


def _back(seen: Booking, flight: Flight, price: int) -> tuple[int, dt.datetime]:
    """What goes back of a price by the fare's conditions, and until when that is so."""
    terms = terms_of(seen, flight)
    soon = min(seen.now + VALID, flight.departure)
    if terms.refund_until is None or terms.refund_until <= seen.now:
        return 0, soon
    return share(price, terms.fare.refund_percent), min(soon, terms.refund_until)


def _left(seen: Booking, quote: Quote) -> dict[str, object]:
    """The booking with the seats that stay, and whoever sits there."""
    staying = _staying(seen, quote.seats)
    names = named(everybody(staying), lead(staying)) if staying else [seen.name]
    return {
        "flight": seen.flight_id,
        "seats": [seat for seat in seen.seats if seat not in quote.seats],
        "total": _rest(seen, quote.seats),
        "passengers": written(staying),
        "new": [],
        "cents": [],
        **contact_of(names, seen.email),
    }


def _require_done(seen: Booking, quote: Quote, browser_id: UUID | None, detail: str) -> None:
    """That it was this quote after which the booking is another one. Raises QuoteEnded."""
    if not seen.is_of(browser_id):
        raise NotYours
    name = _transition(quote).event
    event = seen.events.filter(number=quote.version + 1, name=name, detail=detail)
    if not event.exists():
        raise QuoteEnded


def _signed(booking_id: UUID, quote: Quote) -> str:
    said = json.dumps(astuple(quote)[:-1], default=dt.datetime.isoformat)
    return signing.dumps(said, salt=_salt(booking_id), compress=True)


def _read(booking_id: UUID, quote_id: str) -> Quote:
    try:
        said = json.loads(signing.loads(quote_id, salt=_salt(booking_id)))
    except signing.BadSignature:
        raise QuoteNotFound from None
    seats, refund, fee, currency, until, departure, version, is_all = said
    until, departure = map(dt.datetime.fromisoformat, (until, departure))
    return Quote(seats, refund, fee, currency, until, departure, version, is_all, quote_id)


def _salt(booking_id: UUID) -> str:
    return f"bookings.quote:{booking_id}"
