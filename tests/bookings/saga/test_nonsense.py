"""What a gateway returns or raises may be anything: it is looked at under the deadline, and
nothing is believed that it did not say."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from bookings import saga
from bookings.invariants import broken
from bookings.models import Outcome, PaymentStatus, State
from bookings.payments import Answer, SimulatedGateway, deadline
from bookings.saga.refunds import refunds
from bookings.saga.workers import Payments
from flights.models import Flight
from tests.bookings.saga.attempts import outcomes
from tests.people import a_confirmed_booking, a_payment, charged_cents, settle, standing
from tests.running import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

TIMEOUT = 0.5


class LazyAnswer(Answer):
    """Asks somebody else when it is read."""

    def __getattribute__(self, name: str) -> Any:
        time.sleep(2 * TIMEOUT)
        return super().__getattribute__(name)


class LazyError(Exception):
    """Asks somebody else what happened."""

    def __str__(self) -> str:
        time.sleep(2 * TIMEOUT)
        return "It was the router."


class Unspeakable(BaseException):
    """Cannot even be named."""

    def __repr__(self) -> str:
        raise SystemExit(1)

    __str__ = __repr__


class QuitsLater(Answer):
    """Ends the program when it is read."""

    def __getattribute__(self, name: str) -> Any:
        raise SystemExit(1)


def raising(error: BaseException) -> Callable[[], Any]:
    def answer() -> Any:
        raise error

    return answer


class NonsenseGateway(SimulatedGateway):
    """Does nothing, and answers what the test says to the verbs that it names."""

    says: Callable[[], Any]
    at: tuple[str, ...] = ()

    def charge(self, **asked: Any) -> Any:
        return type(self).says() if "charge" in self.at else super().charge(**asked)

    def refund(self, **about: Any) -> Any:
        return type(self).says() if "refund" in self.at else super().refund(**about)


@pytest.fixture
def nonsense(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> type[NonsenseGateway]:
    settings.PAYMENT_TIMEOUT_SECONDS = TIMEOUT
    settings.PAYMENT_GATEWAY = f"{__name__}.NonsenseGateway"
    monkeypatch.setattr(NonsenseGateway, "says", lambda: None, raising=False)
    monkeypatch.setattr(NonsenseGateway, "at", ())
    refunds.forget()
    return NonsenseGateway


def worked() -> float:
    """How long a worker is kept by what is due."""
    payments, started = Payments(3), time.monotonic()
    payments.take_up()
    payments.wait()
    return time.monotonic() - started


@pytest.mark.parametrize(
    "says",
    [
        lambda: LazyAnswer(Outcome.APPROVED),
        lambda: QuitsLater(Outcome.APPROVED),
        raising(LazyError()),
        raising(Unspeakable()),
        lambda: ("approved", "", ""),
    ],
)
def test_nonsense_is_looked_at_under_the_deadline_and_its_outcome_is_unknown(
    flight: Flight, nonsense: type[NonsenseGateway], says: Callable[[], Any]
) -> None:
    nonsense.says, nonsense.at = staticmethod(says), ("charge",)
    alice = a_payment(flight)
    assert worked() < TIMEOUT * 1.8
    assert outcomes(alice) == [Outcome.UNKNOWN]
    wait_until(lambda: deadline.hung() == 0, "it to be counted no more")
    nonsense.at = ()
    settle(alice)
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.CHARGED)
    assert list(broken(overdue_seconds=0)) == []


@pytest.mark.parametrize("reason", [None, 0, b"approved", ["fine"]])
def test_an_approval_is_one_whatever_stands_beside_it(
    flight: Flight, nonsense: type[NonsenseGateway], reason: Any
) -> None:
    nonsense.says, nonsense.at = lambda: Answer(Outcome.APPROVED, reason, reason), ("charge",)
    alice = a_payment(flight)
    worked()
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.CHARGED)


@pytest.mark.parametrize(
    "says", [lambda: False, lambda: True, lambda: Answer(Outcome.REFUSED, "closed"), object]
)
def test_a_refund_that_returns_anything_is_not_taken_for_one(
    flight: Flight, nonsense: type[NonsenseGateway], says: Callable[[], Any]
) -> None:
    alice = a_confirmed_booking(flight)
    saga.cancel_and_refund(booking_id=alice.pk, by="operator:olga")
    nonsense.says, nonsense.at = staticmethod(says), ("refund",)
    worked()
    assert (standing(alice)[1], alice.failures) == (PaymentStatus.REFUND_DUE, 1)
    assert "instead of None" in alice.events.get(name="step_failed").detail
    nonsense.at = ()
    assert settle(alice).payment_status == PaymentStatus.REFUNDED
    assert charged_cents(alice) == 0
