"""Everybody at one order at once, and a worker that dies in the middle of a crowd of refunds."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from bookings import saga
from bookings.errors import BookingError
from bookings.invariants import broken
from bookings.models import Booking, PaymentStatus, State
from flights.models import Flight
from tests.bookings.saga.operators import OLGA
from tests.people import a_hold, charged_cents, owned, settle, standing
from tests.racing import race
from tests.running import Processes, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

REFUNDS = 60


def calls(booking: Booking) -> list[Callable[[], Any]]:
    """Two hundred, of everything that can be asked of one order."""
    asked: list[Callable[..., Any]] = [
        *[partial(saga.start_payment, code="00000")] * 50,
        *[partial(saga.start_payment, code="99999")] * 20,
        *[partial(saga.update_seats, seats=["1A", "1B"])] * 30,
        *[partial(saga.update_seats, seats=["2A"])] * 30,
        *[partial(saga.update_seats, seats=[])] * 10,
        *[saga.cancel] * 10,
        *[partial(saga.terminate, by="operator:olga")] * 10,
        *[saga.look] * 10,
    ]
    steps = [partial(saga.advance, booking.pk)] * 30
    named = {saga.look: partial(saga.look, booking.pk)}
    return [*(named.get(ask) or partial(ask, booking_id=booking.pk) for ask in asked), *steps]


@pytest.mark.parametrize("seed", range(4))
def test_two_hundred_calls_on_one_order_leave_it_with_one_end(flight: Flight, seed: int) -> None:
    alice = a_hold(flight, "1A")
    crowd = calls(alice)
    assert len(crowd) == 200
    random.Random(seed).shuffle(crowd)
    answers = race(*crowd)
    assert all(isinstance(answer, Booking | BookingError | None) for answer in answers), answers
    settle(alice)
    state, paid = standing(alice)
    confirmed = state == State.CONFIRMED
    assert paid == PaymentStatus.CHARGED if confirmed else paid != PaymentStatus.CHARGED
    assert charged_cents(alice) == (alice.total_cents if confirmed else 0)
    assert owned(alice) == (sorted(alice.seats) if confirmed else owned(alice))
    assert list(broken(overdue_seconds=0)) == []


def test_refunds_of_a_cancelled_flight_survive_a_worker_that_dies_half_way(
    flight: Flight, celery_workers: Processes
) -> None:
    bookings = [
        saga.start_payment(booking_id=a_hold(flight, f"{row}{letter}").pk, code="00000")
        for row in range(1, 11)
        for letter in "ABCDEF"
    ]
    confirmed = Booking.objects.filter(state=State.CONFIRMED)
    wait_until(lambda: confirmed.count() == REFUNDS, "all confirmed")
    saga.cancel_flight(flight_id=flight.pk, **OLGA)
    refunded = Booking.objects.filter(payment_status=PaymentStatus.REFUNDED)

    def refunds(at_least: int) -> bool:
        saga.sweep()
        return refunded.count() >= at_least

    wait_until(partial(refunds, 10), "some refunds")
    celery_workers.kill("work")
    assert refunded.count() < REFUNDS, "too late to be half-way"
    celery_workers.wait()
    wait_until(partial(refunds, REFUNDS), "every refund")
    assert sum(map(charged_cents, Booking.objects.all())) == 0
    assert all(owned(booking) == [] for booking in bookings)
    assert list(broken(overdue_seconds=0)) == []
