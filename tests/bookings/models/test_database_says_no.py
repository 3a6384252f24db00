"""Whatever the code gets wrong, Postgres refuses to commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from bookings import saga
from bookings.errors import SeatTaken
from bookings.models import Booking, BookingEvent, PaymentAttempt, PaymentStatus, SeatClaim, State
from flights.models import Fare, Flight
from tests.people import a_confirmed_booking, a_flight, a_hold, a_payment, settle

pytestmark = pytest.mark.django_db(transaction=True)

# The id of the fare, as the migration made it.
LIGHT = 2


@contextmanager
def refused(by: str) -> Iterator[None]:
    """The transaction must not commit, and this constraint must be the reason."""
    with pytest.raises(DatabaseError, match=by), transaction.atomic():
        yield


def attempt(booking: Booking, number: int, outcome: str | None) -> PaymentAttempt:
    now = timezone.now()
    return PaymentAttempt.objects.create(
        amount_cents=1,
        booking=booking,
        number=number,
        key="k",
        opened_at=now,
        lease_until=now,
        outcome=outcome,
    )


def claim(booking: Booking, seat: str, **fields: object) -> None:
    fields = {"flight_id": booking.flight_id, "price_cents": 1, **fields}
    SeatClaim.objects.bulk_create([SeatClaim(booking=booking, seat=seat, **fields)])


def test_one_seat_has_one_owner(flight: Flight) -> None:
    a_hold(flight, "12A")
    bob = a_hold(flight, "12B")
    with refused(by="bookings_seatclaim_pkey"):
        claim(bob, "12A")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"block_reason": "broken", "price_cents": 5},
        {"block_reason": "broken", "booking": True},
    ],
)
def test_a_seat_is_booked_or_blocked_for_a_reason_and_never_both(
    flight: Flight, fields: dict[str, object]
) -> None:
    block = {"flight": flight, "seat": "12B", "price_cents": 0, **fields}
    if "booking" in fields:
        block["booking"] = a_hold(flight)
    with refused(by="claim_booked_or_blocked"):
        SeatClaim.objects.bulk_create([SeatClaim(**block)])


def test_a_blocked_seat_is_nobodys(flight: Flight) -> None:
    block = SeatClaim(flight=flight, seat="12A", price_cents=0, block_reason="broken")
    SeatClaim.objects.bulk_create([block])
    with pytest.raises(SeatTaken):
        a_hold(flight, "12A")
    bob = a_hold(flight, "12B")
    with refused(by="bookings_seatclaim_pkey"):
        claim(bob, "12A")


def test_a_cancelled_flight_is_not_on_sale(flight: Flight) -> None:
    with refused(by="flight_cancelled_is_not_sold"):
        Flight.objects.filter(pk=flight.pk).update(cancelled_at=timezone.now())


@pytest.mark.parametrize(
    "change", ["UPDATE flights_flightevent SET by = ''", "DELETE FROM flights_flightevent"]
)
def test_a_flights_history_can_only_be_added_to(flight: Flight, change: str) -> None:
    flight.events.create(at=timezone.now(), name="closed", by="operator:olga", changes={})
    with refused(by="append-only"), connection.cursor() as cursor:
        cursor.execute(change)


@pytest.mark.parametrize("state", [State.EXPIRED, State.CANCELLED, State.FAILED])
def test_a_booking_that_ended_owns_nothing(flight: Flight, state: State) -> None:
    alice = a_hold(flight)
    with refused(by="claim_needs_an_owner"):
        Booking.objects.filter(pk=alice.pk).update(state=state, due_at=None)


def test_an_empty_booking_owns_nothing(flight: Flight) -> None:
    alice = a_hold(flight)
    with refused(by="claim_needs_an_owner"):
        Booking.objects.filter(pk=alice.pk).update(state=State.CREATED)


def test_a_claim_is_on_its_bookings_flight(flight: Flight) -> None:
    alice, other = a_hold(flight), a_flight("AF2")
    with refused(by="claim_needs_an_owner"):
        claim(alice, "12B", flight_id=other.pk)


def test_a_claim_cannot_pretend_not_to_own(flight: Flight) -> None:
    alice = a_hold(flight)
    with refused(by="claim_is_owned"):
        claim(alice, "12B", owned=False)


def test_confirmed_means_charged_and_charged_means_confirmed(flight: Flight) -> None:
    held, confirmed = a_hold(flight, "1A"), a_confirmed_booking(flight, "1B")
    with refused(by="booking_confirmed_means_charged"):
        Booking.objects.filter(pk=held.pk).update(
            state=State.CONFIRMED, due_at=None, record_locator="ABCDEF"
        )
    with refused(by="booking_confirmed_means_charged"):
        Booking.objects.filter(pk=held.pk).update(payment_status=PaymentStatus.CHARGED)
    with refused(by="booking_confirmed_means_charged"):
        Booking.objects.filter(pk=confirmed.pk).update(payment_status=PaymentStatus.NONE)
    with refused(by="booking_confirmed_means_charged"):
        Booking.objects.filter(pk=confirmed.pk).update(record_locator=None)


def test_a_timer_runs_exactly_while_a_booking_is_unsettled(flight: Flight) -> None:
    held, confirmed = a_hold(flight, "1A"), a_confirmed_booking(flight, "1B")
    with refused(by="booking_timer_runs_while_unsettled"):
        Booking.objects.filter(pk=held.pk).update(due_at=None)
    with refused(by="booking_timer_runs_while_unsettled"):
        Booking.objects.filter(pk=confirmed.pk).update(due_at=timezone.now())


def test_an_owning_booking_names_its_seats(flight: Flight) -> None:
    alice = a_hold(flight)
    with refused(by="booking_owns_at_least_one_seat"):
        Booking.objects.filter(pk=alice.pk).update(seats=[])


def test_states_are_the_known_ones(flight: Flight) -> None:
    alice = a_hold(flight)
    with refused(by="booking_known_state"):
        Booking.objects.filter(pk=alice.pk).update(payment_status="maybe")


def test_a_payment_has_three_attempts_and_one_of_them_open(flight: Flight) -> None:
    alice = a_payment(flight)
    attempt(alice, 1, "declined")
    attempt(alice, 2, None)
    with refused(by="attempt_one_open"):
        attempt(alice, 3, None)
    with refused(by="bookings_paymentattempt_pkey"):
        attempt(alice, 1, "declined")
    with refused(by="attempt_one_to_three"):
        attempt(alice, 4, "declined")
    with refused(by="booking_three_attempts"):
        Booking.objects.filter(pk=alice.pk).update(attempts=4)


def test_history_can_only_be_added_to(flight: Flight) -> None:
    alice = a_hold(flight)
    with refused(by="append-only"):
        BookingEvent.objects.filter(booking=alice).update(name="nothing_happened")
    with refused(by="append-only"):
        BookingEvent.objects.filter(booking=alice).delete()
    with refused(by="bookings_bookingevent_pkey"):
        BookingEvent.objects.bulk_create(
            [BookingEvent(booking=alice, number=1, at=timezone.now(), name="x", changes={})]
        )


def test_the_fare_of_a_booking_stays_once_its_payment_has_begun(flight: Flight) -> None:
    held, paying, paid = a_hold(flight, "1A"), a_payment(flight, "1B"), a_confirmed_booking(flight)
    Booking.objects.filter(pk=held.pk).update(fare=LIGHT)
    for booking in (paying, paid):
        with refused(by="stays once its payment has begun"):
            Booking.objects.filter(pk=booking.pk).update(fare=LIGHT)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM flights_fare",
        "UPDATE flights_fare SET refund_percent = 1",
        "UPDATE flights_fare SET on_sale = NOT on_sale, refund_hours = 1",
    ],
)
def test_a_fare_stays_as_it_was_sold(transactional_db: None, change: str) -> None:
    with refused(by="stays as it was sold"), connection.cursor() as cursor:
        cursor.execute(change)


def test_a_fare_that_is_no_longer_sold_is_never_sold_again(transactional_db: None) -> None:
    Fare.objects.filter(pk=LIGHT).update(on_sale=False)
    with refused(by="stays as it was sold"):
        Fare.objects.filter(pk=LIGHT).update(on_sale=True)


@pytest.mark.parametrize(
    ("columns", "rule"),
    [
        ({}, "fare_sold_once"),
        ({"code": "gold", "percent": 0}, "fare_in_bounds"),
        ({"code": "gold", "refund_percent": 101}, "fare_in_bounds"),
        ({"code": "gold", "refund_hours": 8761}, "fare_in_bounds"),
        ({"code": "gold", "change_fee_percent": 101}, "fare_in_bounds"),
        ({"code": "standard", "percent": 101, "on_sale": False}, "fare_standard_is_the_price"),
    ],
)
def test_fares_are_what_a_fare_can_be(
    transactional_db: None, columns: dict[str, object], rule: str
) -> None:
    fare = {"code": "light", "percent": 85, "refund_percent": 0, "refund_hours": 0}
    with refused(by=rule):
        Fare.objects.create(**{**fare, "change_fee_percent": 0, **columns})


@pytest.mark.parametrize(("kept", "state"), [(-21_601, "CONFIRMED"), (-1, "CANCELLED")])
def test_nothing_goes_back_that_is_not_there(flight: Flight, kept: int, state: str) -> None:
    alice = a_confirmed_booking(flight, "1A")
    if state == "CANCELLED":
        settle(saga.cancel_and_refund(booking_id=alice.pk, by="operator:olga"))
    with refused(by="booking_gives_back_what_it_has"):
        Booking.objects.update(kept_cents=kept)


def test_a_booking_with_a_history_cannot_be_deleted(flight: Flight) -> None:
    alice = a_hold(flight)
    with refused(by="violates foreign key"):
        Booking.objects.filter(pk=alice.pk)._raw_delete(using="default")


def test_a_sold_flight_cannot_be_deleted(flight: Flight) -> None:
    a_hold(flight)
    with refused(by="protected foreign keys|violates foreign key"):
        Flight.objects.filter(pk=flight.pk).delete()


def test_nobody_arrives_before_leaving(flight: Flight) -> None:
    with refused(by="flight_arrives_later"):
        Flight.objects.update(arrival=flight.departure - timedelta(hours=1))
