"""Whose hold is about to end is told so once, and nobody who has paid or given up is."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test import Client
from pytest_django import Settings

from bookings import saga
from bookings.invariants import broken
from bookings.models import Booking, BookingEvent, Kind, Message, State
from bookings.notifications.links import link_to
from bookings.saga import timers
from bookings.saga.reminders import BEFORE, WRITTEN, write_reminders
from bookings.templatetags.travel import clock, zone
from flights.models import Flight
from tests.bookings.admin.staff import a_supervisor, page
from tests.bookings.notifications.ada import (
    Mails,
    kinds,
    make_due,
    messages_sent,
    refuse_all_mail,
    says,
    told,
)
from tests.people import a_hold, let_time_pass, named, settle
from tests.racing import race
from tests.running import Processes, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

UNTIL_SOON = 900 - BEFORE.total_seconds()


@pytest.fixture
def hold(flight: Flight) -> Booking:
    """Named, and about to end."""
    return soon(
        named(a_hold(flight, "12A", "12B"), "Ada Lovelace", "Byron", email="ada@example.org")
    )


def soon(booking: Booking) -> Booking:
    let_time_pass(booking, UNTIL_SOON + 1)
    booking.refresh_from_db()
    return booking


def reminders(booking: Booking) -> int:
    return booking.messages.filter(kind=Kind.HOLD_ENDING).count()


def test_five_minutes_before_its_end_a_hold_is_told_of_once(
    flight: Flight, mailoutbox: Mails
) -> None:
    hold = named(a_hold(flight, "12A"), "Ada Lovelace", email="ada@example.org")
    let_time_pass(hold, UNTIL_SOON - 60)
    saga.sweep()
    assert not Message.objects.exists()
    let_time_pass(hold, 61)
    for _ in range(3):
        saga.sweep()
    [mail] = told(hold, mailoutbox)
    assert mail.subject.startswith("Your hold ends soon: Paris to New York, ")
    hold.refresh_from_db()
    assert hold.due_at
    until = hold.due_at.astimezone(flight.origin.zone)
    says(mail, f"Seat 12A is held for you until {clock(until)} {zone(until)}, at €200.")
    says(mail, "Nothing is charged yet.", "Pay now", link_to(hold))
    saga.sweep()
    assert (kinds(hold), messages_sent(hold), told(hold, mailoutbox)) == (["hold_ending"], 1, [])
    assert "Hold about to end" in a_supervisor().get(page(hold)).content.decode()
    assert list(broken()) == []


def test_its_link_leads_to_the_payment_in_any_browser(hold: Booking, client: Client) -> None:
    answer = client.get(link_to(hold), follow=True)
    assert f'action="/bookings/{hold.pk}/pay/"' in answer.content.decode()


def pay(hold: Booking) -> None:
    saga.start_payment(booking_id=hold.pk, code="00000")


def pay_in_full(hold: Booking) -> None:
    pay(hold)
    settle(hold)


def give_up(hold: Booking) -> None:
    saga.cancel(booking_id=hold.pk)


def give_all_back(hold: Booking) -> None:
    saga.update_seats(booking_id=hold.pk, seats=[])


def choose_others(hold: Booking) -> None:
    saga.update_seats(booking_id=hold.pk, seats=["14A"])


def let_it_end(hold: Booking) -> None:
    """And nobody has come to expire it."""
    let_time_pass(hold, BEFORE.total_seconds())


def let_it_expire(hold: Booking) -> None:
    let_it_end(hold)
    saga.sweep()


ENDS = [pay, pay_in_full, give_up, give_all_back, choose_others, let_it_end, let_it_expire]


@pytest.mark.parametrize("end", ENDS)
def test_a_reminder_that_comes_late_is_not_sent(
    hold: Booking, mailoutbox: Mails, end: Callable[[Booking], None]
) -> None:
    write_reminders()
    end(hold)
    subjects = [mail.subject for mail in told(hold, mailoutbox)]
    assert not any("hold" in subject for subject in subjects)
    assert not hold.messages.filter(due_at__isnull=False).exists()
    assert reminders(hold) == 1


@pytest.mark.parametrize("end", [pay, give_up, give_all_back, choose_others, let_it_end])
def test_what_ends_first_has_no_reminder(hold: Booking, end: Callable[[Booking], None]) -> None:
    end(hold)
    write_reminders()
    assert reminders(hold) == 0


def test_a_hold_without_an_address_has_none(flight: Flight) -> None:
    soon(a_hold(flight, "12A"))
    write_reminders()
    assert not Message.objects.exists()


def test_a_hold_that_begins_anew_is_told_of_again(hold: Booking, mailoutbox: Mails) -> None:
    write_reminders()
    assert len(told(hold, mailoutbox)) == 1
    hold = saga.update_seats(booking_id=hold.pk, seats=["14A"])
    named(hold, "Ada Lovelace", email="ada@example.org")
    write_reminders()
    assert reminders(hold) == 1
    let_time_pass(hold, UNTIL_SOON + 1)
    hold.refresh_from_db()
    named(hold, "Ada King", email="ada@example.org")
    write_reminders()
    [mail] = told(hold, mailoutbox)
    says(mail, "Seat 14A is held for you")
    assert reminders(hold) == 2


def test_two_sweeps_at_the_same_moment_write_one(hold: Booking) -> None:
    race(*[write_reminders] * 6)
    assert reminders(hold) == 1


def test_a_hold_that_somebody_changes_is_left_to_the_next_sweep(hold: Booking) -> None:
    with transaction.atomic():
        Booking.objects.select_for_update().get(pk=hold.pk)
        race(write_reminders)
        assert reminders(hold) == 0
    write_reminders()
    assert reminders(hold) == 1


def test_what_a_mail_server_keeps_back_is_not_sent_after_the_end(
    hold: Booking, settings: Settings, mailoutbox: Mails
) -> None:
    working = settings.MAILERS
    refuse_all_mail(settings)
    write_reminders()
    assert told(hold, mailoutbox) == []
    settings.MAILERS = working
    let_it_end(hold)
    make_due(hold)
    assert (told(hold, mailoutbox), messages_sent(hold)) == ([], 0)


def test_a_short_hold_is_told_of_when_a_third_is_left(flight: Flight, settings: Settings) -> None:
    settings.SEAT_HOLD_SECONDS = 60
    hold = named(a_hold(flight, "12A"), email="ada@example.org")
    let_time_pass(hold, 35)
    write_reminders()
    assert reminders(hold) == 0
    let_time_pass(hold, 10)
    write_reminders()
    assert reminders(hold) == 1


def test_holds_that_end_soon_are_found_by_their_timers(hold: Booking) -> None:
    Booking.objects.bulk_create(
        Booking(flight_id=hold.flight_id, state=State.CANCELLED, currency="EUR",
            email="a@example.org", created_at=hold.created_at)
        for _ in range(5000)
    )  # fmt: skip
    ended = Booking.objects.filter(state=State.CANCELLED)
    Message.objects.bulk_create(
        Message(booking=one, number=1, kind=Kind.HOLD_ENDING) for one in ended
    )
    BookingEvent.objects.bulk_create(
        BookingEvent(booking=one, number=1, at=one.created_at, changes={}) for one in ended
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE bookings_booking, bookings_message, bookings_bookingevent")
        cursor.execute(f"EXPLAIN {WRITTEN}", {"before": BEFORE.total_seconds()})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "booking_due" in plan
    assert "Seq Scan" not in plan


def test_workers_send_what_the_sweep_has_written(flight: Flight, celery_workers: Processes) -> None:
    hold = soon(named(a_hold(flight, "12A"), email="ada@example.org"))
    timers.sweep_task()
    make_due(hold)
    timers.sweep_task()
    wait_until(lambda: messages_sent(hold) == 1, "the reminder")
