import pytest, time, threading
from datetime import timedelta
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from django.db import connections, transaction, connection
from bookings import saga
from bookings.errors import BookingError
from bookings.invariants import broken
from bookings.models import *
from bookings.models import Booking, State
from flights.models import Flight
from tests.people import *
from tests.people import a_confirmed_booking, a_flight, a_hold, a_payment, standing, settle
from tests.racing import race, transactions_waiting
from tests.running import wait_until
pytestmark = pytest.mark.django_db(transaction=True)
BY="operator:o"
def test_end_vs_move(flight):
    later = a_flight("AF1236", departure=flight.departure + timedelta(hours=2))
    a, b = sorted([a_confirmed_booking(flight, "1A"), a_confirmed_booking(flight, "2A")], key=lambda x: x.pk)
    saga.cancel_flight(flight_id=flight.pk, by=BY, reason="fog")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Booking.objects.select_for_update().get(pk=a.pk)
            w = pool.submit(race, partial(saga.end_bookings, flight.pk))
            wait_until(lambda: transactions_waiting()==1, "x")
            out = race(partial(saga.move_to_flight, booking_id=b.pk, flight_id=later.pk, by=BY))
            assert isinstance(out[0], Booking), out
        print(w.result(20))
    b.refresh_from_db()
    assert (b.flight_id, b.state) == (later.pk, State.CONFIRMED)

def test_delay_twice(flight):
    d = flight.departure
    race(*[partial(saga.delay_flight, flight_id=flight.pk, minutes=60, by=f"operator:{n}") for n in "ab"])
    flight.refresh_from_db()
    assert flight.departure == d + timedelta(minutes=60)
