"""A hold: seats owned for SEAT_HOLD_SECONDS, from the first click to payment or expiry."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from uuid import UUID, uuid4

from bookings.errors import (
    BookingCancelled,
    BookingChanged,
    BookingNotFound,
    HoldExpired,
    InvalidSeats,
    OpenBookingExists,
    SeatTaken,
)
from bookings.fares import chosen_fare
from bookings.live import publish
from bookings.models import OPEN, OWNING, Booking
from bookings.models.passengers import written
from bookings.saga import enqueue
from bookings.saga.selling import as_sold, prices_of, said_of
from bookings.saga.statements import begin, look, make, make_due, try_to
from bookings.saga.transition import Transition
from bookings.saga.transitions import CANCELLED_BY_CUSTOMER, HELD, HOLD_EXPIRED, SEATS_CHANGED
from bookings.seats import claims, locks
from bookings.seats.choice import with_other_seats
from flights.models import Flight

TRIES = 3


def hold_seats(
    *,
    flight_id: int,
    seats: Sequence[str],
    fare: str | None = None,
    browser_id: UUID | None = None,
) -> Booking:
    """Hold all these seats for SEAT_HOLD_SECONDS, or none of them; never past the departure.

    `fare` is the code of one, of Standard where none is named. Raises FlightNotFound, NotOnSale,
    InvalidSeats, InvalidFare, SeatTaken, OpenBookingExists.
    """
    if not seats:
        raise InvalidSeats

    hold = partial(as_sold, flight_id, partial(_hold, seats, fare, browser_id))
    try:
        booking = hold()
    except OpenBookingExists:
        mine = browser_id and open_booking(flight_id=flight_id, browser_id=browser_id)
        if not mine or not expire_if_due(mine.pk):
            raise
        booking = hold()
    enqueue.expiry(booking)
    publish.booking_changed(booking, booking.seats)
    return booking


def update_seats(
    *,
    booking_id: UUID,
    seats: Sequence[str],
    fare: str | None = None,
    version: int | None = None,
    browser_id: UUID | None = None,
) -> Booking:
    """Replace the held seats by these, all or nothing, and start the hold's clock again.

    An empty list gives all back and leaves the booking open. Its fare stays unless one is named.
    `version` is the one the caller saw, `browser_id` who asks. Raises as `hold_seats`, and
    BookingNotFound, NotYours, BookingChanged and what `NO_HOLD` says. Whatever is raised, the old
    seats and timer stay.
    """

    def update(seen: Booking) -> Booking:
        return as_sold(seen.flight_id, partial(_update, seats, fare, seen, browser_id))

    booking = as_seen(booking_id, version, update)
    enqueue.expiry(booking)
    return booking


def cancel(
    *, booking_id: UUID, browser_id: UUID | None = None, change_of: UUID | None = None
) -> Booking:
    """Give the hold up, or that of a change; `browser_id` says who. Again: the same answer.

    Raises BookingNotFound, NotYours, and what `NO_HOLD` says.
    """
    whose = {"browser_id": browser_id, "change_of": change_of}
    try:
        with expiring_if_due(booking_id):
            booking = make(CANCELLED_BY_CUSTOMER, booking_id, **whose)
    except BookingCancelled:
        return look(booking_id)
    freed_seats(booking)
    return booking


def expire_if_due(booking_id: UUID) -> bool:
    """Expire one hold whose time is over; anything else is left alone."""
    if effect := expiry_step(booking_id):
        effect()
    return effect is not None


def expiry_step(booking_id: UUID) -> Callable[[], None] | None:
    """Expire one hold whose time is over; what is to be done after the commit."""
    booking = try_to(HOLD_EXPIRED, booking_id)
    return partial(freed_seats, booking) if booking else None


def expire_due(most: int) -> int:
    """Expire up to `most` holds whose time is over, oldest first; returns how many."""
    expired = make_due(HOLD_EXPIRED, most)
    for booking in expired:
        freed_seats(booking)
    return len(expired)


def find_booking(booking_id: UUID) -> Booking:
    """The booking with its flight, not locked. Raises BookingNotFound."""
    related = Booking.objects.select_related("flight__layout")
    booking = related.filter(pk=booking_id, change_of=None).first()
    if booking is None:
        raise BookingNotFound
    return booking


def open_booking(*, flight_id: int, browser_id: UUID) -> Booking | None:
    """This browser's open booking on the flight, if there is one."""
    return Booking.objects.filter(
        flight_id=flight_id, browser_id=browser_id, state__in=OPEN
    ).first()


def as_seen(booking_id: UUID, version: int | None, change: Callable[[Booking], Booking]) -> Booking:
    """Change the booking as it is seen now, or as somebody saw it at a version.

    What is decided from what was read holds for that version only. Who named none is not told
    that somebody else was faster; it is read again. Raises BookingNotFound, BookingChanged.
    """
    for _ in range(TRIES):
        seen = look(booking_id)
        if version is not None:
            seen.version = version
        try:
            with expiring_if_due(booking_id):
                return change(seen)
        except BookingChanged:
            if version is not None:
                raise
    raise BookingChanged


def replace_seats(
    transition: Transition,
    seen: Booking,
    flight: Flight,
    seats: Sequence[str],
    new: Callable[[], Mapping[str, int]],
    /,
    **params: object,
) -> Booking:
    """Make a transition that gives a booking other seats, all or nothing.

    `new` are those that it does not have, with their prices. Its passengers go along. Raises
    SeatTaken, InvalidSeats where a child cannot sit, and what the transition says.
    """
    exits = flight.layout.parsed.exit_row_seats

    def commit() -> Booking:
        claimed = claims.in_order(new())
        passengers = with_other_seats(seen.passengers, seen.seats, seats, exits)
        wanted = {"seats": list(seats), "passengers": written(passengers), **claimed, **params}
        return make(transition, seen.pk, version=seen.version, **wanted)

    booking = claim_seats(seen, seats, commit)
    before = booking.seats_before
    locks.release(booking, [seat for seat in before if seat not in seats])
    publish.booking_changed(booking, sorted(set(before) ^ set(seats)))
    return booking


def claim_seats[R](booking: Booking, seats: Sequence[str], commit: Callable[[], R]) -> R:
    """Take the seats' locks, then commit; past holders whose time is over.

    If it raises, only the locks of seats that the booking had before are kept.
    """
    # One that has ended keeps its list of seats, but they are not its own any more.
    had = booking.seats if booking.state in OWNING else []
    if locked := locks.take(booking, seats):
        _make_way(booking, locked)
        locks.take(booking, seats, over=True)
    try:
        try:
            return commit()
        except SeatTaken as error:
            _make_way(booking, error.seats)
            return commit()
    except Exception:
        locks.release(booking, [seat for seat in seats if seat not in had])
        raise


def _hold(
    seats: Sequence[str], fare: str | None, browser_id: UUID | None, flight: Flight
) -> Booking:
    prices = prices_of(flight, seats)
    booking = Booking(id=uuid4(), flight_id=flight.pk, seats=list(prices))
    wanted = {
        **said_of(flight, prices, chosen_fare(fare)),
        "seats": booking.seats,
        **claims.in_order(prices),
    }
    commit = partial(begin, HELD, id=booking.pk, browser_id=browser_id, **wanted)
    return claim_seats(booking, booking.seats, commit)


def _update(
    seats: Sequence[str],
    fare: str | None,
    seen: Booking,
    browser_id: UUID | None,
    flight: Flight,
) -> Booking:
    had = claims.prices_of(seen)
    # A seat that is kept costs what it was held at, whatever seats cost today.
    prices = {seat: had.get(seat, cents) for seat, cents in prices_of(flight, seats).items()}
    new = {seat: cents for seat, cents in prices.items() if seat not in had}
    if new and flight.currency != seen.currency:
        raise InvalidSeats(
            f"This flight is sold in {flight.currency} now. Please pay for the seats as they are, "
            "or give them back and choose again."
        )
    said = said_of(flight, prices, chosen_fare(fare, seen.fare_id))
    return replace_seats(
        SEATS_CHANGED, seen, flight, list(prices), lambda: new, browser_id=browser_id, **said
    )


def freed_seats(booking: Booking) -> None:
    """After a commit that ended it: unlock the seats that are free again, and say so."""
    locks.release(booking, booking.seats)
    publish.booking_changed(booking, booking.seats)


def tell_ended(booking: Booking) -> None:
    """After a commit that ended what was or may have been paid: its seats are free, its customer is
    told, and what is to go back goes."""
    freed_seats(booking)
    enqueue.mail(booking)
    if booking.due_at:
        enqueue.due_payments()


@contextmanager
def expiring_if_due(booking_id: UUID) -> Iterator[None]:
    """Whoever finds a hold's time over also expires it, so that its state says so at once."""
    try:
        yield
    except HoldExpired:
        expire_if_due(booking_id)
        raise


def _make_way(booking: Booking, seats: Sequence[str]) -> None:
    """Expire whoever owns these seats though their time is over; SeatTaken for any other."""
    rivals = claims.rivals(booking, seats)
    taken = [rival.seat for rival in rivals if not rival.overdue]
    if taken:
        raise SeatTaken(taken)
    for owner in {rival.booking_id for rival in rivals if rival.booking_id}:
        expire_if_due(owner)
