"""The caller keeps the deadline, whatever the gateway does."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from pytest_django import Settings

from bookings import saga
from bookings.models import Booking, LedgerEntry, Outcome, PaymentStatus, State
from bookings.payments import deadline
from bookings.saga import timers
from bookings.saga.refunds import refunds
from bookings.saga.workers import Payments
from flights.models import Flight
from tests import environment
from tests.bookings.saga import slow_gateways
from tests.bookings.saga.attempts import keys, outcomes
from tests.bookings.saga.slow_gateways import SLOW, STUCK, HeldUpGateway, QueryingGateway
from tests.people import (
    a_confirmed_booking,
    a_flight,
    a_payment,
    charged_cents,
    owned,
    run_out,
    settle,
    standing,
)
from tests.running import Processes, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

TIMEOUT = 0.3
BY = "operator:olga"


@pytest.fixture
def held_up(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[HeldUpGateway]]:
    """The gateway is held up at the verbs that the test names."""
    settings.PAYMENT_TIMEOUT_SECONDS = TIMEOUT
    settings.PAYMENT_GATEWAY = gateway_named(HeldUpGateway)
    monkeypatch.setattr(HeldUpGateway, "go_on", threading.Event())
    monkeypatch.setattr(HeldUpGateway, "at", ())
    yield HeldUpGateway
    let_go(HeldUpGateway)
    refunds.forget()


def gateway_named(gateway: type) -> str:
    return f"{gateway.__module__}.{gateway.__qualname__}"


def let_go(gateway: type[HeldUpGateway]) -> None:
    """Whoever was held up answers, and what they say is written down."""
    gateway.go_on.set()
    wait_until(lambda: deadline.hung() == 0, "late answers")


def seconds_of(booking: Booking) -> float:
    """How long whoever takes the booking's next step is kept."""
    run_out(booking)
    started = time.monotonic()
    timers.advance_or_postpone(booking.pk)
    return time.monotonic() - started


def test_a_charge_is_waited_for_until_the_deadline_and_counts_as_unknown(
    flight: Flight, held_up: type[HeldUpGateway]
) -> None:
    held_up.at = ("charge",)
    alice = a_payment(flight)
    assert TIMEOUT <= seconds_of(alice) < 5
    assert (standing(alice)[0], outcomes(alice)) == (State.PAYMENT_PROCESSING, [Outcome.UNKNOWN])
    assert alice.last_error == "The payment service did not answer in time."
    let_go(held_up)
    assert standing(alice) == (State.PAYMENT_PROCESSING, PaymentStatus.NONE), "it came too late"
    settle(alice)
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.CHARGED)
    assert (len(keys(alice)), LedgerEntry.objects.count()) == (1, 1)


def test_a_gateway_that_never_answers_ends_the_payment_and_charges_nothing(
    flight: Flight, held_up: type[HeldUpGateway]
) -> None:
    held_up.at = ("charge", "lookup", "void")
    alice = a_payment(flight, "12A")
    assert all(TIMEOUT <= seconds_of(alice) < 5 for _ in ("three", "charges", "and a", "lookup"))
    assert (standing(alice), owned(alice)) == ((State.FAILED, PaymentStatus.REFUND_DUE), [])
    assert outcomes(alice) == [Outcome.UNKNOWN] * 3
    assert TIMEOUT <= seconds_of(alice) < 5
    assert (standing(alice)[1], alice.failures) == (PaymentStatus.REFUND_DUE, 1)
    let_go(held_up)
    assert standing(alice) == (State.FAILED, PaymentStatus.REFUNDED), "by the late void"
    assert (alice.due_at, alice.failures, charged_cents(alice)) == (None, 0, 0)


def test_a_late_approval_of_a_booking_that_has_ended_goes_back(
    flight: Flight, held_up: type[HeldUpGateway], settings: Settings
) -> None:
    settings.PAYMENT_MAX_ATTEMPTS = 1
    held_up.at = ("charge",)
    alice = a_payment(flight, "12A")
    seconds_of(alice)
    LedgerEntry.objects.create(
        key=keys(alice).pop(), amount_cents=0, currency="EUR", status="refused", at=alice.created_at
    )
    seconds_of(alice)
    assert standing(alice) == (State.FAILED, PaymentStatus.NONE)
    LedgerEntry.objects.update(status="approved")
    let_go(held_up)
    assert standing(alice) == (State.FAILED, PaymentStatus.REFUND_DUE)
    held_up.at = ()
    assert settle(alice).payment_status == PaymentStatus.REFUNDED


def test_a_last_attempt_past_the_deadline_is_settled_by_its_key(
    flight: Flight, held_up: type[HeldUpGateway], settings: Settings
) -> None:
    settings.PAYMENT_MAX_ATTEMPTS = 1
    held_up.at = ("charge",)
    alice = a_payment(flight)
    seconds_of(alice)
    let_go(held_up)
    settle(alice)
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.CHARGED)
    assert charged_cents(alice) == alice.total_cents


def test_who_waits_for_a_refund_is_let_go_and_it_is_tried_again(
    flight: Flight, held_up: type[HeldUpGateway]
) -> None:
    alice = a_confirmed_booking(flight)
    saga.cancel_and_refund(booking_id=alice.pk, by=BY)
    held_up.at = ("refund",)
    assert TIMEOUT <= seconds_of(alice) < 5
    assert (standing(alice)[1], alice.failures) == (PaymentStatus.REFUND_DUE, 1)
    held_up.at = ()
    assert settle(alice).payment_status == PaymentStatus.REFUNDED


@pytest.mark.parametrize("name", ["NeverMadeGateway", "QuittingGateway", "WordyGateway"])
def test_whatever_the_class_does_its_outcome_is_unknown(
    flight: Flight, settings: Settings, name: str
) -> None:
    settings.PAYMENT_TIMEOUT_SECONDS = TIMEOUT
    settings.PAYMENT_GATEWAY = f"{slow_gateways.__name__}.{name}"
    alice = a_payment(flight)
    assert seconds_of(alice) < 5
    assert outcomes(alice) == [Outcome.UNKNOWN]


def test_a_connection_that_a_gateway_opens_is_closed_after_its_call(
    flight: Flight, settings: Settings
) -> None:
    settings.PAYMENT_GATEWAY = gateway_named(QueryingGateway)
    QueryingGateway.connections.clear()
    for seat in ("12A", "12B"):
        assert settle(a_payment(flight, seat)).state == State.CONFIRMED
    opened = QueryingGateway.connections
    assert len(opened) == 2
    wait_until(lambda: all(each.connection is None for each in opened), "them to be closed")


def test_other_payments_go_on_while_as_many_hang_as_may_be_under_way(
    flight: Flight, held_up: type[HeldUpGateway], settings: Settings
) -> None:
    settings.PAYMENT_MAX_ATTEMPTS = 1
    held_up.at = ("charge",)
    stuck = [a_payment(flight, f"{row}A") for row in range(1, 4)]
    payments = Payments(3)
    payments.take_up()
    held_up.at = ()
    alice = a_payment(flight, "12A")
    payments.take_up()
    wait_until(lambda: standing(alice)[0] == State.CONFIRMED, "whoever came after them")
    payments.stop()
    assert {each.payment_attempts.get().outcome for each in stuck} == {Outcome.UNKNOWN}


def test_a_process_with_too_many_calls_that_hang_has_itself_replaced(
    flight: Flight, held_up: type[HeldUpGateway]
) -> None:
    ended = threading.Event()
    held_up.at = ("charge",)
    payments = Payments(3, most_hung=3, end=ended.set)
    for row in (1, 2, 3):
        assert not ended.is_set()
        a_payment(flight, f"{row}A")
    payments.take_up()
    wait_until(ended.is_set, "the end of the process")
    payments.wait()
    alice = a_payment(flight, "12A")
    payments.take_up()
    assert outcomes(alice) == [], "it takes nothing up any more"


ENDS = """
import signal, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
import django
django.setup()
from bookings.saga.workers import end_this_process
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
{hangs}
end_this_process(grace=1)
time.sleep(60)
"""


@pytest.mark.parametrize(
    ("hangs", "ended"),
    [
        ("pass", 0),
        # At its end Python waits for the threads of every pool, whoever began it.
        ("ThreadPoolExecutor(1).submit(threading.Event().wait)", -signal.SIGKILL),
        ("signal.signal(signal.SIGTERM, signal.SIG_IGN)", -signal.SIGKILL),
        ("signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])", -signal.SIGKILL),
    ],
)
def test_a_process_ends_whatever_the_gateway_did_against_it(hangs: str, ended: int) -> None:
    command = [sys.executable, "-c", ENDS.format(hangs=hangs)]
    variables = {**os.environ, "DJANGO_SETTINGS_MODULE": environment.SETTINGS}
    assert subprocess.run(command, env=variables, timeout=30).returncode == ended


def test_the_command_is_not_kept_by_calls_that_hang(
    flight: Flight, held_up: type[HeldUpGateway], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "PROMPT_SECONDS", 0)
    held_up.at = ("charge",)
    stuck = [a_payment(flight, f"{row}A") for row in range(1, 31)]
    started = time.monotonic()
    call_command("expire_holds")
    assert time.monotonic() - started < 30 * TIMEOUT, "they do not wait for each other"
    assert {each.payment_attempts.get().outcome for each in stuck} == {Outcome.UNKNOWN}


@pytest.mark.xdist_group("workers")
def test_two_hundred_calls_that_hang_keep_no_other_payment_waiting(
    flight: Flight, celery_workers: Processes
) -> None:
    celery_workers.stop()
    name = gateway_named(slow_gateways.StuckGateway)
    worker = Processes("work", PAYMENT_GATEWAY=name, PAYMENT_TIMEOUT_SECONDS="60")
    worker.start()
    try:
        another = a_flight("AF5678")
        for row in range(1, 26):
            for letter in "ABCD":
                for each in (flight, another):
                    a_payment(each, f"{row}{letter}", code=STUCK)
        wait_until(lambda: Booking.objects.filter(attempts=1).count() == 200, "all of them")
        others = [a_payment(flight, f"{row}F") for row in range(1, 21)]
        done = Booking.objects.filter(pk__in=[each.pk for each in others], state=State.CONFIRMED)
        wait_until(lambda: done.count() == 20, "the others, long before the time-out", seconds=30)
    finally:
        worker.stop()


@pytest.mark.xdist_group("workers")
def test_a_worker_that_is_stopped_waits_until_the_deadline_and_no_longer(
    flight: Flight, celery_workers: Processes
) -> None:
    celery_workers.stop()
    name = gateway_named(slow_gateways.StuckGateway)
    worker = Processes("work", PAYMENT_GATEWAY=name, PAYMENT_TIMEOUT_SECONDS="2.5")
    worker.start()
    stuck, slow = a_payment(flight, "12A", code=STUCK), a_payment(flight, "14A", code=SLOW)
    wait_until(lambda: Booking.objects.filter(attempts=1).count() == 2, "both")
    worker.stop()
    assert standing(slow) == (State.CONFIRMED, PaymentStatus.CHARGED)
    assert outcomes(stuck) == [Outcome.UNKNOWN], "it was written down before the worker ended"
