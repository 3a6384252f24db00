"""Whatever is broken is found and named; whatever the saga does is not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from bookings import saga
from bookings.invariants import INVARIANTS, broken
from bookings.models import Booking, State
from bookings.saga.moves import postpone
from flights.models import Flight
from tests.people import (
    MoodyGateway,
    a_confirmed_booking,
    a_flight,
    a_hold,
    a_payment,
    let_time_pass,
    run_out,
    settle,
    standing,
)

pytestmark = pytest.mark.django_db(transaction=True)

BY = "operator:olga"
TABLES = "seatclaim, bookings_paymentattempt, bookings_bookingevent, bookings_ledgerentry"


@dataclass
class Cast:
    """One booking of every kind, each made by the saga."""

    held: Booking
    emptied: Booking
    cancelled: Booking
    successor: Booking
    expired: Booking
    refused: Booking
    declined: Booking
    confirmed: Booking
    retried: Booking
    paying: Booking
    voided: Booking
    refunded: Booking
    refund_due: Booking


@pytest.fixture
def cast(flight: Flight, gateway: type[MoodyGateway]) -> Cast:
    cancelled = saga.cancel(booking_id=a_hold(flight, "1A", "1B").pk)
    return Cast(
        held=saga.update_seats(booking_id=a_hold(flight, "2A").pk, seats=["2B", "2C"]),
        emptied=saga.update_seats(booking_id=a_hold(flight, "3A").pk, seats=[]),
        cancelled=cancelled,
        successor=a_confirmed_booking(flight, "1A", "1B"),
        expired=an_expired_hold(flight),
        refused=settle(a_payment(flight, "5A", code="11111")),
        declined=settle(a_payment(flight, "6A", code="99999")),
        confirmed=a_confirmed_booking(flight, "7A", "7B", "7C"),
        retried=after(gateway, ["silent"], settle, a_payment(flight, "8A")),
        paying=after(gateway, ["declined", "lost"], two_steps, a_payment(flight, "9A")),
        voided=after(gateway, ["lost"] * 3, settle, a_payment(flight, "10A")),
        refunded=settle(taken_back(a_confirmed_booking(flight, "11A"))),
        refund_due=taken_back(a_confirmed_booking(flight, "12A")),
    )


def an_expired_hold(flight: Flight) -> Booking:
    booking = a_hold(flight, "4A")
    run_out(booking)
    saga.sweep()
    return booking


def after(gateway: type[MoodyGateway], fates: list[str], step: object, booking: Booking) -> Booking:
    gateway.fates[:] = fates
    assert callable(step)
    step(booking)
    return booking
