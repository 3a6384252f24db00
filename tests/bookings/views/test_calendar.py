"""The entry for a calendar: right wherever one is, and told anew when something changes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from icalendar import Calendar
from pytest_django import DjangoAssertNumQueries

from bookings import saga
from bookings.documents.calendar import changes_of
from bookings.models import Booking
from bookings.saga.flight_cancellation import end_bookings
from flights.models import Flight
from tests.alice import ALICE, a_confirmed_booking, a_hold, a_payment
from tests.people import a_flight, settle

pytestmark = pytest.mark.django_db(transaction=True)

OLGA: dict[str, Any] = {"by": "operator:olga"}


def fetch(client: Client, booking: Booking) -> Any:
    return client.get(f"/bookings/{booking.pk}/calendar.ics")


def entry(client: Client, booking: Booking) -> Any:
    answer = fetch(client, booking)
    assert answer.status_code == 200, answer.content.decode()
    [found] = Calendar.from_ical(answer.content).walk("VEVENT")
    assert not found.errors
    return found


def delay(flight: Flight, minutes: int = 30) -> None:
    saga.delay_flight(flight_id=flight.pk, minutes=minutes, **OLGA)


@pytest.mark.parametrize(
    ("leaves", "lands", "said"),
    [
        # The clocks of Paris are set back in this night, those of New York a week later.
        (datetime(2030, 10, 26, 21, 30, tzinfo=UTC), datetime(2030, 10, 27, 5, 30, tzinfo=UTC),
         ["Sat 26 Oct 2030, 23:30 CEST", "Sun 27 Oct 2030, 01:30 EDT"]),
        # Both are set on while it flies: it leaves in winter, and lands in summer.
        (datetime(2030, 3, 30, 23, 45, tzinfo=UTC), datetime(2030, 3, 31, 7, 45, tzinfo=UTC),
         ["Sun 31 Mar 2030, 00:45 CET", "Sun 31 Mar 2030, 03:45 EDT"]),
    ],
    ids=["autumn", "spring"],
)  # fmt: skip
def test_its_times_are_instants_across_zones_and_summer_time(
    client: Client, flight: Flight, leaves: datetime, lands: datetime, said: list[str]
) -> None:
    found = entry(client, a_confirmed_booking(a_flight("AF77", departure=leaves, arrival=lands)))
    assert (found.start, found.end) == (leaves, lands)
    tokyo = found.start.astimezone(ZoneInfo("Asia/Tokyo"))
    assert tokyo.utcoffset() == timedelta(hours=9)
    departure, arrival = said
    assert f"Departure: {departure}, Charles de Gaulle (CDG)" in found["description"]
    assert f"Arrival: {arrival}, John F. Kennedy (JFK)" in found["description"]


def test_it_says_which_flight_from_where_and_by_which_code(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight, "12A", "12B")
    found = entry(client, booking)
    assert found["summary"] == "Flight AF1234 Paris (CDG) to New York (JFK)"
    assert found["location"] == "Charles de Gaulle, Paris"
    assert f"Booking code {booking.record_locator}\n" in found["description"]
    assert "Test 320, seats 12A, 12B" in found["description"]
    assert found["url"].endswith(f"/bookings/{booking.pk}/")
    assert (found["uid"], found["class"]) == (str(booking.pk), "PRIVATE")
    assert (found.status, found.sequence) == ("CONFIRMED", 0)
    assert (
        found.DTSTAMP
        == found.LAST_MODIFIED
        == booking.events.get(name="confirmed").at.replace(microsecond=0)
    )


def test_each_delay_and_each_move_is_told_as_a_later_word_of_the_same_entry(
    client: Client, flight: Flight
) -> None:
    booking = a_confirmed_booking(flight, "12A")
    other = a_flight("AF1236", departure=flight.departure + timedelta(hours=9),
                     arrival=flight.arrival + timedelta(hours=9))  # fmt: skip
    steps: list[Callable[[], object]] = [
        lambda: delay(flight),
        lambda: delay(flight, 15),
        lambda: saga.reseat(booking_id=booking.pk, seats=["14A"], **OLGA),
        lambda: saga.move_to_flight(booking_id=booking.pk, flight_id=other.pk, **OLGA),
        lambda: delay(other),
        lambda: saga.cancel_and_refund(booking_id=booking.pk, **OLGA),
    ]
    told = [entry(client, booking)]
    for step in steps:
        step()
        told.append(entry(client, booking))
    assert [each.sequence for each in told] == list(range(len(told)))
    assert {each["uid"] for each in told} == {str(booking.pk)}
    stamps = [each.LAST_MODIFIED for each in told]
    assert stamps == sorted(stamps)
    later = [each.start - told[0].start for each in told]
    minutes = [0, 30, 45, 45, 9 * 60, 9 * 60 + 30, 9 * 60 + 30]
    assert later == [timedelta(minutes=each) for each in minutes]
    assert "seat 14A" in told[3]["description"]
    assert "AF1236" in told[4]["summary"]


def test_what_does_not_concern_it_is_no_change(client: Client, flight: Flight) -> None:
    delay(flight)
    other = a_flight("AF1236", departure=flight.departure + timedelta(hours=9),
                     arrival=flight.arrival + timedelta(hours=9))  # fmt: skip
    hold = a_hold(flight)
    delay(flight)
    booking = settle(saga.start_payment(booking_id=hold.pk, code="00000", browser_id=ALICE))
    assert entry(client, booking).sequence == 0
    delay(other)
    saga.close_flight(flight_id=flight.pk, **OLGA)
    assert entry(client, booking).sequence == 0
    # Of the flight that it was on, only what was done while it was on it.
    saga.move_to_flight(booking_id=booking.pk, flight_id=other.pk, **OLGA)
    delay(flight)
    assert entry(client, booking).sequence == 1


def test_a_cancelled_booking_is_still_told_and_cancelled(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight)
    saga.cancel_and_refund(booking_id=booking.pk, **OLGA)
    found = entry(client, settle(booking))
    assert (found.status, found.sequence) == ("CANCELLED", 1)
    assert found["summary"].startswith("Cancelled: Flight AF1234")
    page = client.get(f"/bookings/{booking.pk}/").content.decode()
    assert "Update the calendar" in page


def test_so_is_that_of_a_cancelled_flight_at_once(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight)
    saga.cancel_flight(flight_id=flight.pk, **OLGA)
    first = entry(client, booking)
    end_bookings(flight.pk)
    second = entry(client, booking)
    assert first.status == second.status == "CANCELLED"
    assert 0 < first.sequence < second.sequence


def test_it_is_saved_by_the_code_kept_by_nobody_and_given_to_no_stranger(
    client: Client, flight: Flight, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    booking = a_confirmed_booking(flight)
    assert "Add to calendar" in client.get(f"/bookings/{booking.pk}/").content.decode()
    with django_assert_num_queries(2):
        answer = fetch(client, booking)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    filename = f"flight-{booking.record_locator}.ics"
    assert answer["Content-Disposition"] == f'attachment; filename="{filename}"'
    assert answer["Cache-Control"] == "private, no-store"
    stranger = fetch(Client(), booking)
    assert stranger.status_code == 403
    assert str(booking.record_locator) not in stranger.content.decode()


def test_what_is_not_paid_has_none(client: Client, flight: Flight) -> None:
    failed = settle(a_payment(flight, code="11111"))
    for booking in (a_hold(flight), failed):
        answer = fetch(client, booking)
        assert answer.status_code == 409
        assert "once it is paid" in answer.content.decode()
        assert changes_of(booking.pk) is None
