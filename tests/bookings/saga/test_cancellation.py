"""A customer gives a paid booking back: what is quoted, what goes back, and what is kept."""

import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from bookings import payments, saga
from bookings.errors import (
    InvalidSeats,
    NotPossible,
    NotYours,
    QuoteEnded,
    QuoteNotFound,
)
from bookings.models import Booking, PaymentStatus, State
from bookings.payments.ledger import RefundRefused
from bookings.saga import Said
from bookings.saga.cancellation import Quote
from flights.models import Flight
from tests.people import (
    MoodyGateway,
    a_confirmed_booking,
    a_hold,
    charged_cents,
    let_time_pass,
    owned,
    settle,
    standing,
)

pytestmark = pytest.mark.django_db(transaction=True)

BY = "operator:olga"
# 216.00 a seat; Standard gives 70 % back.
SEAT, BACK, FEE = 21_600, 15_120, 6_480


def quoted(booking: Booking, *seats: str) -> Quote:
    return saga.quote_cancellation(booking_id=booking.pk, seats=seats or None)


def give_back(booking: Booking, *seats: str) -> Quote:
    return saga.cancel_as_quoted(booking_id=booking.pk, quote_id=quoted(booking, *seats).id)


def paid_at(flight: Flight, fare: str, *seats: str) -> Booking:
    booking = saga.hold_seats(flight_id=flight.pk, seats=seats, fare=fare)
    return settle(saga.start_payment(booking_id=booking.pk, code="00000"))


def test_a_quote_says_what_goes_back_and_changes_nothing(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A", "1B")
    version = alice.version
    all_of_it, one = quoted(alice), quoted(alice, "1B")
    assert (all_of_it.seats, all_of_it.refund_cents, all_of_it.fee_cents) == (
        ["1A", "1B"],
        2 * BACK,
        2 * FEE,
    )
    assert (one.seats, one.refund_cents, one.fee_cents) == (["1B"], BACK, FEE)
    assert timedelta(minutes=14) < one.valid_until - timezone.now() <= timedelta(minutes=15)
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.CHARGED)
    assert alice.version == version


def test_all_of_it_is_given_back_and_the_fee_is_kept(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A", "1B")
    give_back(alice)
    assert standing(alice) == (State.CANCELLED, PaymentStatus.REFUND_DUE)
    assert owned(alice) == []
    settle(alice)
    assert standing(alice) == (State.CANCELLED, PaymentStatus.REFUNDED)
    assert (charged_cents(alice), alice.kept_cents) == (2 * FEE, 2 * FEE)
    assert alice.refunds.get().done_at


def test_one_seat_is_given_back_and_the_others_stay(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A", "1B", "1C")
    give_back(alice, "1B")
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.REFUND_DUE)
    assert (owned(alice), alice.seats) == (["1A", "1C"], ["1A", "1C"])
    a_hold(flight, "1B")
    settle(alice)
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.CHARGED)
    assert (alice.total_cents, alice.kept_cents) == (2 * SEAT, FEE)
    assert charged_cents(alice) == 2 * SEAT + FEE
    give_back(alice, "1A")
    give_back(alice, "1C")
    settle(alice)
    assert (standing(alice)[0], charged_cents(alice)) == (State.CANCELLED, 3 * FEE)


@pytest.mark.parametrize(("fare", "goes_back"), [("light", 0), ("flex", 28_080)])
def test_the_fare_says_how_much(flight: Flight, fare: str, goes_back: int) -> None:
    alice = paid_at(flight, fare, "1A")
    quote = give_back(alice)
    assert quote.refund_cents == goes_back
    settle(alice)
    money = PaymentStatus.REFUNDED if goes_back else PaymentStatus.CHARGED
    assert standing(alice) == (State.CANCELLED, money)
    assert charged_cents(alice) == alice.total_cents - goes_back
    assert alice.due_at is None


def test_too_late_for_a_refund_nothing_goes_back(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    Flight.objects.update(departure=timezone.now() + timedelta(hours=23))
    assert quoted(alice).refund_cents == 0


def test_a_quote_ends_when_its_conditions_do(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    last_hour = timezone.now() + timedelta(hours=24, minutes=5)
    Flight.objects.update(departure=last_hour)
    assert quoted(alice).valid_until == last_hour - timedelta(hours=24)


def test_the_same_quote_twice_gets_the_same_answer_and_refunds_once(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A", "1B")
    quote = quoted(alice, "1A")
    said = {"booking_id": alice.pk, "quote_id": quote.id}
    assert saga.cancel_as_quoted(**said) == quote  # type: ignore[arg-type]
    assert saga.cancel_as_quoted(**said) == quote  # type: ignore[arg-type]
    settle(alice)
    give_back(alice)
    assert saga.cancel_as_quoted(**said) == quote  # type: ignore[arg-type]
    settle(alice)
    assert charged_cents(alice) == 2 * FEE


def change_the_seats(alice: Booking) -> None:
    saga.reseat(booking_id=alice.pk, seats=["2A"], by=BY)


def delay_the_flight(alice: Booking) -> None:
    saga.delay_flight(flight_id=alice.flight_id, minutes=30, by=BY)


def take_it_back(alice: Booking) -> None:
    saga.cancel_and_refund(booking_id=alice.pk, by=BY)


@pytest.mark.parametrize("change", [change_the_seats, delay_the_flight, take_it_back])
def test_a_quote_of_what_has_changed_since_is_refused(flight: Flight, change: Any) -> None:
    alice = a_confirmed_booking(flight, "1A")
    quote = quoted(alice)
    change(alice)
    before = standing(alice), alice.version
    with pytest.raises(QuoteEnded):
        saga.cancel_as_quoted(booking_id=alice.pk, quote_id=quote.id)
    assert (standing(alice), alice.version) == before


def test_of_two_quotes_that_are_confirmed_at_once_one_is_refused(
    flight: Flight, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = a_confirmed_booking(flight, "1A", "1B")
    first, second = quoted(alice, "1A"), quoted(alice)
    # Whoever confirms the second has looked when the first was not confirmed yet.
    seen = saga.look(alice.pk)
    saga.cancel_as_quoted(booking_id=alice.pk, quote_id=first.id)
    monkeypatch.setattr("bookings.saga.cancellation.look", lambda _: seen)
    with pytest.raises(QuoteEnded):
        saga.cancel_as_quoted(booking_id=alice.pk, quote_id=second.id)
    assert owned(alice) == ["1B"]


def test_the_gateway_gives_each_back_once_and_no_more_than_was_charged(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    charge = alice.payment_attempts.get().key
    for _ in range(2):
        payments.gateway().refund(key="one", charge=charge, amount_cents=20_000)
    payments.gateway().refund(key="two", charge=charge, amount_cents=1_600)
    for nothing in (charge, "none"):
        with pytest.raises(RefundRefused):
            payments.gateway().refund(key="three", amount_cents=1, charge=nothing)
    assert charged_cents(alice) == 0


def test_a_quote_is_of_its_own_booking_and_nobody_writes_one(flight: Flight) -> None:
    alice, bob = a_confirmed_booking(flight, "1A"), a_confirmed_booking(flight, "1B")
    for forged in (quoted(bob).id, quoted(alice).id[:-1], "", "x" * 2000, "a:b:c"):
        with pytest.raises(QuoteNotFound):
            saga.cancel_as_quoted(booking_id=alice.pk, quote_id=forged)


def test_a_quote_that_ended_is_refused(flight: Flight, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = a_confirmed_booking(flight, "1A")
    monkeypatch.setattr("bookings.saga.cancellation.VALID", timedelta(milliseconds=200))
    quote = quoted(alice)
    time.sleep(0.25)
    with pytest.raises(QuoteEnded):
        saga.cancel_as_quoted(booking_id=alice.pk, quote_id=quote.id)


@pytest.mark.parametrize(
    ("seats", "why"),
    [
        ([], "at least one"),
        (["1A", "1A"], "only once"),
        (["9F"], "not of this booking"),
        (["nonsense" * 99], "not of this booking"),
    ],
)
def test_seats_that_are_none_of_its_are_refused(flight: Flight, seats: list[str], why: str) -> None:
    alice = a_confirmed_booking(flight, "1A")
    with pytest.raises(InvalidSeats, match=why):
        saga.quote_cancellation(booking_id=alice.pk, seats=seats)


def test_only_what_is_paid_can_be_given_back_and_by_whose_it_is(flight: Flight) -> None:
    held = a_hold(flight, "1A")
    with pytest.raises(NotPossible, match="SEATS_RESERVED"):
        quoted(held)
    alice = a_confirmed_booking(flight, "1B")
    with pytest.raises(NotYours):
        saga.quote_cancellation(booking_id=alice.pk, browser_id=uuid4())
    with pytest.raises(NotYours):
        saga.cancel_as_quoted(booking_id=alice.pk, quote_id=quoted(alice).id, browser_id=uuid4())


def test_after_the_departure_nothing_can_be_given_back(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    Flight.objects.update(departure=timezone.now() - timedelta(minutes=1))
    with pytest.raises(NotPossible, match="left"):
        quoted(alice)


def test_who_stays_stays_named_and_whose_booking_it_is(flight: Flight) -> None:
    alice = a_hold(flight, "1A", "1B", "1C")
    said = [
        Said("1A", "Ada", "Lovelace"),
        Said("1A", "Ralph", "King", "infant", timezone.now().date() - timedelta(days=90)),
        Said("1B", "Grace", "Hopper"),
        Said("1C", "Kit", "Hopper", "child", timezone.now().date() - timedelta(days=2000)),
    ]
    saga.name_passengers(booking_id=alice.pk, said=said, email="ada@example.org")
    settle(saga.start_payment(booking_id=alice.pk, code="00000"))
    give_back(alice, "1A")
    alice.refresh_from_db()
    assert [one and one.name for one in alice.passengers] == ["Grace Hopper", "Kit Hopper"]
    assert (alice.name, alice.email) == ("Grace Hopper", "ada@example.org")
    assert "ralph" not in str(alice.contact_words)
    with pytest.raises(InvalidSeats, match="without an adult"):
        quoted(alice, "1B")
    assert quoted(alice).refund_cents == 2 * BACK


def test_staff_give_back_what_they_want_but_no_more_than_there_is(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    give = {"booking_id": alice.pk, "by": BY, "reason": "broken seat"}
    for cents in (0, -1, SEAT + 1, 2**40):
        with pytest.raises(NotPossible, match="more than what is left"):
            saga.give_refund(amount_cents=cents, **give)  # type: ignore[arg-type]
    saga.give_refund(amount_cents=2_000, **give)  # type: ignore[arg-type]
    saga.give_refund(amount_cents=8_000, **give)  # type: ignore[arg-type]
    settle(alice)
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.CHARGED)
    assert (charged_cents(alice), alice.kept_cents, owned(alice)) == (11_600, -10_000, ["1A"])
    # Never more than there is, whatever the fare says.
    assert quoted(alice).refund_cents == 11_600
    give_back(alice)
    settle(alice)
    assert (charged_cents(alice), standing(alice)[1]) == (0, PaymentStatus.REFUNDED)
    event = alice.events.filter(name="refund_given")[0]
    assert (event.by, event.detail) == (BY, "broken seat")


def test_what_staff_gave_back_beyond_the_price_of_a_seat_is_not_asked_back(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A", "1B")
    saga.give_refund(booking_id=alice.pk, amount_cents=SEAT + 8_400, by=BY)
    assert quoted(alice, "1A").refund_cents == 0
    give_back(alice, "1A")
    settle(alice)
    assert charged_cents(alice) == SEAT - 8_400 == alice.paid_for_cents


def test_staff_may_give_the_fee_back_later(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    give_back(alice)
    settle(alice)
    saga.give_refund(booking_id=alice.pk, amount_cents=FEE, by=BY)
    settle(alice)
    assert (charged_cents(alice), alice.kept_cents) == (0, 0)
    assert standing(alice) == (State.CANCELLED, PaymentStatus.REFUNDED)


def test_what_the_airline_cancels_goes_back_but_not_an_earlier_fee(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A", "1B")
    give_back(alice, "1A")
    saga.cancel_and_refund(booking_id=alice.pk, by=BY)
    settle(alice)
    assert (charged_cents(alice), alice.kept_cents) == (FEE, FEE)


def test_each_refund_is_tried_until_the_gateway_does_it_and_made_once(
    flight: Flight, gateway: type[MoodyGateway]
) -> None:
    alice = a_confirmed_booking(flight, "1A", "1B", "1C")
    gateway.refunds = False
    give_back(alice, "1A")
    saga.advance(alice.pk)
    give_back(alice, "1B")
    assert charged_cents(alice) == 3 * SEAT
    gateway.refunds = True
    alice.refresh_from_db()
    while alice.due_at:
        let_time_pass(alice, 1000)
        saga.advance(alice.pk)
        alice.refresh_from_db()
    assert charged_cents(alice) == SEAT + 2 * FEE
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.CHARGED)
