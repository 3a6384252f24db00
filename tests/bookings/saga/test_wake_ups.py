"""Nobody who is woken for a payment leaves it to a sweep because somebody else looks as well."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection, transaction

from bookings.saga import payment
from bookings.saga.gateway_calls import Call
from bookings.saga.statements import make_due
from bookings.saga.transitions import ATTEMPT_MADE, SETTLING
from bookings.saga.workers import Payments
from flights.models import Flight
from tests.people import a_payment

pytestmark = pytest.mark.django_db(transaction=True)

LIMITS = {"most_attempts": 3, "lease": 15}


def elsewhere[R](do: Callable[[], R]) -> R:
    """What it returns on a connection of its own."""

    def run() -> R:
        try:
            return do()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def test_a_step_locks_nothing_that_it_is_not_for(flight: Flight) -> None:
    alice = a_payment(flight, "12A")
    with transaction.atomic():
        assert make_due(SETTLING, 24, **LIMITS) == []
        assert elsewhere(lambda: make_due(ATTEMPT_MADE, 24, **LIMITS)) == [alice]


def test_what_somebody_has_is_not_counted(flight: Flight) -> None:
    alice, bob = a_payment(flight, "12A"), a_payment(flight, "12B")
    with transaction.atomic():
        assert make_due(ATTEMPT_MADE, 1, **LIMITS) == [alice]
        assert elsewhere(lambda: make_due(ATTEMPT_MADE, 1, **LIMITS)) == [bob]


def test_who_is_woken_while_another_looks_in_vain_is_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    payments, looks = Payments(2), iter(["before it was due", "now"])
    looking, go_on, paid = threading.Event(), threading.Event(), threading.Event()

    def due_steps(most: int) -> list[Call[None]]:
        if next(looks, "again") != "before it was due":
            return [] if paid.is_set() else [Call(uuid4(), paid.set, lambda asked: asked())]
        looking.set()
        assert go_on.wait(5)
        return []

    monkeypatch.setattr(payment, "due_steps", due_steps)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(payments.take_up)
        assert looking.wait(5)
        payments.take_up()
        go_on.set()
        first.result()
    assert paid.wait(5)
