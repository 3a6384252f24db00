"""Whose flight is delayed is told when it leaves now, and when it was to leave."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from bookings import saga
from bookings.errors import NotPossible
from bookings.invariants import broken
from bookings.models import Booking, Kind, Message
from bookings.saga import statements, timers
from bookings.saga.outbox import write_to_all
from bookings.templatetags.travel import clock, day, zone
from flights import history
from flights.models import Flight
from tests.bookings.admin.staff import a_supervisor, page
from tests.bookings.notifications.ada import (
    BY,
    Mails,
    a_booking_of_ada,
    a_payment_of_ada,
    kinds,
    make_due,
    messages_sent,
    refuse_all_mail,
    says,
    texts,
    told,
)
from tests.people import a_confirmed_booking, a_flight, a_hold, named, settle
from tests.racing import execute, race, transactions_waiting
from tests.running import Processes, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def delay(flight: Flight, minutes: int = 90) -> Flight:
    return saga.delay_flight(flight_id=flight.pk, minutes=minutes, by=BY, reason="only for us")


def said(flight: Flight, minutes: int) -> list[str]:
    """Both ends as they were, and so much later, each in its zone."""
    whole = Flight.objects.select_related("origin", "destination").get(pk=flight.pk)
    whole.departure, whole.arrival = flight.departure, flight.arrival
    before = (whole.local_departure, whole.local_arrival)
    later = timedelta(minutes=minutes)
    whole.departure, whole.arrival = flight.departure + later, flight.arrival + later
    now = (whole.local_departure, whole.local_arrival)
    return [
        f"on {moment(new)}, instead of {moment(old)}." for old, new in zip(before, now, strict=True)
    ]


def moment(local: datetime) -> str:
    return f"{day(local)} at {clock(local)} {zone(local)}"


@pytest.fixture
def ada(flight: Flight, mailoutbox: Mails) -> Booking:
    """Who knows when it was to leave."""
    booking = a_booking_of_ada(flight, "12A")
    told(booking, mailoutbox)
    return booking


def test_whoever_has_paid_reads_the_old_times_and_the_new_ones_with_their_zones(
    flight: Flight, ada: Booking, mailoutbox: Mails
) -> None:
    bob = a_booking_of_ada(flight, "12B")
    nobody, hold = a_confirmed_booking(flight, "1A"), named(a_hold(flight, "1B"), email="h@a.org")
    ended, elsewhere = a_booking_of_ada(flight, "1C"), a_booking_of_ada(a_flight("AF9"), "1A")
    saga.cancel_and_refund(booking_id=ended.pk, by=BY)
    delay(flight)
    [mail] = told(ada, mailoutbox)
    assert mail.subject.startswith(f"Delayed: {ada.record_locator}, Paris to New York, ")
    departs, lands = said(flight, 90)
    assert "CET, instead of" in departs
    assert "EST, instead of" in lands
    says(mail, "Your flight is delayed", f"leaves Paris {departs}", f"lands in New York {lands}")
    assert [mimetype for _, _, mimetype in mail.attachments] == ["application/pdf", "text/calendar"]
    assert "only for us" not in texts(mail)[0]
    assert kinds(bob) == [Kind.CONFIRMATION, Kind.FLIGHT_DELAYED]
    for other in (nobody, hold, ended, elsewhere):
        assert Kind.FLIGHT_DELAYED not in kinds(other)
    assert "Flight delayed" in a_supervisor().get(page(ada)).content.decode()
    assert (messages_sent(ada), told(ada, mailoutbox)) == (2, [])
    assert list(broken()) == []


def test_of_several_delays_that_wait_one_mail_tells(
    flight: Flight, ada: Booking, settings: Settings, mailoutbox: Mails
) -> None:
    working = settings.MAILERS
    refuse_all_mail(settings)
    delay(flight, 60)
    told(ada, mailoutbox)
    delay(flight, 30)
    settings.MAILERS = working
    ada.messages.filter(sent_at=None).update(due_at=ada.created_at)
    [first] = told(ada, mailoutbox)
    says(first, *said(flight, 90))
    assert not ada.messages.filter(due_at__isnull=False).exists()
    now = Flight.objects.get(pk=flight.pk)
    delay(flight, 15)
    [second] = told(ada, mailoutbox)
    says(second, *said(now, 15))
    assert first.message()["Message-ID"] != second.message()["Message-ID"]
    assert kinds(ada).count(Kind.FLIGHT_DELAYED) == 3


def test_whose_payment_runs_is_told_by_the_confirmation(flight: Flight, mailoutbox: Mails) -> None:
    slow, fast = a_payment_of_ada(flight, "12A"), a_payment_of_ada(flight, "12B")
    delay(flight)
    assert told(slow, mailoutbox) == []
    for paying in (slow, fast):
        [mail] = told(settle(paying), mailoutbox)
        assert mail.subject.startswith("Confirmed")
        says(mail, clock(Flight.objects.get(pk=flight.pk).local_departure))
    assert list(broken()) == []


def test_whose_payment_ends_while_a_delay_is_being_written_is_told_of_it(
    flight: Flight, mailoutbox: Mails
) -> None:
    """The confirmation may be sent before the delay is committed, and then has the old times."""
    paying, later = a_payment_of_ada(flight, "12A"), timedelta(minutes=30)
    with transaction.atomic():
        locked, now = history.lock_flight(flight.pk)
        ends: dict[str, Any] = {
            "departure": locked.departure + later,
            "arrival": locked.arrival + later,
        }
        event = history.change(locked, "delayed", at=now, by=BY, also={"minutes": 30}, **ends)
        write_to_all(event, Kind.FLIGHT_DELAYED)
        race(partial(saga.advance, paying.pk))
    delayed, _ = told(paying, mailoutbox)
    says(delayed, *said(flight, 30))
    assert list(broken()) == []


def test_who_is_on_another_flight_by_then_or_on_none_is_not_told(
    flight: Flight, ada: Booking, mailoutbox: Mails
) -> None:
    ended = a_booking_of_ada(flight, "12B")
    told(ended, mailoutbox)
    delay(flight)
    saga.move_to_flight(booking_id=ada.pk, flight_id=a_flight("AF2").pk, by=BY)
    saga.cancel_and_refund(booking_id=ended.pk, by=BY)
    for booking, subject in ((ada, "Confirmed"), (ended, "Cancelled")):
        [mail] = told(booking, mailoutbox)
        assert mail.subject.startswith(subject)
        assert not booking.messages.filter(due_at__isnull=False).exists()
    assert list(broken()) == []


def test_once_it_has_left_nobody_is_told_any_more(
    flight: Flight, ada: Booking, mailoutbox: Mails
) -> None:
    delay(flight)
    now = timezone.now()
    Flight.objects.update(departure=now, arrival=now + timedelta(hours=1))
    assert told(ada, mailoutbox) == []


def test_a_delay_that_is_refused_tells_nobody(flight: Flight, ada: Booking) -> None:
    """Of two who delay it as they saw it, one does, and one row tells of it."""
    racer = partial(saga.delay_flight, flight_id=flight.pk, minutes=30, by=BY, version=0)
    answers = race(racer, racer)
    assert sum(isinstance(answer, NotPossible) for answer in answers) == 1
    assert kinds(ada).count(Kind.FLIGHT_DELAYED) == 1


def test_a_delay_takes_as_many_queries_for_twenty_bookings_as_for_one(
    flight: Flight, ada: Booking
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            delay(flight, 1)
        return len(captured)

    one = queries()
    for row in range(1, 20):
        a_booking_of_ada(flight, f"{row}F")
    assert queries() == one
    assert Message.objects.filter(kind=Kind.FLIGHT_DELAYED).count() == 1 + 20


def test_nobody_waits_in_a_circle_for_a_delay(
    flight: Flight, ada: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever moves a booking has locked it and waits for the flight; a delay has the flight."""
    monkeypatch.setattr(statements, "RETRIES", 0)
    move = partial(saga.reseat, booking_id=ada.pk, seats=["14A"], by=BY)
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            execute("LOCK TABLE flights_flightevent IN SHARE MODE")
            delayed = pool.submit(race, partial(delay, flight))
            wait_until(lambda: waiting_for_the_table() == 1, "the delay to have the flight")
            moved = pool.submit(race, move)
            wait_until(lambda: transactions_waiting() == 1, "the move to wait for it")
        assert isinstance(delayed.result()[0], Flight)
        assert isinstance(moved.result()[0], Booking)
    assert kinds(ada) == [Kind.CONFIRMATION, Kind.FLIGHT_DELAYED, Kind.SEATS_CHANGED]
    assert list(broken()) == []


def waiting_for_the_table() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND wait_event_type = 'Lock' AND wait_event = 'relation'"
        )
        count: int = cursor.fetchone()[0]
        return count


def test_what_the_process_that_delayed_it_left_behind_is_sent_by_the_sweep(
    flight: Flight, celery_workers: Processes
) -> None:
    """The act wakes no worker: many are told, and the sweep has them sent in batches."""
    bookings = [a_booking_of_ada(flight, f"{row}A") for row in range(1, 4)]
    delay(flight)
    for booking in bookings:
        make_due(booking)
    timers.sweep_task()
    sent = Message.objects.filter(kind=Kind.FLIGHT_DELAYED, sent_at__isnull=False)
    wait_until(lambda: sent.count() == 3, "all to be told of the delay")
