"""Changes of seats that cannot be: of wrong seats, by strangers, too late, or by staff."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from bookings import saga
from bookings.errors import (
    AlreadyPaid,
    BookingError,
    ChangeNotFound,
    InvalidPaymentCode,
    InvalidSeats,
    NotPossible,
    NotYours,
    SeatTaken,
)
from bookings.models import Booking, Change, PaymentStatus, SeatClaim, State
from bookings.saga import Said
from flights.models import Flight
from flights.money import MOST_CENTS
from tests.bookings.saga.changing import changed, pay
from tests.people import (
    a_confirmed_booking,
    a_flight,
    a_hold,
    let_time_pass,
    owned,
    settle,
    standing,
)
from tests.racing import execute, race, transactions_waiting

pytestmark = pytest.mark.django_db(transaction=True)

BY = "operator:olga"
PAID = (State.CONFIRMED, PaymentStatus.CHARGED)


WRONG = {
    "none": (InvalidSeats, ()),
    "too few": (InvalidSeats, ("2A",)),
    "too many": (InvalidSeats, ("2A", "2B", "2C")),
    "twice the same": (InvalidSeats, ("2A", "2A")),
    "not on the aircraft": (InvalidSeats, ("2A", "99Z")),
    "the same": (NotPossible, ("1B", "1A")),
    "somebody's": (SeatTaken, ("1A", "9A")),
}


@pytest.mark.parametrize("case", WRONG)
def test_seats_that_cannot_be_had_are_refused(flight: Flight, case: str) -> None:
    a_hold(flight, "9A")
    alice = a_confirmed_booking(flight, "1A", "1B")
    error, seats = WRONG[case]
    with pytest.raises(error):
        changed(alice, *seats)
    assert (standing(alice), owned(alice)) == (PAID, ["1A", "1B"])
    assert not Change.objects.exists()


def test_only_who_made_a_paid_booking_changes_it(flight: Flight) -> None:
    browser = uuid4()
    hold = a_hold(flight, "1A", browser_id=browser)
    with pytest.raises(NotYours):
        saga.start_change(booking_id=hold.pk, seats=["1B"], browser_id=uuid4())
    with pytest.raises(NotPossible):
        saga.start_change(booking_id=hold.pk, seats=["1B"], browser_id=browser)
    alice = a_confirmed_booking(flight, "2A", browser_id=uuid4())
    change = saga.start_change(booking_id=alice.pk, seats=["2B"], browser_id=alice.browser_id)
    with pytest.raises(NotYours):
        pay(change)
    with pytest.raises(ChangeNotFound):
        saga.pay_change(booking_id=hold.pk, change_id=change.pk, code="00000", browser_id=browser)
    # By its own id it is nobody's.
    uses: list[Callable[[], object]] = [
        lambda: saga.cancel(booking_id=change.pk),
        lambda: saga.start_payment(booking_id=change.pk, code="00000"),
        lambda: saga.update_seats(booking_id=change.pk, seats=["3A"]),
        lambda: saga.name_passengers(booking_id=change.pk, said=[Said("2B", "A", "B")]),
        lambda: saga.choose_fare(booking_id=change.pk, fare="flex"),
    ]
    for use in uses:
        with pytest.raises(NotYours):
            use()


def test_nobody_changes_seats_once_the_flight_has_left_or_is_cancelled(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    Flight.objects.filter(pk=flight.pk).update(departure=timezone.now() - timedelta(minutes=1))
    with pytest.raises(BookingError, match="left"):
        changed(alice, "1B")
    Flight.objects.filter(pk=flight.pk).update(
        departure=timezone.now() + timedelta(days=1), cancelled_at=timezone.now(), on_sale=False
    )
    with pytest.raises(NotPossible, match="cancelled"):
        changed(alice, "1B")


def test_a_wrong_code_changes_nothing(flight: Flight) -> None:
    change = changed(a_confirmed_booking(flight, "1A"), "1B")
    with pytest.raises(InvalidPaymentCode):
        pay(change, "123")
    assert standing(change.booking)[0] == State.SEATS_RESERVED


def test_who_holds_the_seats_for_another_booking_is_moved_by_nobody(flight: Flight) -> None:
    change = changed(a_confirmed_booking(flight, "1A"), "1B")
    with pytest.raises(NotPossible):
        saga.reseat(booking_id=change.pk, seats=["2B"], by=BY)
    saga.terminate(booking_id=change.pk, by=BY)
    assert standing(change.booking) == (State.CANCELLED, PaymentStatus.NONE)


def test_a_paid_order_says_so_to_who_pays_its_change_with_another_code(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    with pytest.raises(AlreadyPaid):
        saga.start_payment(booking_id=alice.pk, code="12345")


def test_an_aircraft_swap_makes_an_open_change_of_no_use(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    change = pay(changed(alice, "1B"))
    let_time_pass(change.booking, 0)
    other = flight.layout
    other.pk = "another"
    other.save(force_insert=True)
    plan = saga.foresee_swap(flight_id=flight.pk, layout="another")
    saga.swap_aircraft(flight_id=flight.pk, layout="another", digest=plan.digest, by=BY)
    settle(change.booking)
    assert standing(change.booking) == (State.FAILED, PaymentStatus.REFUNDED)
    assert owned(alice) == ["1A"]


def test_no_change_brings_a_booking_to_more_than_one_can_cost(transactional_db: None) -> None:
    flight = a_flight(currency="IDR", base_fare_cents=MOST_CENTS - 10**7)
    alice = a_confirmed_booking(flight, "20A")
    with pytest.raises(InvalidSeats, match="more than one booking can"):
        changed(alice, "20B")


def test_who_is_waited_for_never_waits_for_the_new_seats(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Booking.objects.select_for_update().get(pk=alice.pk)
        begun = pool.submit(race, lambda: changed(alice, "1B"))
        while not transactions_waiting():
            pass
        # Postgres looks for a deadlock only after a second.
        execute("SET LOCAL lock_timeout = '300ms'")
        SeatClaim.objects.create(flight=flight, seat="1B", booking=alice, price_cents=0)
    assert [type(said) for said in begun.result()] == [SeatTaken]
