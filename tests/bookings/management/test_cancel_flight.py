"""`manage.py cancel_flight`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from bookings import saga
from bookings.invariants import broken
from bookings.models import Booking, State
from flights.models import Flight
from tests.people import a_confirmed_booking, a_hold, settle, standing

pytestmark = pytest.mark.django_db(transaction=True)


def cancel(flight: Flight, *more: str) -> str:
    out = StringIO()
    day = str(flight.departure_date)
    call_command("cancel_flight", flight.number.lower(), day, "--reason=Fog", *more, stdout=out)
    return out.getvalue()


def test_a_flight_is_cancelled_and_its_bookings_ended(flight: Flight) -> None:
    alice, bob = a_confirmed_booking(flight, "1A"), a_hold(flight, "2A")
    assert "0 of 1 refunds done" in cancel(flight)
    assert {standing(alice)[0], standing(bob)[0]} == {State.CANCELLED}
    event = flight.events.get(name="cancelled")
    assert event.by.startswith("terminal:")
    assert event.reason == "Fog"
    settle(alice)
    assert list(broken(overdue_seconds=0)) == []


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("  ", "This field is required"),
        ("x" * 201, "at most 200 characters"),
        ("half \udcff", "letters that can be printed"),
        ("\x1b[31mFog", "letters that can be printed"),
    ],
)
def test_a_reason_is_one_as_staff_give_it(flight: Flight, reason: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        cancel(flight, f"--reason={reason}")
    flight.refresh_from_db()
    assert not flight.cancelled_at


def test_an_interrupted_cancellation_is_gone_on_with(flight: Flight) -> None:
    a_hold(flight)
    saga.cancel_flight(flight_id=flight.pk, by="operator:olga", reason="Fog")
    cancel(flight)
    assert Booking.objects.get().state == State.CANCELLED
    assert flight.events.filter(name="cancelled").count() == 1


@pytest.mark.parametrize("typed", ["AF 1234", "af-1234", "AF01234"])
def test_a_flight_is_named_as_one_types_it(flight: Flight, typed: str) -> None:
    flight.number = typed
    cancel(flight)
    flight.refresh_from_db()
    assert flight.cancelled_at


def test_what_cannot_be_cancelled_is_said(flight: Flight) -> None:
    cancel(flight)
    with pytest.raises(CommandError, match="stays cancelled"):
        cancel(flight)
    flight.number = "AF9999"
    with pytest.raises(CommandError, match="no flight AF9999"):
        cancel(flight)
    flight.number = "Fog"
    with pytest.raises(CommandError, match="'fog' is not a flight number like AF1234"):
        cancel(flight)
    with pytest.raises(CommandError, match="not a date"):
        call_command("cancel_flight", "AF1234", "tomorrow", "--reason=Fog")
