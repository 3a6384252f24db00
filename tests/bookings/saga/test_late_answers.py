"""Answers that never come, or come late; and money that goes back."""

import pytest

from bookings import saga
from bookings.errors import (
    NotPossible,
)
from bookings.models import Booking, LedgerEntry, Outcome, PaymentAttempt, PaymentStatus, State
from bookings.payments import Answer
from bookings.saga import payment_answers, timers
from flights.models import Flight
from tests.bookings.saga.attempts import keys, outcomes
from tests.people import (
    MoodyGateway,
    a_confirmed_booking,
    a_hold,
    a_payment,
    charged_cents,
    owned,
    run_out,
    settle,
    standing,
)

pytestmark = pytest.mark.django_db(transaction=True)


BY = "operator:olga"


@pytest.mark.parametrize("fate", ["silent", "lost"])
def test_after_an_unknown_outcome_the_key_is_used_again_and_charges_once(
    flight: Flight, gateway: type[MoodyGateway], fate: str
) -> None:
    gateway.fates = [fate, "approved"]
    alice = settle(a_payment(flight, code="12345"))
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.CHARGED)
    assert outcomes(alice) == [Outcome.UNKNOWN, Outcome.APPROVED]
    assert len(keys(alice)) == 1
    assert charged_cents(alice) == alice.total_cents


def test_a_last_attempt_that_charged_in_silence_is_found_out_and_confirmed(
    flight: Flight, gateway: type[MoodyGateway]
) -> None:
    gateway.fates = ["declined", "declined", "silent"]
    alice = settle(a_payment(flight, code="12345"))
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.CHARGED)
    assert charged_cents(alice) == alice.total_cents


def test_a_last_attempt_that_never_arrived_fails_and_its_key_is_voided(
    flight: Flight, gateway: type[MoodyGateway]
) -> None:
    gateway.fates = ["declined", "declined", "lost"]
    alice = settle(a_payment(flight, code="12345"))
    assert standing(alice) == (State.FAILED, PaymentStatus.REFUNDED)
    assert charged_cents(alice) == 0
    # The lost request arrives after all, an hour late: it finds its key voided.
    late = gateway().charge(
        key=f"{alice.pk}-3", amount_cents=alice.total_cents, currency="EUR", code="00000"
    )
    assert late.outcome == Outcome.REFUSED
    assert charged_cents(alice) == 0


def test_a_gateway_that_cannot_even_be_asked_leaves_no_charge(
    flight: Flight, gateway: type[MoodyGateway]
) -> None:
    gateway.fates = ["declined", "declined", "silent"]
    gateway.answers_lookups = False
    alice = settle(a_payment(flight, code="12345"))
    assert standing(alice) == (State.FAILED, PaymentStatus.REFUNDED)
    assert charged_cents(alice) == 0


def test_a_worker_that_died_after_charging_costs_an_attempt_and_not_a_second_charge(
    flight: Flight,
) -> None:
    alice = a_payment(flight)
    dies_before_recording(alice)
    saga.advance(alice.pk)
    assert outcomes(alice) == [None], "its lease still runs"
    settle(alice)
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.CHARGED)
    assert outcomes(alice) == [Outcome.UNKNOWN, Outcome.APPROVED]
    assert LedgerEntry.objects.count() == 1


def dies_before_recording(booking: Booking) -> tuple[PaymentAttempt, Answer]:
    """A worker opens the attempt and charges, and is never heard of again."""
    timers.take_step(booking.pk)
    attempt = PaymentAttempt.objects.get(booking=booking, outcome=None)
    answer = MoodyGateway().charge(
        key=attempt.key, amount_cents=booking.total_cents, currency="EUR", code="00000"
    )
    return attempt, answer


def test_an_answer_that_comes_after_its_lease_changes_nothing(flight: Flight) -> None:
    alice = a_payment(flight)
    attempt, answer = dies_before_recording(alice)
    settle(alice)
    version = alice.version
    payment_answers.record_answer(alice.pk, attempt.number, answer)
    alice.refresh_from_db()
    assert alice.version == version
    assert charged_cents(alice) == alice.total_cents


def test_an_answer_that_comes_after_its_lease_is_not_the_next_attempts_answer(
    flight: Flight,
) -> None:
    alice = a_payment(flight)
    timers.take_step(alice.pk)
    late = PaymentAttempt.objects.get(booking=alice)
    run_out(alice)
    timers.take_step(alice.pk)
    alice.refresh_from_db()
    version = alice.version
    payment_answers.record_answer(alice.pk, late.number, Answer(Outcome.DECLINED))
    alice.refresh_from_db()
    assert (outcomes(alice), alice.version) == ([Outcome.UNKNOWN, None], version)


def test_a_payment_ended_by_an_operator_while_it_charges_is_refunded(flight: Flight) -> None:
    alice = a_payment(flight, "12A")
    attempt, answer = dies_before_recording(alice)
    saga.terminate(booking_id=alice.pk, by=BY, reason="fraud")
    assert standing(alice) == (State.CANCELLED, PaymentStatus.REFUND_DUE)
    assert owned(alice) == []
    payment_answers.record_answer(alice.pk, attempt.number, answer)
    settle(alice)
    assert standing(alice) == (State.CANCELLED, PaymentStatus.REFUNDED)
    assert charged_cents(alice) == 0


def test_a_late_approval_of_a_failed_booking_is_refunded_and_revives_nothing(
    flight: Flight,
) -> None:
    alice = settle(a_payment(flight, "12A", code="11111"))
    attempt = PaymentAttempt.objects.get(booking=alice)
    LedgerEntry.objects.filter(key=attempt.key).update(status="approved")
    bob = a_hold(flight, "12A")
    payment_answers.record_answer(alice.pk, attempt.number, Answer(Outcome.APPROVED))
    assert standing(alice) == (State.FAILED, PaymentStatus.REFUND_DUE)
    settle(alice)
    assert standing(alice) == (State.FAILED, PaymentStatus.REFUNDED)
    assert (charged_cents(alice), owned(bob)) == (0, ["12A"])


def test_a_confirmed_booking_is_cancelled_and_refunded_by_an_operator(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "12A")
    saga.cancel_and_refund(booking_id=alice.pk, by=BY, reason="flight cancelled")
    assert standing(alice) == (State.CANCELLED, PaymentStatus.REFUND_DUE)
    assert owned(alice) == []
    settle(alice)
    assert standing(alice) == (State.CANCELLED, PaymentStatus.REFUNDED)
    assert charged_cents(alice) == 0
    event = alice.events.get(name="cancelled_for_refund")
    assert (event.by, event.detail) == (BY, "flight cancelled")


def test_a_refund_is_tried_until_the_gateway_does_it(
    flight: Flight, gateway: type[MoodyGateway]
) -> None:
    alice = a_confirmed_booking(flight)
    gateway.refunds = False
    saga.cancel_and_refund(booking_id=alice.pk, by=BY)
    for failures in (1, 2):
        run_out(alice)
        timers.advance_or_postpone(alice.pk)
        alice.refresh_from_db()
        assert (alice.payment_status, alice.failures) == (PaymentStatus.REFUND_DUE, failures)
    gateway.refunds = True
    settle(alice)
    assert (alice.payment_status, alice.failures, charged_cents(alice)) == (
        PaymentStatus.REFUNDED,
        0,
        0,
    )


def test_terminating_a_hold_frees_its_seats_and_needs_no_refund(flight: Flight) -> None:
    alice = a_hold(flight, "12A")
    saga.terminate(booking_id=alice.pk, by=BY)
    assert standing(alice) == (State.CANCELLED, PaymentStatus.NONE)
    assert owned(alice) == []


def test_terminating_a_payment_before_its_first_attempt_needs_no_refund(flight: Flight) -> None:
    alice = a_payment(flight)
    saga.terminate(booking_id=alice.pk, by=BY)
    assert standing(alice) == (State.CANCELLED, PaymentStatus.NONE)


def test_operators_are_refused_what_the_state_does_not_allow(flight: Flight) -> None:
    held, confirmed = a_hold(flight, "1A"), a_confirmed_booking(flight, "1B")
    failed = settle(a_payment(flight, "1C", code="11111"))
    for booking in (confirmed, failed):
        with pytest.raises(NotPossible):
            saga.terminate(booking_id=booking.pk, by=BY)
    for booking in (held, failed):
        with pytest.raises(NotPossible):
            saga.cancel_and_refund(booking_id=booking.pk, by=BY)
    for booking in (held, confirmed, failed):
        with pytest.raises(NotPossible):
            saga.retry_now(booking_id=booking.pk, by=BY)


def test_retry_now_shortens_the_pause_but_not_an_attempt_that_runs(
    flight: Flight, gateway: type[MoodyGateway]
) -> None:
    gateway.fates = ["declined", "approved"]
    alice = a_payment(flight, code="12345")
    saga.advance(alice.pk)
    saga.retry_now(booking_id=alice.pk, by=BY)
    saga.advance(alice.pk)
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.CHARGED)
    bob = a_payment(flight, "14A")
    dies_before_recording(bob)
    with pytest.raises(NotPossible):
        saga.retry_now(booking_id=bob.pk, by=BY)
