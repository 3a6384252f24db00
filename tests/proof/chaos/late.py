"""What chaos meets only by chance: a process that is stopped between its decision and its commit.

Until it goes on and commits, its booking holds its seats, and whoever asks is rightly told so;
by the event's own time, which is that of the decision, they would all have been lied to.
"""

import threading
import time
from uuid import UUID

from django.db import connection, transaction

from bookings import saga
from bookings.models import Booking
from bookings.saga.statements import make
from bookings.saga.transitions import CANCELLED_BY_CUSTOMER
from tests.proof.histories import Told

# Far longer than a reader may be behind.
STOPPED_SECONDS = 1.5
LOOK_SECONDS = 0.1


def late_commit(flight_id: int) -> list[Told]:
    """What was told about a booking while its end was decided, and not committed."""
    booking = saga.hold_seats(flight_id=flight_id, seats=["30A", "30B"])
    stopped = threading.Thread(target=_end_late, args=[booking.pk])
    stopped.start()
    told = []
    while stopped.is_alive():
        told.append(_look(booking.pk))
        time.sleep(LOOK_SECONDS)
    return told


def _end_late(booking_id: UUID) -> None:
    with transaction.atomic(durable=True):
        make(CANCELLED_BY_CUSTOMER, booking_id, browser_id=None)
        time.sleep(STOPPED_SECONDS)
    connection.close()


def _look(booking_id: UUID) -> Told:
    started = time.time()
    seen = Booking.objects.get(pk=booking_id)
    held = tuple(f"{seen.flight_id}:{seat}" for seat in seen.seats) if seen.owns_seats else ()
    return Told("who looked on", started, time.time(), str(booking_id), held)
