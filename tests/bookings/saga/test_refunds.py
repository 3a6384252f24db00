"""Refunds that the provider does not take: why, who waits, and who is tried when it is back."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from bookings import saga
from bookings.models import Booking, PaymentStatus
from bookings.payments import GatewayTimeout
from bookings.saga import payment, timers
from bookings.saga import refunds as line
from bookings.saga.refunds import refunds
from flights.models import Flight
from tests.people import MoodyGateway, a_confirmed_booking, a_hold, change, run_out, standing

pytestmark = pytest.mark.django_db(transaction=True)

BY = "operator:olga"


class Provider(MoodyGateway):
    """It takes no refunds while it is down, and none ever of some bookings."""

    down = True
    never: tuple[str, ...] = ()
    error: Exception = ConnectionError("no route\n\x1b[31mto the bank")
    asked: list[str] = []

    def refund(self, **about: Any) -> None:
        booking_id = about["key"][: len(str(UUID(int=0)))]
        self.asked.append(booking_id)
        if self.down or booking_id in self.never:
            raise type(self.error)(*self.error.args)
        super().refund(**about)


@pytest.fixture(autouse=True)
def knows_nothing() -> Iterator[None]:
    refunds.forget()
    yield
    refunds.forget()


@pytest.fixture
def provider(settings: Any, monkeypatch: pytest.MonkeyPatch) -> type[Provider]:
    settings.PAYMENT_GATEWAY = f"{__name__}.Provider"
    for name, value in {"down": True, "never": (), "asked": []}.items():
        monkeypatch.setattr(Provider, name, value)
    return Provider


def a_worker_is_woken() -> None:
    """It takes up what is due, four at once, until nothing is."""
    steps = payment.due_steps(4)
    while steps:
        for call in steps:
            call()
        steps = payment.due_steps(4) if refunds.is_time_to_ask() is False else []


def time_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "ASK_SECONDS", 0)


def refunds_due(flight: Flight, count: int) -> list[Booking]:
    bookings = [a_confirmed_booking(flight, f"{row}A") for row in range(1, count + 1)]
    for booking in bookings:
        saga.cancel_and_refund(booking_id=booking.pk, by=BY)
    return bookings


def waiting() -> int:
    return Booking.objects.filter(payment_status=PaymentStatus.REFUND_DUE).count()


def test_why_a_refund_waits_is_on_the_booking_and_what_was_said_in_its_history(
    flight: Flight, provider: type[Provider]
) -> None:
    (alice,) = refunds_due(flight, 1)
    saga.advance(alice.pk)
    alice.refresh_from_db()
    assert alice.last_error == "The payment service could not be reached."
    event = alice.events.get(name="step_failed")
    assert event.detail == r"ConnectionError: no route\n\x1b[31mto the bank"
    assert event.changes["last_error"] == alice.last_error


def test_a_refund_without_an_answer_says_so(
    flight: Flight, provider: type[Provider], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "error", GatewayTimeout())
    (alice,) = refunds_due(flight, 1)
    saga.advance(alice.pk)
    alice.refresh_from_db()
    assert alice.last_error == "The payment service did not answer in time."


def test_any_step_that_raises_leaves_a_reason(flight: Flight) -> None:
    alice = a_hold(flight)
    payment.postpone(alice.pk, RuntimeError("x" * 500 + "\x00"))
    alice.refresh_from_db()
    assert alice.last_error == "Something went wrong; it is tried again."
    assert alice.events.get(name="step_failed").detail.startswith("RuntimeError: xxx")


def test_while_the_provider_is_down_one_asks_and_the_others_wait(
    flight: Flight, provider: type[Provider], monkeypatch: pytest.MonkeyPatch
) -> None:
    refunds_due(flight, 30)
    a_worker_is_woken()
    assert len(provider.asked) <= 4, "as many as were under way at once"
    reasons = set(Booking.objects.values_list("last_error", flat=True))
    assert reasons == {"The payment service could not be reached."}
    assert not Booking.objects.filter(due_at__lte=Now()).exists(), "nothing is overdue"
    provider.asked.clear()
    a_worker_is_woken()
    assert provider.asked == [], "it rests"


def test_each_time_another_is_asked_for(
    flight: Flight, provider: type[Provider], monkeypatch: pytest.MonkeyPatch
) -> None:
    time_to_ask(monkeypatch)
    refunds_due(flight, 10)
    a_worker_is_woken()
    provider.asked.clear()
    for _ in range(5):
        a_worker_is_woken()
    assert len(provider.asked) == len(set(provider.asked)) == 5


def test_as_soon_as_one_is_taken_all_others_are_tried(
    flight: Flight, provider: type[Provider], monkeypatch: pytest.MonkeyPatch
) -> None:
    time_to_ask(monkeypatch)
    refunds_due(flight, 30)
    a_worker_is_woken()
    provider.down = False
    for _ in range(3):
        a_worker_is_woken()
    assert waiting() == 0
    assert not Booking.objects.filter(~Q(failures=0)).exists()


def test_one_that_never_succeeds_keeps_no_other_waiting(
    flight: Flight, provider: type[Provider], monkeypatch: pytest.MonkeyPatch
) -> None:
    time_to_ask(monkeypatch)
    alice = refunds_due(flight, 1)[0]
    monkeypatch.setattr(provider, "never", (str(alice.pk),))
    provider.down = False
    a_worker_is_woken()
    others = [a_confirmed_booking(flight, f"{row}F") for row in range(1, 21)]
    for booking in others:
        saga.cancel_and_refund(booking_id=booking.pk, by=BY)
    for _ in range(3):
        a_worker_is_woken()
    assert waiting() == 1
    provider.asked.clear()
    run_out(alice)
    a_worker_is_woken()
    carol = a_confirmed_booking(flight, "30A")
    saga.cancel_and_refund(booking_id=carol.pk, by=BY)
    a_worker_is_woken()
    assert standing(carol)[1] == PaymentStatus.REFUNDED, "its trouble is its own by now"
    assert len(provider.asked) == 2


def test_a_process_that_knows_nothing_finds_the_provider_back_and_tries_all(
    flight: Flight, provider: type[Provider]
) -> None:
    refunds_due(flight, 12)
    a_worker_is_woken()
    refunds.forget()
    provider.down = False
    run_out(Booking.objects.filter(failures__gt=0).order_by("due_at")[0])
    a_worker_is_woken()
    assert waiting() == 0


@pytest.mark.parametrize("knows", ["nothing", "that refunds work"])
def test_another_process_goes_on_for_one_that_was_killed(
    flight: Flight, provider: type[Provider], monkeypatch: pytest.MonkeyPatch, knows: str
) -> None:
    monkeypatch.setattr(line, "LOOK_SECONDS", 0)
    refunds_due(flight, 12)
    a_worker_is_woken()
    # Whoever failed has been put off as well, as happens while the provider is down for long.
    for booking in Booking.objects.all():
        change(booking, failures=0, due_at=timezone.now() + timedelta(seconds=500))
    provider.down = False
    refunds.forget()
    if knows == "that refunds work":
        refunds.worked(a_confirmed_booking(flight, "30A"))
    assert refunds.is_time_to_ask(), "so that the sweep wakes a worker"
    for _ in range(5):
        a_worker_is_woken()
    assert waiting() == 0


def test_the_sweep_without_workers_asks_for_one_and_puts_off_the_others(
    flight: Flight, provider: type[Provider], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "PROMPT_SECONDS", 0)
    refunds_due(flight, 10)
    saga.sweep(timers.advance_or_postpone)
    assert len(provider.asked) == 1
    assert saga.sweep(timers.advance_or_postpone) == 0
    provider.down = False
    run_out(Booking.objects.get(failures=1))
    for _ in range(2):
        saga.sweep(timers.advance_or_postpone)
    assert waiting() == 0


def test_staff_have_all_of_them_tried_now(flight: Flight, provider: type[Provider]) -> None:
    waits = refunds_due(flight, 6)
    a_worker_is_woken()
    refunds.forget()
    held = a_hold(flight, "20A")
    retried = saga.retry_refunds(by=BY, reason="the bank called")
    assert {each.pk for each in retried} == {each.pk for each in waits}
    event = waits[0].events.get(name="retried_now")
    assert (event.by, event.detail) == (BY, "the bank called")
    assert not held.events.filter(name="retried_now").exists()
    provider.down = False
    a_worker_is_woken()
    assert waiting() == 0
