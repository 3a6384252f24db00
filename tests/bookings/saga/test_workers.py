"""With real Celery workers: countdowns come, payments run, and a killed worker loses nothing."""

import time
from uuid import uuid4

import pytest
from celery import current_app
from pytest_django import Settings

from bookings import saga
from bookings.models import Booking, LedgerEntry, Outcome, PaymentStatus, State
from bookings.saga import enqueue
from flights.models import Flight
from tests.people import a_hold, a_payment, owned, run_out, standing
from tests.running import Processes, RedisServer, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("workers")]


def becomes(booking: Booking, state: State, *, seconds: float = 10) -> float:
    """Wait for the state; returns after how many seconds it came."""
    started = time.monotonic()
    wait_until(lambda: standing(booking)[0] == state, f"{state} of {booking.pk}", seconds=seconds)
    return time.monotonic() - started


def test_a_payment_is_confirmed_by_a_worker(flight: Flight, celery_workers: Processes) -> None:
    alice = a_payment(flight, "12A")
    becomes(alice, State.CONFIRMED)
    assert owned(alice) == ["12A"]


def test_a_payment_is_tried_three_times_and_fails(
    flight: Flight, celery_workers: Processes
) -> None:
    alice = a_payment(flight, "12A", code="99999")
    seconds = becomes(alice, State.FAILED)
    assert alice.payment_attempts.count() == 3
    assert seconds > 2.4, "pauses of 1 s and 1.5 s are between the attempts"


def test_an_abandoned_hold_is_expired_by_its_countdown(
    flight: Flight, celery_workers: Processes, settings: Settings
) -> None:
    settings.SEAT_HOLD_SECONDS = 1
    alice = a_hold(flight, "12A")
    becomes(alice, State.EXPIRED, seconds=4)
    assert owned(alice) == []


def test_the_countdown_of_a_renewed_hold_is_set_again(
    flight: Flight, celery_workers: Processes, settings: Settings
) -> None:
    settings.SEAT_HOLD_SECONDS = 2
    alice = a_hold(flight, "12A")
    time.sleep(1)
    saga.update_seats(booking_id=alice.pk, seats=["12B"])
    time.sleep(1.5)  # The first countdown has come; the renewed hold has half a second left.
    assert standing(alice)[0] == State.SEATS_RESERVED
    becomes(alice, State.EXPIRED, seconds=4)


def test_tasks_that_come_twice_late_early_or_for_nobody_change_nothing(
    flight: Flight, celery_workers: Processes
) -> None:
    alice, bob = a_hold(flight, "1A"), a_payment(flight, "1B")
    becomes(bob, State.CONFIRMED)
    for task in ("bookings.take_due", "bookings.expire_due", "bookings.send_messages"):
        for booking_id in (alice.pk, bob.pk, bob.pk, uuid4()):
            current_app.send_task(task, args=[str(booking_id)], queue="work")
    carol = a_payment(flight, "1C")
    becomes(carol, State.CONFIRMED)  # The worker is alive and has come past them all.
    assert standing(alice) == (State.SEATS_RESERVED, PaymentStatus.NONE)
    assert bob.payment_attempts.count() == 1
    assert LedgerEntry.objects.count() == 2


def test_a_worker_killed_between_charge_and_record_charges_once(
    flight: Flight, celery_workers: Processes
) -> None:
    celery_workers.stop()
    slow = Processes("work", PAYMENT_LATENCY_SECONDS="6-6")
    slow.start()
    try:
        alice = a_payment(flight, "12A")
        wait_until(lambda: LedgerEntry.objects.exists(), "the charge")
        slow.kill("work")
    finally:
        slow.stop()
    assert standing(alice) == (State.PAYMENT_PROCESSING, PaymentStatus.NONE)
    assert alice.payment_attempts.get().outcome is None
    celery_workers.start()
    run_out(alice)  # Its lease.
    enqueue.due_payments()
    becomes(alice, State.CONFIRMED)
    outcomes = alice.payment_attempts.values_list("outcome", flat=True)
    assert list(outcomes) == [Outcome.UNKNOWN, Outcome.APPROVED]
    assert LedgerEntry.objects.count() == 1


def test_payments_go_on_after_redis_lost_everything(
    flight: Flight, celery_workers: Processes, redis_server: RedisServer
) -> None:
    becomes(a_payment(flight, "1A"), State.CONFIRMED)
    redis_server.flush()
    becomes(a_payment(flight, "1B"), State.CONFIRMED)


def test_payments_go_on_after_redis_was_restarted(
    flight: Flight, celery_workers: Processes, redis_server: RedisServer
) -> None:
    redis_server.stop()
    alice = a_payment(flight, "1A")
    redis_server.start()
    celery_workers.wait()
    run_out(alice)
    saga.advance(alice.pk)  # As the sweeper does: nobody could be told of this one.
    assert standing(alice)[0] == State.CONFIRMED
    becomes(a_payment(flight, "1B"), State.CONFIRMED, seconds=20)
