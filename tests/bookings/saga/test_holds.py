"""Holding seats: all or none, for fifteen minutes, and never past an hour."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from pytest_django import Settings

from bookings import saga
from bookings.errors import (
    AlreadyPaid,
    BookingCancelled,
    BookingChanged,
    BookingError,
    BookingNotFound,
    FlightNotFound,
    HoldExpired,
    InvalidSeats,
    NotOnSale,
    OpenBookingExists,
    PaymentFailed,
    PaymentInProgress,
    SeatTaken,
)
from bookings.models import Booking, PaymentStatus, State
from bookings.saga.payment import postpone
from flights.models import Flight
from tests.people import (
    a_confirmed_booking,
    a_flight,
    a_hold,
    a_payment,
    let_time_pass,
    owned,
    run_out,
    settle,
    standing,
)

pytestmark = pytest.mark.django_db(transaction=True)


def seconds_left(booking: Booking) -> float:
    booking.refresh_from_db()
    assert booking.due_at is not None
    return (booking.due_at - timezone.now()).total_seconds()


def test_alice_holds_two_seats_for_fifteen_minutes(flight: Flight) -> None:
    alice = a_hold(flight, "12B", "12A")
    assert standing(alice) == (State.SEATS_RESERVED, PaymentStatus.NONE)
    assert alice.seats == owned(alice) == ["12A", "12B"]
    assert 898 < seconds_left(alice) <= 900
    assert alice.total_cents == 40_000


def test_bob_gets_none_of_his_seats_when_alice_has_one_of_them(flight: Flight) -> None:
    alice = a_hold(flight, "12A")
    with pytest.raises(SeatTaken) as refusal:
        a_hold(flight, "11A", "12A")
    assert refusal.value.seats == ["12A"]
    assert owned(alice) == ["12A"]
    assert Booking.objects.count() == 1


def test_the_seat_bob_was_not_refused_for_is_free_for_carol(flight: Flight) -> None:
    a_hold(flight, "12A")
    with pytest.raises(SeatTaken):
        a_hold(flight, "11A", "12A")
    assert owned(a_hold(flight, "11A")) == ["11A"]


@pytest.mark.parametrize(
    "seats",
    [[], ["99A"], ["12I"], ["12A", "12A"], ["12a"], ["1A", "1B", "1C", "1D", "1E", "1F", "2A",
     "2B", "2C", "2D"], ["x" * 5000], ["\x00"]],
)  # fmt: skip
def test_seats_that_cannot_be_are_refused(flight: Flight, seats: list[str]) -> None:
    with pytest.raises(InvalidSeats):
        saga.hold_seats(flight_id=flight.pk, seats=seats)
    assert not Booking.objects.exists()


def test_nine_seats_are_the_most(flight: Flight) -> None:
    nine = ["1A", "1B", "1C", "1D", "1E", "1F", "2A", "2B", "2C"]
    assert len(owned(a_hold(flight, *nine))) == 9


def test_a_flight_that_is_unknown_closed_or_gone_is_refused(flight: Flight) -> None:
    with pytest.raises(FlightNotFound):
        saga.hold_seats(flight_id=flight.pk + 1, seats=["1A"])
    Flight.objects.update(on_sale=False)
    with pytest.raises(NotOnSale):
        a_hold(flight)
    gone = timezone.now() - timedelta(minutes=1)
    departed = a_flight("AF9", departure=gone, arrival=gone + timedelta(hours=1))
    with pytest.raises(NotOnSale):
        a_hold(departed)


def test_changing_seats_starts_the_clock_again(flight: Flight) -> None:
    alice = a_hold(flight, "12A", "12B")
    let_time_pass(alice, 600)
    assert seconds_left(alice) <= 300
    saga.update_seats(booking_id=alice.pk, seats=["12B", "12C"])
    assert owned(alice) == ["12B", "12C"]
    assert seconds_left(alice) > 898


def test_a_hold_never_lasts_longer_than_an_hour(flight: Flight) -> None:
    alice = a_hold(flight, "12A")
    for seat in ["12B", "12C", "12D", "12E"]:
        let_time_pass(alice, 800)
        saga.update_seats(booking_id=alice.pk, seats=[seat])
    # 3,200 of 3,600 seconds are gone: only 400 are left, not 900.
    assert 398 < seconds_left(alice) <= 400


def test_a_hold_ends_when_the_flight_departs() -> None:
    departure = timezone.now() + timedelta(minutes=5)
    flight = a_flight(departure=departure, arrival=departure + timedelta(hours=1))
    alice = a_hold(flight, "12A")
    assert alice.due_at == departure
    saga.update_seats(booking_id=alice.pk, seats=["12B"])
    alice.refresh_from_db()
    assert alice.due_at == departure


def test_a_refused_change_leaves_seats_and_clock_as_they_were(flight: Flight) -> None:
    alice, bob = a_hold(flight, "12A"), a_hold(flight, "12B")
    let_time_pass(alice, 600)
    with pytest.raises(SeatTaken):
        saga.update_seats(booking_id=alice.pk, seats=["12B", "12C"])
    assert owned(alice) == ["12A"]
    assert owned(bob) == ["12B"]
    assert seconds_left(alice) <= 300
    assert owned(a_hold(flight, "12C")) == ["12C"]


def test_giving_all_seats_back_leaves_the_booking_open_and_ticking(flight: Flight) -> None:
    alice = a_hold(flight, "12A")
    alice = saga.update_seats(booking_id=alice.pk, seats=[])
    assert (alice.state, owned(alice), alice.total_cents) == (State.CREATED, [], 0)
    assert owned(a_hold(flight, "12A")) == ["12A"]
    alice = saga.update_seats(booking_id=alice.pk, seats=["14C"])
    assert alice.state == State.SEATS_RESERVED


def test_an_empty_booking_expires_too(flight: Flight) -> None:
    alice = a_hold(flight, "12A")
    saga.update_seats(booking_id=alice.pk, seats=[])
    assert settle(alice).state == State.EXPIRED


def test_a_stale_tab_is_told_so_and_changes_nothing(flight: Flight) -> None:
    alice = a_hold(flight, "12A")
    seen = alice.version
    saga.update_seats(booking_id=alice.pk, seats=["12A", "12B"], version=seen)
    with pytest.raises(BookingChanged):
        saga.update_seats(booking_id=alice.pk, seats=["12C"], version=seen)
    assert owned(alice) == ["12A", "12B"]


def test_cancelling_frees_the_seats_and_cancelling_again_is_the_same_answer(
    flight: Flight,
) -> None:
    alice = a_hold(flight, "12A")
    first = saga.cancel(booking_id=alice.pk)
    again = saga.cancel(booking_id=alice.pk)
    assert (first.state, first.version) == (again.state, again.version)
    assert standing(alice) == (State.CANCELLED, PaymentStatus.NONE)
    assert owned(a_hold(flight, "12A")) == ["12A"]


def test_one_customer_has_one_open_booking_on_a_flight(flight: Flight) -> None:
    alice = uuid4()
    a_hold(flight, "12A", browser_id=alice)
    with pytest.raises(OpenBookingExists):
        a_hold(flight, "12B", browser_id=alice)
    a_hold(a_flight("AF2"), "12B", browser_id=alice)
    a_hold(flight, "12B", browser_id=uuid4())


def test_a_booking_whose_time_is_over_does_not_keep_its_customer_from_a_new_one(
    flight: Flight,
) -> None:
    alice = uuid4()
    first = a_hold(flight, "12A", browser_id=alice)
    run_out(first)
    second = a_hold(flight, "12A", browser_id=alice)
    assert standing(first)[0] == State.EXPIRED
    assert owned(second) == ["12A"]


def test_a_hold_whose_time_is_over_stands_in_nobodys_way(flight: Flight) -> None:
    alice, bob = a_hold(flight, "12A", "12B"), a_hold(flight, "12C")
    run_out(alice)
    carol = a_hold(flight, "12A")
    assert standing(alice)[0] == State.EXPIRED
    assert (owned(alice), owned(bob), owned(carol)) == ([], ["12C"], ["12A"])


def test_nothing_can_be_done_with_a_hold_that_is_due_by_a_millisecond(flight: Flight) -> None:
    acts: list[Callable[[UUID], Booking]] = [
        lambda pk: saga.start_payment(booking_id=pk, code="00000"),
        lambda pk: saga.update_seats(booking_id=pk, seats=["14A"]),
        lambda pk: saga.cancel(booking_id=pk),
    ]
    for act in acts:
        alice = a_hold(flight, "12A")
        run_out(alice)
        with pytest.raises(HoldExpired):
            act(alice.pk)
        assert standing(alice) == (State.EXPIRED, PaymentStatus.NONE)
        assert owned(alice) == []


def test_a_hold_whose_expiry_failed_cannot_be_paid_either(flight: Flight) -> None:
    alice = a_hold(flight, "12A")
    run_out(alice)
    postpone(alice.pk, ValueError("trouble"))
    with pytest.raises(HoldExpired):
        saga.start_payment(booking_id=alice.pk, code="00000")


@pytest.mark.parametrize(
    ("reach", "error"),
    [
        (a_payment, PaymentInProgress),
        (a_confirmed_booking, AlreadyPaid),
        (lambda flight: settle(a_payment(flight, code="11111")), PaymentFailed),
        (lambda flight: settle(a_hold(flight)), HoldExpired),
    ],
    ids=["paying", "confirmed", "failed", "expired"],
)
def test_only_a_running_hold_can_be_changed_or_cancelled(
    flight: Flight, reach: Callable[[Flight], Booking], error: type[BookingError]
) -> None:
    booking = reach(flight)
    before = standing(booking), booking.version
    with pytest.raises(error):
        saga.update_seats(booking_id=booking.pk, seats=["20A"])
    with pytest.raises(error):
        saga.cancel(booking_id=booking.pk)
    assert (standing(booking), booking.version) == before


def test_a_cancelled_booking_cannot_be_changed(flight: Flight) -> None:
    alice = saga.cancel(booking_id=a_hold(flight).pk)
    with pytest.raises(BookingCancelled):
        saga.update_seats(booking_id=alice.pk, seats=["20A"])


def test_an_unknown_booking_is_not_found(flight: Flight) -> None:
    for act in (
        lambda: saga.update_seats(booking_id=uuid4(), seats=["1A"]),
        lambda: saga.cancel(booking_id=uuid4()),
        lambda: saga.start_payment(booking_id=uuid4(), code="00000"),
        lambda: saga.advance(uuid4()),
    ):
        with pytest.raises(BookingNotFound):
            act()


def test_the_numbers_come_from_the_settings(flight: Flight, settings: Settings) -> None:
    settings.SEAT_HOLD_SECONDS, settings.MAX_SEATS_PER_BOOKING = 60, 2
    assert 58 < seconds_left(a_hold(flight, "1A", "1B")) <= 60
    with pytest.raises(InvalidSeats):
        a_hold(flight, "2A", "2B", "2C")
