"""Which tasks the saga hands over, and when: countdowns to what is due, payments, messages.

`Booking.due_at` is the timer; a task only makes its step prompt. Timers that end within the same
moment share one task, and whoever it wakes takes all that is due: one that comes late, twice or
early finds less to do, and `sweep` finds whatever no task came for. See flights/enqueue.py.
"""

import datetime as dt
import time
from math import ceil
from uuid import UUID

from bookings.models import Booking
from flights.enqueue import enqueue
from flights.gathering import Gatherer

# Holds that end within the same so many seconds share a countdown, and so do payments that are
# tried again.
HOLDS_SECONDS, RETRIES_SECONDS = 0.25, 0.05
# Remembered of the moments that a task was sent for.
MOST_MOMENTS = 50_000


class Moments:
    """Which moments this process has sent a countdown for already."""

    def __init__(self, task: str, queue: str, step: float) -> None:
        self._task, self._queue, self.step = task, queue, step
        self._sent: dict[int, None] = {}

    def send(self, at: float, now: float) -> None:
        """Have a worker look then, or up to a step later; both in seconds by one clock."""
        moment = ceil(at / self.step)
        if moment in self._sent:
            return
        seconds = max(0.0, moment * self.step - now)
        if enqueue(self._task, 0, queue=self._queue, seconds=seconds):
            self._sent[moment] = None
            if len(self._sent) > MOST_MOMENTS:
                del self._sent[next(iter(self._sent))]


holds = Moments("bookings.expire_due", "timers", HOLDS_SECONDS)
_retries = Moments("bookings.take_due", "work", RETRIES_SECONDS)


def expiry(booking: Booking) -> None:
    """Have the hold looked at when it is due. These wait on a queue and worker of their own."""
    if booking.due_at:
        # By the database's clock, from the database's time: our own may be wrong.
        holds.send(booking.due_at.timestamp(), booking.now.timestamp())


def expiry_in(seconds: float) -> None:
    """Have holds looked at after so many seconds."""
    now = dt.datetime.now(dt.UTC).timestamp()
    holds.send(now + seconds, now)


def due_payments(*, seconds: float = 0) -> None:
    """Have payments and refunds that are due taken up now, or after a short pause."""
    if seconds:
        now = time.time()
        _retries.send(now + seconds, now)
    else:
        # One task for all that become due within a moment.
        _due.add(None)


def mail(booking: Booking) -> None:
    """After a commit that wrote messages, where there is an address: have them sent now."""
    if booking.email:
        messages(booking.pk)


def messages(booking_id: UUID) -> None:
    """Have what is due of a booking's messages sent now."""
    enqueue("bookings.send_messages", booking_id)


def end_of_bookings(flight_id: int) -> None:
    """Have the bookings of a cancelled flight ended now."""
    enqueue("bookings.end_bookings", flight_id)


def _take_due(_: object) -> None:
    enqueue("bookings.take_due", 0)


_due: Gatherer[None] = Gatherer(_take_due)
