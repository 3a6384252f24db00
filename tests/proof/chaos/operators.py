"""Staff at work meanwhile: whatever they may do to bookings and flights, at random."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress

from django.db import Error as DatabaseError
from django.db import connection

from bookings import saga
from bookings.errors import BookingError
from bookings.models import Booking
from flights.models import CabinLayout, Flight
from tests.people import LAYOUT
from tests.proof.chaos.customers import WANTED

BY = "operator:olga"
REST_SECONDS = 0.3
# To be swapped with the first one: who sat in row 1 must move.
ANOTHER_AIRCRAFT = "test-without-row-1"


class Operators(threading.Thread):
    """Two acts on bookings for every act on a flight."""

    def __init__(self, flights: Sequence[int], *, seed: int) -> None:
        super().__init__(name="operators")
        self.done: Counter[str] = Counter()
        self._flights = flights
        self._random = random.Random(seed)
        self._over = threading.Event()
        CabinLayout.objects.get_or_create(
            code=ANOTHER_AIRCRAFT, defaults={"source": LAYOUT.replace("1-30", "skip 1\n2-30")}
        )

    def run(self) -> None:
        while not self._over.wait(REST_SECONDS):
            try:
                self._act()
            except DatabaseError:
                connection.close()
        connection.close()

    def stop(self) -> None:
        self._over.set()
        self.join()

    def _act(self) -> None:
        acts: dict[Callable[[], object], float]
        if self._random.random() < 0.67:
            acts = {self._end: 1, self._refund: 1, self._retry: 1, self._move: 1, self._give: 1}
        else:
            acts = {
                self._block: 3,
                self._unblock: 3,
                self._delay: 3,
                self._swap: 3,
                # A flight that is cancelled is one less to travel on.
                self._cancel: 0.3,
            }
        (act,) = self._random.choices(list(acts), list(acts.values()))
        with suppress(BookingError):
            act()
            self.done[act.__name__.removeprefix("_")] += 1

    # --- Bookings ----------------------------------------------------------------------------
    def _end(self) -> None:
        saga.terminate(booking_id=self._booking().pk, by=BY)

    def _refund(self) -> None:
        saga.cancel_and_refund(booking_id=self._booking(state="CONFIRMED").pk, by=BY)

    def _give(self) -> None:
        booking = self._booking(state="CONFIRMED")
        saga.give_refund(booking_id=booking.pk, amount_cents=self._random.randint(1, 9_999), by=BY)

    def _retry(self) -> None:
        saga.retry_now(booking_id=self._booking(due_at__isnull=False).pk, by=BY)

    def _move(self) -> None:
        booking = self._booking(owns_seats=True)
        seats = self._random.sample(WANTED, len(booking.seats))
        saga.reseat(booking_id=booking.pk, seats=seats, by=BY)

    def _booking(self, **where: object) -> Booking:
        booking = Booking.objects.filter(**where).order_by("?").first()
        if booking is None:
            raise BookingError
        return booking

    # --- Flights -----------------------------------------------------------------------------
    def _block(self) -> None:
        seats = self._random.sample(WANTED, 2)
        saga.block_seats(flight_id=self._flight(), seats=seats, by=BY, reason="broken")

    def _unblock(self) -> None:
        blocked = Flight.objects.get(pk=self._flight()).claims.filter(booking=None).first()
        if blocked is None:
            raise BookingError
        saga.unblock_seats(flight_id=blocked.flight_id, seats=[blocked.seat], by=BY)

    def _delay(self) -> None:
        saga.delay_flight(flight_id=self._flight(), minutes=30, by=BY)

    def _swap(self) -> None:
        flight = Flight.objects.get(pk=self._flight())
        layout = "test-320" if flight.layout_id == ANOTHER_AIRCRAFT else ANOTHER_AIRCRAFT
        digest = saga.foresee_swap(flight_id=flight.pk, layout=layout).digest
        saga.swap_aircraft(flight_id=flight.pk, layout=layout, digest=digest, by=BY)

    def _cancel(self) -> None:
        """A flight in two, so that some stay."""
        flight_id = self._random.choice(self._flights[::2])
        saga.cancel_flight(flight_id=flight_id, by=BY, reason="strike")

    def _flight(self) -> int:
        return self._random.choice(self._flights)
