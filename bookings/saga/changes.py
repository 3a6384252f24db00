"""Other seats for a booking that is paid: a second saga, on a confirmed booking.

A change is a booking of its own. It holds the new seats while the old ones stay sold, it is paid
for like any hold, with the same attempts, timers and sweep, and its end (saga/change_end.py) is
one transaction that gives its seats to the booking and the old ones back. Whatever else becomes
of it is what becomes of any hold, and leaves the booking as it was. So it compensates by doing
nothing: only a payment that came too late has to go back.
"""

from collections.abc import Sequence
from functools import partial
from uuid import UUID, uuid4

from bookings.errors import (
    BookingError,
    ChangeMade,
    ChangeNotFound,
    InvalidSeats,
    NotYours,
    OpenChangeExists,
    SeatTaken,
)
from bookings.fares import require_payable, terms_of, total_cents
from bookings.live import publish
from bookings.models import OPEN, Booking, Change, State
from bookings.saga import enqueue
from bookings.saga.change_end import end_change
from bookings.saga.change_transitions import (
    CHANGE_HELD,
    CHANGE_MADE,
    CHANGE_PAYMENT_STARTED,
    EXCHANGED,
)
from bookings.saga.holds import cancel, claim_seats, expire_if_due
from bookings.saga.payment import pay
from bookings.saga.reseating import require_others
from bookings.saga.selling import as_sold, prices_of, said_of
from bookings.saga.statements import begin, look, refusal
from bookings.seats import claims
from bookings.seats.choice import seats_instead
from flights import known_fares
from flights.models import Flight


def start_change(
    *, booking_id: UUID, seats: Sequence[str], browser_id: UUID | None = None
) -> Change:
    """Hold these seats for a paid booking instead of its own; those that it keeps are among them.

    Where it costs nothing the change is made at once. Otherwise the seats are held for
    SEAT_HOLD_SECONDS, and it is made once it is paid for. `browser_id` is who asks. Raises
    BookingNotFound, NotYours, NotPossible, InvalidSeats, SeatTaken, NotOnSale, OpenChangeExists,
    ChangeOutdated.
    """
    seen = _own(booking_id, browser_id)
    hold = partial(as_sold, seen.flight_id, partial(_hold, seen, seats))
    try:
        booking = hold()
    except (OpenChangeExists, SeatTaken) as refused:
        # It may be an open change of its own that has these seats.
        if not (under_way := open_change(seen.pk)):
            raise
        if not expire_if_due(under_way.pk):
            raise OpenChangeExists from refused
        booking = hold()
    enqueue.expiry(booking)
    publish.booking_changed(booking, booking.seats)
    change = find_change(booking_id=booking_id, change_id=booking.pk)
    return change if booking.total_cents else _make(change)


def pay_change(
    *, booking_id: UUID, change_id: UUID, code: str, browser_id: UUID | None = None
) -> Change:
    """Start paying for a change; the result comes later, as its state.

    The same code again changes nothing while it is paid, and once it is. Raises
    InvalidPaymentCode, BookingNotFound, ChangeNotFound, NotYours, ChangeOutdated, FlightCancelled,
    and what `NO_HOLD` says.
    """
    _own(booking_id, browser_id)
    change = find_change(booking_id=booking_id, change_id=change_id)
    # That it is not made already can only be by a crash.
    if change.booking.state == State.SEATS_RESERVED and not change.booking.total_cents:
        return _make(change)
    pay(CHANGE_PAYMENT_STARTED, change_id, code, change_of=booking_id, browser_id=None)
    return find_change(booking_id=booking_id, change_id=change_id)


def give_up_change(*, booking_id: UUID, change_id: UUID, browser_id: UUID | None = None) -> None:
    """Let the new seats go; the booking keeps those that it has. Again: the same answer.

    Raises BookingNotFound, ChangeNotFound, NotYours, and what `NO_HOLD` says.
    """
    _own(booking_id, browser_id)
    find_change(booking_id=booking_id, change_id=change_id)
    cancel(booking_id=change_id, change_of=booking_id)


def look_at_change(*, booking_id: UUID, change_id: UUID, browser_id: UUID | None = None) -> Change:
    """A change as it stands; a hold that is over says so. `browser_id` is who asks.

    Raises BookingNotFound, NotYours, ChangeNotFound.
    """
    _own(booking_id, browser_id)
    expire_if_due(find_change(booking_id=booking_id, change_id=change_id).pk)
    return find_change(booking_id=booking_id, change_id=change_id)


def find_change(*, booking_id: UUID, change_id: UUID) -> Change:
    """A change of this booking. Raises ChangeNotFound."""
    found = Change.objects.select_related("booking").filter(
        pk=change_id, booking__change_of=booking_id
    )
    if change := found.first():
        return change
    raise ChangeNotFound


def open_change(booking_id: UUID) -> Change | None:
    """The booking's change that is neither made nor given up, if there is one."""
    of_it = Change.objects.select_related("booking").filter(booking__change_of=booking_id)
    return of_it.filter(booking__state__in=OPEN).first()


def _own(booking_id: UUID, browser_id: UUID | None) -> Booking:
    seen = look(booking_id)
    if not seen.is_of(browser_id):
        raise NotYours
    return seen


def _hold(seen: Booking, seats: Sequence[str], flight: Flight) -> Booking:
    itself = {
        "change_of": seen.pk,
        "from_flight": seen.flight_id,
        "from_layout": flight.layout_id,
        "before": seen.seats,
    }
    # That it cannot be changed at all says more than what is wrong with the seats.
    if refused := refusal(EXCHANGED, seen.pk, back=0, **itself):
        raise refused
    prices = prices_of(flight, seats)
    require_others(seen, list(prices))
    if flight.currency != seen.currency:
        raise InvalidSeats(f"This flight is sold in {flight.currency} now.")
    had = claims.prices_of(seen)
    fare = known_fares.get(seen.fare_id)
    new_total = total_cents({seat: had.get(seat, prices[seat]) for seat in prices}, fare)
    difference = terms_of(seen, flight).difference_cents(new_total, seen.now)
    require_payable(seen.paid_for_cents + difference)
    exits = flight.layout.parsed.exit_row_seats
    instead = seats_instead(seen.passengers, seen.seats, list(prices), exits)
    new = {seat: prices[seat] for seat in instead.values()}
    booking = Booking(id=uuid4(), flight_id=flight.pk, seats=list(new))
    wanted = {
        **itself,
        **said_of(flight, new, fare),
        **claims.in_order(new),
        "seats": booking.seats,
        "replaced": list(instead),
        "total": max(0, difference),
        "new_total": new_total,
        # Never what staff have given back already.
        "back": max(0, min(-difference, seen.paid_for_cents)),
    }
    commit = partial(begin, CHANGE_HELD, id=booking.pk, browser_id=None, **wanted)
    return claim_seats(booking, booking.seats, commit)


def _make(change: Change) -> Change:
    """Make one that costs nothing, or give it up; of two who do it at once, one does."""
    booking_id = change.booking.change_of_id
    assert booking_id
    try:
        end_change(change, CHANGE_MADE)
    except BookingError:
        try:
            cancel(booking_id=change.pk, change_of=booking_id)
        except ChangeMade:
            return find_change(booking_id=booking_id, change_id=change.pk)
        raise
    return find_change(booking_id=booking_id, change_id=change.pk)
