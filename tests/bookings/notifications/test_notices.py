"""What customers are told besides their confirmation: that it failed, ended, and what goes back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now
from pytest_django import Settings

from bookings import saga
from bookings.errors import NotPossible
from bookings.models import GIVE_UP_AFTER, Booking, Kind, Message, Outcome
from bookings.notifications.outbox import IN_SIGHT, send_due
from bookings.payments import Answer
from bookings.saga import payment_answers, timers
from flights.models import Flight
from tests.bookings.admin.staff import a_supervisor, act, page
from tests.bookings.notifications.ada import (
    ADA,
    BY,
    Mails,
    a_booking_of_ada,
    a_payment_of_ada,
    kinds,
    messages_sent,
    refuse_all_mail,
    says,
    texts,
    told,
)
from tests.bookings.notifications.test_failing_mail import due_in_hours, fail_since, stuck
from tests.people import MoodyGateway, a_hold, a_payment, named, run_out, settle

pytestmark = pytest.mark.django_db(transaction=True)


def a_failure_of_ada(flight: Flight) -> Booking:
    """Declined for good, and not told yet."""
    return settle(a_payment(flight, "12A", "12B", code="11111", **ADA))


def test_who_could_not_pay_is_told_why_and_that_the_seats_are_free(
    flight: Flight, mailoutbox: Mails
) -> None:
    booking = a_failure_of_ada(flight)
    [mail] = told(booking, mailoutbox)
    assert mail.to == ["ada@example.org"]
    assert mail.subject.startswith("Not booked: Paris to New York, ")
    says(mail, "The payment failed", booking.last_error, "seats 12A, 12B are free again")
    says(mail, "Nothing was charged.", "Try again", f"/trip/{booking.pk}/", "AF1234")
    assert (messages_sent(booking), told(booking, mailoutbox)) == (1, [])


def test_whoever_may_have_been_charged_is_told_that_it_goes_back(
    flight: Flight, mailoutbox: Mails, gateway: type[MoodyGateway]
) -> None:
    gateway.fates[:] = ["lost"] * 3
    booking = a_payment(flight, code="12345", **ADA)
    for _ in range(4):
        run_out(booking)
        saga.advance(booking.pk)
    [mail] = told(booking, mailoutbox)
    says(mail, "The payment failed", "If anything was charged, all of it is on its way back")
    settle(booking)
    [mail] = told(booking, mailoutbox)
    assert mail.subject.startswith("Refund made: Paris")
    says(mail, "Whatever was charged has been given back in full.")


def test_who_gave_no_address_is_told_nothing(flight: Flight) -> None:
    settle(a_payment(flight, "12A", code="11111"))
    saga.terminate(booking_id=a_hold(flight, "12B").pk, by=BY)
    assert not Message.objects.exists()


def test_who_gives_a_hold_up_or_lets_it_run_out_is_told_nothing(flight: Flight) -> None:
    given_up, left = (
        named(a_hold(flight, seat), email="ada@example.org") for seat in ("12A", "12B")
    )
    saga.cancel(booking_id=given_up.pk)
    run_out(left)
    saga.sweep()
    assert not Message.objects.exists()


def test_whose_hold_or_payment_staff_end_is_told(flight: Flight, mailoutbox: Mails) -> None:
    hold = named(a_hold(flight, "12A"), email="ada@example.org")
    saga.terminate(booking_id=hold.pk, by=BY)
    [mail] = told(hold, mailoutbox)
    assert mail.subject.startswith("Cancelled: Paris")
    says(mail, "We cancelled this booking; seat 12A is free again.", "Nothing was charged.")
    paying = a_payment_of_ada(flight, "12B")
    timers.take_step(paying.pk)
    saga.terminate(booking_id=paying.pk, by=BY)
    [mail] = told(paying, mailoutbox)
    says(mail, "If anything was charged, all of it is on its way back")


def test_what_is_paid_and_ended_goes_back_and_each_step_is_told(
    flight: Flight, mailoutbox: Mails
) -> None:
    booking = a_booking_of_ada(flight, "12A", "12B")
    saga.cancel_and_refund(booking_id=booking.pk, by=BY, reason="only for us")
    [mail] = told(booking, mailoutbox)
    assert mail.subject.startswith(f"Cancelled: {booking.record_locator}, Paris")
    says(mail, "Your booking is cancelled", "€400 is on its way back", str(booking.record_locator))
    assert "only for us" not in texts(mail)[0]
    settle(booking)
    [mail] = told(booking, mailoutbox)
    assert mail.subject.startswith(f"Refund made: {booking.record_locator}")
    says(mail, "€400 has been given back.")
    assert kinds(booking) == [Kind.CONFIRMATION, Kind.CANCELLED, Kind.REFUND_MADE]


def test_a_cancelled_flight_is_told_to_all_who_were_on_it(
    flight: Flight, mailoutbox: Mails
) -> None:
    paid, paying = a_booking_of_ada(flight, "12A"), a_payment_of_ada(flight, "12B")
    saga.cancel_flight(flight_id=flight.pk, by=BY, reason="strike")
    timers.end_bookings_task(str(flight.pk))
    for booking, money in ((paid, "€200 is on its way back"), (paying, "Nothing was charged.")):
        [mail] = told(booking, mailoutbox)
        says(mail, "Your flight is cancelled", "The airline cancelled AF1234", money)
        assert "strike" not in texts(mail)[0]


@pytest.mark.parametrize(
    ("fare", "money"),
    [("standard", "€140 is on its way back"), ("light", "fare nothing goes back")],
)
def test_who_gives_a_paid_booking_back_has_it_in_writing(
    flight: Flight, mailoutbox: Mails, fare: str, money: str
) -> None:
    hold = saga.hold_seats(flight_id=flight.pk, seats=["12A"], fare=fare)
    booking = settle(saga.start_payment(booking_id=hold.pk, code="00000", email="ada@example.org"))
    quote = saga.quote_cancellation(booking_id=booking.pk)
    saga.cancel_as_quoted(booking_id=booking.pk, quote_id=quote.id)
    [mail] = told(booking, mailoutbox)
    says(mail, "You cancelled this booking; seat 12A is free again.", money)


def test_money_that_comes_too_late_is_said_to_go_back(flight: Flight, mailoutbox: Mails) -> None:
    booking = a_failure_of_ada(flight)
    told(booking, mailoutbox)
    payment_answers.record_answer(booking.pk, 1, Answer(Outcome.APPROVED))
    [mail] = told(booking, mailoutbox)
    says(mail, "A payment for this booking came through after it had ended.")


def test_what_waits_is_not_sent_once_the_booking_has_ended(
    flight: Flight, settings: Settings, mailoutbox: Mails
) -> None:
    booking, working = a_booking_of_ada(flight), settings.MAILERS
    refuse_all_mail(settings)
    send_due(booking.pk)
    assert "not sent" in stuck()
    saga.cancel_and_refund(booking_id=booking.pk, by=BY)
    waits = booking.messages.get(kind=Kind.CONFIRMATION)
    assert (waits.due_at, waits.failing_since, waits.error) == (None, None, "")
    settings.MAILERS = working
    assert [mail.subject.partition(":")[0] for mail in told(booking, mailoutbox)] == ["Cancelled"]


def test_what_went_back_is_told_also_when_the_booking_has_ended_meanwhile(
    flight: Flight, mailoutbox: Mails
) -> None:
    booking = a_booking_of_ada(flight)
    saga.give_refund(booking_id=booking.pk, amount_cents=1000, by=BY)
    saga.cancel_and_refund(booking_id=booking.pk, by=BY)
    said = [mail.subject.partition(":")[0] for mail in told(booking, mailoutbox)]
    assert said == ["Refund on its way", "Cancelled"]


def test_after_the_departure_no_link_is_offered(flight: Flight, mailoutbox: Mails) -> None:
    booking = a_failure_of_ada(flight)
    hour = timedelta(hours=1)
    Flight.objects.update(departure=Now() - hour, arrival=Now())
    [mail] = told(booking, mailoutbox)
    for text in texts(mail):
        assert "/trip/" not in text
        assert "ry again" not in text


def test_what_cannot_be_sent_is_given_up_after_a_day_and_in_sight_for_a_week(
    flight: Flight, settings: Settings, mailoutbox: Mails
) -> None:
    booking, working = a_failure_of_ada(flight), settings.MAILERS
    refuse_all_mail(settings)
    fail_since(booking, GIVE_UP_AFTER.total_seconds() / 3600 + 0.01)
    send_due(booking.pk)
    assert due_in_hours(booking) == pytest.approx(IN_SIGHT.total_seconds() / 3600, abs=0.1)
    assert "not sent: OSError" in stuck()
    assert "given up" in a_supervisor().get(page(booking)).content.decode()
    past = GIVE_UP_AFTER + IN_SIGHT + timedelta(seconds=1)
    booking.messages.update(failing_since=F("failing_since") - past, due_at=F("due_at") - past)
    settings.MAILERS = working
    assert (told(booking, mailoutbox), stuck()) == ([], "")


def test_staff_have_sent_again_what_was_given_up(
    flight: Flight, settings: Settings, mailoutbox: Mails
) -> None:
    booking, working, olga = a_failure_of_ada(flight), settings.MAILERS, a_supervisor()
    with pytest.raises(NotPossible):
        saga.resend_confirmation(booking_id=booking.pk, by=BY)
    refuse_all_mail(settings)
    fail_since(booking, 30)
    send_due(booking.pk)
    settings.MAILERS = working
    asked = act(olga, "resend_confirmation", Booking.objects.get(pk=booking.pk))
    assert "Resend mail: asked for" in asked.content.decode()
    [mail] = told(booking, mailoutbox)
    says(mail, "The payment failed")
    assert (kinds(booking), stuck()) == ([Kind.PAYMENT_FAILED], "")
    assert "Resend mail" not in olga.get(page(booking)).content.decode()


def cancelled(booking: Booking) -> None:
    saga.cancel_and_refund(booking_id=booking.pk, by=BY)


def asked_for(booking: Booking) -> None:
    saga.resend_confirmation(booking_id=booking.pk, by=BY)


@pytest.mark.parametrize("change", [cancelled, asked_for])
def test_what_is_over_while_it_fails_does_not_come_back(
    flight: Flight,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Booking], None],
) -> None:
    booking = a_booking_of_ada(flight)
    refuse_all_mail(settings)

    def fail(*_: object) -> int:
        change(booking)
        raise OSError

    monkeypatch.setattr("tests.bookings.notifications.ada.Refusing.send_messages", fail)
    send_due(booking.pk)
    first = booking.messages.order_by("pk")[0]
    assert (first.kind, first.due_at, first.failing_since) == (Kind.CONFIRMATION, None, None)
