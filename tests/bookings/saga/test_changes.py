"""A customer changes the seats of a paid booking: held beside the old ones, paid, and exchanged."""

from datetime import timedelta

import pytest
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from bookings import saga
from bookings.errors import (
    BookingCancelled,
    ChangeMade,
    ChangeOutdated,
    HoldExpired,
    InvalidSeats,
    OpenChangeExists,
    SeatTaken,
)
from bookings.invariants import broken
from bookings.models import Booking, PaymentStatus, SeatClaim, State
from bookings.notifications.outbox import send_due
from bookings.saga import Said, timers
from flights.models import Flight
from tests.bookings.saga.changing import changed, paid_at, pay
from tests.people import (
    MoodyGateway,
    a_confirmed_booking,
    a_flight,
    a_hold,
    charged_cents,
    every_kind_of_seat,
    owned,
    run_out,
    settle,
    standing,
)

pytestmark = pytest.mark.django_db(transaction=True)

BY = "operator:olga"
# What a seat in front costs.
FRONT = 21_600
PAID = (State.CONFIRMED, PaymentStatus.CHARGED)


def test_the_new_seats_are_held_while_the_old_ones_stay(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A", "1B")
    version = alice.version
    change = changed(alice, "1B", "1C")
    assert (change.seats, change.replaced, owned(change.booking)) == (["1C", "1B"], ["1A"], ["1C"])
    assert standing(change.booking) == (State.SEATS_RESERVED, PaymentStatus.NONE)
    assert (standing(alice), owned(alice), alice.version) == (PAID, ["1A", "1B"], version)
    with pytest.raises(SeatTaken):
        a_hold(flight, "1C")


def test_once_it_is_paid_the_booking_has_them_and_the_old_ones_are_free(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A", "1B")
    change = changed(alice, "1B", "1C")
    fee = change.difference_cents
    assert fee > 0
    settle(pay(change).booking)
    assert standing(change.booking) == (State.CHANGED, PaymentStatus.CHARGED)
    assert (standing(alice), alice.seats, owned(alice)) == (PAID, ["1C", "1B"], ["1B", "1C"])
    assert (alice.total_cents, alice.kept_cents) == (2 * FRONT, fee)
    assert charged_cents(alice) + charged_cents(change.booking) == 2 * FRONT + fee
    assert owned(a_hold(flight, "1A")) == ["1A"]


def test_its_customer_is_told_with_a_new_ticket(
    flight: Flight, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    hold = a_hold(flight, "1A")
    about = {"booking_id": hold.pk, "code": "00000"}
    alice = settle(saga.start_payment(**about, email="alice@example.org"))  # type: ignore[arg-type]
    send_due(alice.pk)
    settle(pay(changed(alice, "1B")).booking)
    send_due(alice.pk)
    _, mail = mailoutbox
    assert mail.subject.startswith("New seats")
    said = str(mail.body)
    assert "Instead of seat 1A you have seat 1B." in said
    assert "The price stays" not in said
    assert mail.attachments


def test_dearer_seats_cost_the_difference_and_cheaper_ones_give_it_back(flight: Flight) -> None:
    alice = paid_at(flight, "flex", "30A")
    before = alice.total_cents
    dearer = changed(alice, "1A")
    settle(pay(dearer).booking)
    alice.refresh_from_db()
    assert alice.total_cents - before == dearer.difference_cents > 0
    cheaper = changed(alice, "30A")
    assert cheaper.booking.state == State.CHANGED
    assert cheaper.difference_cents == -dearer.difference_cents
    settle(alice)
    assert (standing(alice), alice.total_cents, alice.kept_cents) == (PAID, before, 0)
    # Of the latest charge first.
    refund = alice.refunds.get()
    assert refund.charge.startswith(str(dearer.pk))
    assert (refund.amount_cents, charged_cents(dearer.booking)) == (dearer.difference_cents, 0)


def test_what_goes_back_comes_of_as_many_charges_as_it_takes(flight: Flight) -> None:
    alice = paid_at(flight, "flex", "30A")
    settle(pay(changed(alice, "1A")).booking)
    quote = saga.quote_cancellation(booking_id=alice.pk)
    saga.cancel_as_quoted(booking_id=alice.pk, quote_id=quote.id)
    settle(alice)
    assert standing(alice) == (State.CANCELLED, PaymentStatus.REFUNDED)
    refunds = list(alice.refunds.all())
    assert len(refunds) == 2
    assert sum(each.amount_cents for each in refunds) == quote.refund_cents


def test_a_free_change_is_made_at_once(flight: Flight) -> None:
    alice = paid_at(flight, "flex", "1A")
    change = changed(alice, "1B")
    assert (change.booking.state, change.difference_cents) == (State.CHANGED, 0)
    assert (standing(alice), owned(alice)) == (PAID, ["1B"])
    assert owned(a_hold(flight, "1A")) == ["1A"]


def test_by_a_fare_without_refund_nothing_goes_back(flight: Flight) -> None:
    alice = paid_at(flight, "light", "1A")
    paid = alice.total_cents
    change = changed(alice, "30A")
    settle(pay(change).booking) if change.difference_cents else None
    assert standing(alice) == PAID
    assert alice.total_cents < paid
    assert alice.total_cents + alice.kept_cents == paid + change.difference_cents


@pytest.mark.parametrize("code", ["11111", "99999"])
def test_a_payment_that_fails_frees_the_new_seats_and_nothing_else(
    flight: Flight, code: str
) -> None:
    alice = a_confirmed_booking(flight, "1A")
    change = changed(alice, "1B")
    settle(pay(change, code).booking)
    assert standing(change.booking) == (State.FAILED, PaymentStatus.NONE)
    assert (standing(alice), owned(alice), owned(change.booking)) == (PAID, ["1A"], [])
    assert owned(a_hold(flight, "1B")) == ["1B"]


def test_a_change_that_nobody_pays_for_expires(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    change = changed(alice, "1B")
    run_out(change.booking)
    with pytest.raises(HoldExpired):
        pay(change)
    assert standing(change.booking) == (State.EXPIRED, PaymentStatus.NONE)
    assert (standing(alice), owned(alice)) == (PAID, ["1A"])
    assert changed(alice, "1C").booking.state == State.SEATS_RESERVED


def test_it_can_be_given_up_again_and_again_until_it_is_made(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    change = changed(alice, "1B")
    for _ in range(2):
        saga.give_up_change(booking_id=alice.pk, change_id=change.pk)
    assert standing(change.booking)[0] == State.CANCELLED
    assert (standing(alice), owned(alice)) == (PAID, ["1A"])
    with pytest.raises(BookingCancelled):
        pay(change)
    made = changed(alice, "1C")
    settle(pay(made).booking)
    with pytest.raises(ChangeMade):
        saga.give_up_change(booking_id=alice.pk, change_id=made.pk)


def test_there_is_one_at_a_time(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    first = changed(alice, "1B")
    # Also who asks for the same seats again is told that they are theirs.
    for seat in ("1C", "1B"):
        with pytest.raises(OpenChangeExists):
            changed(alice, seat)
    run_out(first.booking)
    changed(alice, "1C")
    assert standing(first.booking)[0] == State.EXPIRED


def test_the_same_code_again_is_charged_once_and_answered_alike(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    change = changed(alice, "1B")
    assert {pay(change).booking.state for _ in range(2)} == {State.PAYMENT_PROCESSING}
    settle(change.booking)
    assert pay(change).booking.state == State.CHANGED
    with pytest.raises(ChangeMade):
        pay(change, "12345")
    assert charged_cents(change.booking) == change.difference_cents


def test_a_booking_that_changed_meanwhile_is_left_alone_and_the_money_goes_back(
    flight: Flight,
) -> None:
    alice = a_confirmed_booking(flight, "1A", "2A")
    change = pay(changed(alice, "1B", "2A"))
    saga.reseat(booking_id=alice.pk, seats=["1C", "2A"], by=BY)
    settle(change.booking)
    assert standing(change.booking) == (State.FAILED, PaymentStatus.REFUNDED)
    assert change.booking.last_error == ChangeOutdated().message
    assert (standing(alice), owned(alice)) == (PAID, ["1C", "2A"])
    assert charged_cents(change.booking) == 0


def test_seats_that_have_other_prices_by_now_are_not_exchanged(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "2A", "30A")
    change = pay(changed(alice, "2A", "30C"))
    for seats in (["1A", "2A"], ["1A", "9A"], ["2A", "30A"]):
        saga.reseat(booking_id=alice.pk, seats=seats, by=BY)
    settle(change.booking)
    assert standing(change.booking) == (State.FAILED, PaymentStatus.REFUNDED)
    assert list(broken(overdue_seconds=0)) == []


def test_nobody_is_charged_for_a_change_that_is_of_no_use_any_more(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    change = changed(alice, "1B")
    saga.reseat(booking_id=alice.pk, seats=["1C"], by=BY)
    with pytest.raises(ChangeOutdated):
        pay(change)
    assert standing(change.booking)[0] == State.SEATS_RESERVED


def test_a_cancelled_flight_ends_the_change_and_its_booking(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    before = settle(pay(changed(alice, "1C")).booking)
    change = pay(changed(alice, "1B"))
    charge = timers.take_step(change.booking.pk)
    saga.cancel_flight(flight_id=flight.pk, by=BY)
    saga.end_bookings(flight.pk)
    assert charge
    charge()
    for booking in (alice, change.booking):
        settle(booking)
        assert standing(booking) == (State.CANCELLED, PaymentStatus.REFUNDED)
    assert [charged_cents(each) for each in (alice, before, change.booking)] == [0, 0, 0]
    assert not SeatClaim.objects.filter(flight=flight).exists()


def test_an_approval_whose_answer_was_lost_is_found_and_the_change_made(
    flight: Flight, gateway: type[MoodyGateway]
) -> None:
    alice = a_confirmed_booking(flight, "1A")
    change = pay(changed(alice, "1B"))
    gateway.fates[:] = ["silent", "silent", "silent"]
    settle(change.booking)
    assert (standing(change.booking)[0], owned(alice)) == (State.CHANGED, ["1B"])


@pytest.fixture
def exits(transactional_db: None) -> Flight:
    """Row 12 is at an emergency exit."""
    return a_flight("AF7", layout=every_kind_of_seat())


def with_a_child(booking: Booking) -> list[Said]:
    born = timezone.now().date() - timedelta(days=2000)
    first, second = booking.seats
    return [Said(first, "Ben", "A", "child", born), Said(second, "Ada", "A")]


def test_passengers_keep_their_places_and_no_child_comes_to_an_exit(exits: Flight) -> None:
    alice = a_hold(exits, "13A", "13B")
    saga.name_passengers(booking_id=alice.pk, said=with_a_child(alice))
    settle(saga.start_payment(booking_id=alice.pk, code="00000"))
    with pytest.raises(InvalidSeats, match="exit"):
        changed(alice, "12A", "12B")
    change = changed(alice, "12A", "14B")
    assert change.seats == ["14B", "12A"]
    settle(pay(change).booking)
    alice.refresh_from_db()
    seated = zip(alice.seats, alice.passengers, strict=True)
    assert [(seat, one and one.name) for seat, one in seated] == [
        ("14B", "Ben A"),
        ("12A", "Ada A"),
    ]


def test_who_became_a_child_meanwhile_is_not_seated_at_an_exit(exits: Flight) -> None:
    alice = a_confirmed_booking(exits, "13A", "13B")
    change = pay(changed(alice, "12A", "12B"))
    saga.correct_passengers(booking_id=alice.pk, said=with_a_child(alice), by=BY)
    settle(change.booking)
    assert standing(change.booking) == (State.FAILED, PaymentStatus.REFUNDED)
    assert owned(alice) == ["13A", "13B"]


def test_what_staff_gave_back_meanwhile_does_not_go_back_again(flight: Flight) -> None:
    alice = paid_at(flight, "flex", "1A")
    saga.give_refund(booking_id=alice.pk, amount_cents=alice.total_cents, by=BY)
    settle(alice)
    change = changed(alice, "30A")
    settle(change.booking)
    settle(alice)
    assert (standing(alice), owned(alice)) == (PAID, ["30A"])
    assert charged_cents(alice) == 0 == alice.total_cents + alice.kept_cents
