"""A hold: seats owned for fifteen minutes, from the first click to payment or expiry."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, Value
from django.db.models.functions import Least, Now

from bookings.errors import (
    BookingClosed,
    BookingNotFound,
    FlightNotFound,
    HoldExpired,
    InvalidSeats,
    NotOnSale,
    OpenBookingExists,
    PaymentInProgress,
    SeatTaken,
)
from bookings.live import publish
from bookings.models import HOLDING, OPEN, Booking, State
from bookings.saga import enqueue
from bookings.saga.transitions import (
    Effect,
    begin,
    end,
    is_due,
    lock_booking,
    require_version,
    retried,
    transition,
)
from bookings.seats import claims, locks
from bookings.seats.choice import chosen_seats
from flights.cabin.seats import price_cents
from flights.models import Flight

ONE_OPEN = "booking_one_open_per_browser_and_flight"


def hold_seats(*, flight_id: int, seats: Sequence[str], browser_id: UUID | None = None) -> Booking:
    """Hold all these seats for SEAT_HOLD_SECONDS, or none of them; never past the departure.

    Raises FlightNotFound, NotOnSale, InvalidSeats, SeatTaken, OpenBookingExists.
    """
    flight = _flight_on_sale(flight_id)
    prices = _prices(flight, seats)
    if not prices:
        raise InvalidSeats
    seconds = min(settings.SEAT_HOLD_SECONDS, settings.HOLD_LIMIT_SECONDS)
    booking = Booking(
        id=uuid4(),
        flight=flight,
        browser_id=browser_id,
        state=State.SEATS_RESERVED,
        seats=list(prices),
        total_cents=sum(prices.values()),
        currency=flight.currency,
    )

    @retried
    def commit() -> None:
        with transaction.atomic(durable=True), _one_open_booking():
            booking.created_at = Now()
            booking.due_at = Least(
                Now() + timedelta(seconds=seconds), Value(flight.departure, DateTimeField())
            )
            begin(booking, "held", by="customer")
            claims.claim(booking, prices)

    if browser_id and (mine := open_booking(flight_id=flight_id, browser_id=browser_id)):
        expire_if_due(mine.id)
    claim_seats(booking, list(prices), commit)
    enqueue.expiry(booking.id, seconds=seconds)
    publish.booking_changed(booking, booking.seats)
    return booking


def update_seats(*, booking_id: UUID, seats: Sequence[str], version: int | None = None) -> Booking:
    """Replace the held seats by these, all or nothing, and start the hold's clock again.

    An empty list gives all back and leaves the booking open. `version` is the one the
    caller saw. Raises as `hold_seats`, and BookingNotFound, BookingChanged, HoldExpired,
    BookingClosed, PaymentInProgress. Whatever is raised, the old seats and timer stay.
    """
    seen = find_booking(booking_id)
    seen.flight = _flight_on_sale(seen.flight_id)
    wanted = _prices(seen.flight, seats)

    def change(booking: Booking, now: datetime) -> None:
        require_version(booking, version)
        require_hold(booking, now)
        prices = claims.swap(booking, wanted)
        transition(
            booking,
            "seats_changed",
            at=now,
            by="customer",
            state=State.SEATS_RESERVED if prices else State.CREATED,
            seats=list(prices),
            total_cents=sum(prices.values()),
            due_at=_held_until(booking, now),
        )

    return replace_seats(seen, list(wanted), change)


@retried
def cancel(*, booking_id: UUID) -> Booking:
    """Give the hold up. Again: the same answer.

    Raises BookingNotFound, HoldExpired, BookingClosed, PaymentInProgress.
    """
    with expiring_if_due(booking_id), transaction.atomic(durable=True):
        booking, now = lock_booking(booking_id)
        if booking.state == State.CANCELLED:
            return booking
        require_hold(booking, now)
        freed = end([booking], "cancelled", at=now, by="customer", state=State.CANCELLED)
    freed()
    return booking


@retried
def expire_if_due(booking_id: UUID) -> None:
    """Expire one hold whose time is over; anything else is left alone."""
    with transaction.atomic(durable=True):
        booking, now = lock_booking(booking_id)
        if booking.state not in HOLDING or not is_due(booking, now):
            return
        freed = expire([booking], now)
    freed()


@retried
def expire_batch(size: int) -> int:
    """Expire up to `size` holds whose time is over, oldest first; returns how many.

    Several bookings are locked at once here, and only here: SKIP LOCKED waits for nobody,
    and giving seats back waits for nobody either, so no deadlock can come of it.
    """
    with transaction.atomic(durable=True):
        due = Booking.objects.filter(state__in=HOLDING, due_at__lte=Now()).order_by("due_at")
        locked = due.select_for_update(skip_locked=True).annotate(now=Now())
        bookings = list(locked[:size])
        if not bookings:
            return 0
        freed = expire(bookings, bookings[0].now)
    freed()
    return len(bookings)


def expire(bookings: Sequence[Booking], now: datetime) -> Effect:
    """End locked holds that are due."""
    return end(bookings, "expired", at=now, by="timer", state=State.EXPIRED)


def find_booking(booking_id: UUID) -> Booking:
    """The booking with its flight, not locked. Raises BookingNotFound."""
    booking = Booking.objects.select_related("flight__layout").filter(pk=booking_id).first()
    if booking is None:
        raise BookingNotFound
    return booking


def open_booking(*, flight_id: int, browser_id: UUID) -> Booking | None:
    """This browser's open booking on the flight, if there is one."""
    return Booking.objects.filter(
        flight_id=flight_id, browser_id=browser_id, state__in=OPEN
    ).first()


def require_hold(booking: Booking, now: datetime) -> None:
    """Raise HoldExpired, PaymentInProgress or BookingClosed unless it is a running hold."""
    if booking.state == State.PAYMENT_PROCESSING:
        raise PaymentInProgress
    if booking.state == State.EXPIRED:
        raise HoldExpired
    if booking.state not in HOLDING:
        raise BookingClosed
    # A hold whose expiry raised is tried again later, but its time is over all the same.
    if is_due(booking, now) or booking.failures:
        raise HoldExpired


@contextmanager
def expiring_if_due(booking_id: UUID) -> Iterator[None]:
    """Whoever finds a hold's time over also expires it, so that its state says so at once."""
    try:
        yield
    except HoldExpired:
        expire_if_due(booking_id)
        raise


@contextmanager
def _one_open_booking() -> Iterator[None]:
    """Say in our own words what Postgres refuses: a second open booking on the flight."""
    try:
        yield
    except IntegrityError as error:
        if ONE_OPEN in str(error):
            raise OpenBookingExists from error
        raise


def replace_seats(
    seen: Booking, seats: Sequence[str], change: Callable[[Booking, datetime], None]
) -> Booking:
    """Give a booking these seats instead of its own, all or nothing.

    `seen` is the booking with the flight that the seats were chosen on. `change` gets it
    locked, with the time; it claims the seats and writes the transition, or raises. Then the
    old seats and timer stay.
    """

    @retried
    def commit() -> tuple[Booking, list[str]]:
        with transaction.atomic(durable=True):
            booking, now = lock_booking(seen.pk)
            before = booking.seats
            # Claiming makes sure that the flight still is as it was seen.
            booking.flight = seen.flight
            change(booking, now)
            return booking, before

    with expiring_if_due(seen.pk):
        booking, before = claim_seats(seen, seats, commit)
    locks.release(booking, [seat for seat in before if seat not in seats])
    publish.booking_changed(booking, sorted(set(before) ^ set(seats)))
    return booking


def claim_seats[R](booking: Booking, seats: Sequence[str], commit: Callable[[], R]) -> R:
    """Take the seats' locks, then commit; past holders whose time is over.

    If it raises, only the locks of seats that the booking had before are kept.
    """
    # One that has ended keeps its list of seats, but they are not its own any more.
    had = booking.seats if booking.version and booking.owns_seats else []
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


def _make_way(booking: Booking, seats: Sequence[str]) -> None:
    """Expire whoever owns these seats though their time is over; SeatTaken for any other."""
    rivals = claims.rivals(booking, seats)
    taken = [rival.seat for rival in rivals if not rival.overdue]
    if taken:
        raise SeatTaken(taken)
    for owner in {rival.booking_id for rival in rivals if rival.booking_id}:
        expire_if_due(owner)


def _held_until(booking: Booking, now: datetime) -> datetime:
    """The end of a hold that starts again now: never past HOLD_LIMIT_SECONDS in all, nor past
    the departure."""
    limit = booking.created_at + timedelta(seconds=settings.HOLD_LIMIT_SECONDS)
    limit = min(limit, booking.flight.departure)
    return min(now + timedelta(seconds=settings.SEAT_HOLD_SECONDS), limit)


def _flight_on_sale(flight_id: int) -> Flight:
    flights = Flight.objects.select_related("layout").annotate(database_time=Now())
    flight = flights.filter(pk=flight_id).first()
    if flight is None:
        raise FlightNotFound
    if not flight.is_sold_at(flight.database_time):
        raise NotOnSale
    return flight


def _prices(flight: Flight, seats: Sequence[str]) -> Mapping[str, int]:
    """Price in cents by seat, in cabin order. Raises InvalidSeats."""
    if len(seats) > settings.MAX_SEATS_PER_BOOKING:
        limit = settings.MAX_SEATS_PER_BOOKING
        raise InvalidSeats(f"At most {limit} seats can be booked together.")
    return {
        seat.id: price_cents(seat, flight.base_fare_cents) for seat in chosen_seats(flight, seats)
    }
