"""What every story is told with: who wants which seats, a worker's steps, the gateway's fates."""

from django.conf import settings

from bookings import saga
from bookings.models import Booking
from bookings.saga import timers
from flights.models import Flight
from tests.people import MoodyGateway

WANTED = ["1A", "1B"]
OTHERS = ["1B", "1C"]
BY = "operator:olga"
# A cabin without a first row, which the test loads.
ANOTHER_AIRCRAFT = "test-without-row-1"
GOOD, DECLINED_FOR_GOOD, ANY = "00000", "11111", "12345"


def another_flight(flight_id: int) -> Flight:
    """Of the same route and at the same time."""
    other = Flight.objects.get(pk=flight_id)
    other.pk, other.number = None, f"QQ{flight_id % 10_000}"
    other.save(force_insert=True)
    return other


def hold(flight_id: int, seats: list[str] = WANTED) -> Booking:
    return saga.hold_seats(flight_id=flight_id, seats=seats)


def overdue_hold(flight_id: int, seats: list[str] = WANTED) -> Booking:
    """A hold whose time is over at once."""
    seconds, settings.SEAT_HOLD_SECONDS = settings.SEAT_HOLD_SECONDS, 0
    try:
        return hold(flight_id, seats)
    finally:
        settings.SEAT_HOLD_SECONDS = seconds


def pay(booking: Booking, code: str = GOOD) -> Booking:
    return saga.start_payment(booking_id=booking.pk, code=code)


def work(booking: Booking, *steps: str) -> None:
    """A worker takes one step for each word, or one; the first words are the gateway's fates."""
    MoodyGateway.fates = [step for step in steps if step in FATES]
    for _ in steps or ("approved",):
        timers.advance_or_postpone(booking.pk)


FATES = {"approved", "declined", "refused", "silent", "lost"}
