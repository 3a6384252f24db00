"""Paying: three attempts, one charge, and whatever goes wrong undone."""

from typing import Any
from uuid import uuid4

import pytest

from bookings import saga
from bookings.errors import (
    AlreadyPaid,
    HoldExpired,
    InvalidContact,
    InvalidPaymentCode,
    NoSeats,
    PaymentInProgress,
    SeatTaken,
)
from bookings.models import Booking, LedgerEntry, Outcome, PaymentStatus, State
from bookings.payments import Answer, GatewayTimeout
from flights.models import Flight
from tests.bookings.saga.attempts import keys, outcomes
from tests.people import (
    MoodyGateway,
    a_hold,
    a_payment,
    charged_cents,
    let_time_pass,
    owned,
    run_out,
    settle,
    standing,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_paid_hold_is_confirmed_charged_and_has_a_record_locator(flight: Flight) -> None:
    alice = settle(a_payment(flight, "12A", "12B"))
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.CHARGED)
    assert owned(alice) == ["12A", "12B"]
    assert charged_cents(alice) == alice.total_cents
    assert alice.record_locator
    assert not set(alice.record_locator) & set("0O1I")
    assert (alice.payment_code, alice.due_at) == ("", None)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "1234",
        "123456",
        "12 45",
        "1234a",
        "\uff11\uff12\uff13\uff14\uff15",
        "12345\n",
        "-1234",
        "\u0661\u0662\u0663\u0664\u0665",
    ],
)
def test_a_code_that_is_not_five_ascii_digits_spends_nothing(flight: Flight, code: str) -> None:
    alice = a_hold(flight)
    version = alice.version
    with pytest.raises(InvalidPaymentCode):
        saga.start_payment(booking_id=alice.pk, code=code)
    alice.refresh_from_db()
    assert (alice.state, alice.version) == (State.SEATS_RESERVED, version)


def test_who_travels_is_kept_with_the_booking_but_not_in_its_history(flight: Flight) -> None:
    alice = a_hold(flight)
    saga.start_payment(
        booking_id=alice.pk, code="00000", name=" Alice  Liddell ", email="alice@example.org"
    )
    alice.refresh_from_db()
    assert (alice.name, alice.email) == ("Alice Liddell", "alice@example.org")
    assert "Alice" not in str(list(alice.events.values()))


@pytest.mark.parametrize(
    "contact",
    [
        {"name": "A" * 81},
        {"name": "Al\x00ice"},
        {"name": "\ud800"},
        {"name": "https://example.org click here"},
        {"email": "alice"},
        {"email": "alice@example.org, bob@example.org"},
        {"email": "alice@ex\ud800mple.org"},
        {"email": "a" * 120 + "@example.org"},
    ],
)
def test_a_name_or_an_address_that_cannot_be_spends_nothing(
    flight: Flight, contact: dict[str, Any]
) -> None:
    alice = a_hold(flight)
    with pytest.raises(InvalidContact):
        saga.start_payment(booking_id=alice.pk, code="00000", **contact)
    assert standing(alice) == (State.SEATS_RESERVED, PaymentStatus.NONE)


def test_a_booking_without_seats_cannot_be_paid(flight: Flight) -> None:
    alice = a_hold(flight)
    saga.update_seats(booking_id=alice.pk, seats=[])
    with pytest.raises(NoSeats):
        saga.start_payment(booking_id=alice.pk, code="00000")


def test_the_same_code_again_while_it_runs_is_the_same_answer_and_one_charge(
    flight: Flight,
) -> None:
    alice = a_payment(flight)
    again = saga.start_payment(booking_id=alice.pk, code="00000")
    assert again.version == alice.version
    with pytest.raises(PaymentInProgress):
        saga.start_payment(booking_id=alice.pk, code="12345")
    settle(alice)
    assert LedgerEntry.objects.count() == 1


def test_the_same_code_again_once_it_is_paid_is_the_paid_booking(flight: Flight) -> None:
    alice = settle(a_payment(flight, code="00000"))
    again = saga.start_payment(booking_id=alice.pk, code="00000", name="Somebody Else")
    assert (again.state, again.record_locator) == (State.CONFIRMED, alice.record_locator)
    assert (again.version, again.name) == (alice.version, "")
    with pytest.raises(AlreadyPaid):
        saga.start_payment(booking_id=alice.pk, code="12345")
    assert LedgerEntry.objects.count() == 1


def test_of_a_code_that_paid_only_what_tells_it_from_others_is_kept(flight: Flight) -> None:
    alice, bob = settle(a_payment(flight, "12A")), settle(a_payment(flight, "14A"))
    kept = Booking.objects.get(pk=alice.pk).code_fingerprint
    assert kept
    assert "00000" not in str(Booking.objects.filter(pk=alice.pk).values().get())
    assert kept != bob.code_fingerprint, "the same code of two bookings cannot be told"
    assert kept not in str(list(alice.events.values()))


def test_nothing_of_a_code_is_kept_when_the_booking_ends_otherwise(flight: Flight) -> None:
    failed = settle(a_payment(flight, "12A", code="11111"))
    terminated, refunded = a_payment(flight, "14A"), settle(a_payment(flight, "16A"))
    saga.terminate(booking_id=terminated.pk, by="operator:olga", reason="fraud")
    saga.cancel_and_refund(booking_id=refunded.pk, by="operator:olga", reason="ill")
    for ended in (failed, terminated, refunded):
        assert settle(ended).code_fingerprint == ""


def test_the_hold_clock_stands_still_while_payment_runs(flight: Flight) -> None:
    alice = a_hold(flight)
    let_time_pass(alice, 899)
    saga.start_payment(booking_id=alice.pk, code="00000")
    let_time_pass(alice, 60)
    assert saga.sweep(saga.advance) == 1
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.CHARGED)


def test_a_decline_is_tried_again_with_a_new_key_after_a_pause(
    flight: Flight, gateway: type[MoodyGateway]
) -> None:
    gateway.fates = ["declined", "approved"]
    alice = a_payment(flight, code="12345")
    saga.advance(alice.pk)
    alice.refresh_from_db()
    assert alice.state == State.PAYMENT_PROCESSING
    assert alice.last_error == "The bank declined the payment this time."
    saga.advance(alice.pk)
    assert outcomes(alice) == [Outcome.DECLINED], "not before its pause is over"
    settle(alice)
    assert outcomes(alice) == [Outcome.DECLINED, Outcome.APPROVED]
    assert len(keys(alice)) == 2
    assert charged_cents(alice) == alice.total_cents


def test_the_pauses_grow(flight: Flight, gateway: type[MoodyGateway]) -> None:
    gateway.fates = ["declined", "declined", "approved"]
    alice = a_payment(flight, code="12345")
    pauses = []
    for _ in range(2):
        saga.advance(alice.pk)
        alice.refresh_from_db()
        last = alice.events.last()
        assert last is not None
        assert alice.due_at is not None
        pauses.append(round((alice.due_at - last.at).total_seconds(), 3))
        run_out(alice)
    assert pauses == [1.0, 1.5]


def test_the_third_decline_fails_the_booking_and_frees_its_seats(flight: Flight) -> None:
    alice = settle(a_payment(flight, "12A", code="99999"))
    assert standing(alice) == (State.FAILED, PaymentStatus.NONE)
    assert outcomes(alice) == [Outcome.DECLINED] * 3
    assert (owned(alice), charged_cents(alice), alice.payment_code) == ([], 0, "")
    assert owned(a_hold(flight, "12A")) == ["12A"]


def test_a_refusal_for_good_fails_at_once(flight: Flight) -> None:
    alice = a_payment(flight, code="11111")
    saga.advance(alice.pk)
    assert standing(alice) == (State.FAILED, PaymentStatus.NONE)
    assert outcomes(alice) == [Outcome.REFUSED]


def test_nobody_can_take_a_seat_while_it_is_paid_for(flight: Flight) -> None:
    alice = a_payment(flight, "12A")
    let_time_pass(alice, 3600)
    with pytest.raises(SeatTaken):
        a_hold(flight, "12A")
    assert settle(alice).state == State.CONFIRMED


def test_payment_cannot_start_on_an_expired_hold(flight: Flight) -> None:
    alice = settle(a_hold(flight))
    with pytest.raises(HoldExpired):
        saga.start_payment(booking_id=alice.pk, code="00000")


@pytest.mark.parametrize("said", ["no " * 500, "\x1b[2J\r\n\x00", "\ud800\u202eon", "\u2028" * 60])
def test_a_gateway_may_give_any_reason(
    flight: Flight, gateway: type[MoodyGateway], monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    answer = Answer(Outcome.REFUSED, reason=said, reference=said)
    monkeypatch.setattr(gateway, "charge", lambda *_, **__: answer)
    alice = a_payment(flight)
    saga.advance(alice.pk)
    assert standing(alice) == (State.FAILED, PaymentStatus.NONE)
    assert alice.last_error.isprintable()
    assert alice.payment_attempts.get().reference.isprintable()


def test_the_simulated_gateway_gives_the_same_answer_for_the_same_key(
    flight: Flight, gateway: type[MoodyGateway]
) -> None:
    shop = {"amount_cents": 5000, "currency": "EUR", "code": "12345"}
    gateway.fates = ["declined", "approved", "silent"]
    assert gateway().charge(key="a", **shop).outcome == Outcome.DECLINED  # type: ignore[arg-type]
    assert gateway().charge(key="a", **shop).outcome == Outcome.DECLINED  # type: ignore[arg-type]
    with pytest.raises(GatewayTimeout):
        gateway().charge(key="b", **shop)  # type: ignore[arg-type]
    found = gateway().lookup(key="b")
    assert found.outcome == Outcome.APPROVED
    assert gateway().lookup(key=str(uuid4())) is None


def test_about_fifteen_in_a_hundred_simulated_payments_fail() -> None:
    fates = [MoodyGateway().fate("12345") for _ in range(4000)]
    failed = sum(fate != "approved" for fate in fates)
    assert 480 < failed < 720  # 600 expected; five standard deviations are 113
    assert {"declined", "lost", "silent"} <= set(fates)
