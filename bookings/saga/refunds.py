"""Refunds while the provider takes none: one asks, and the others wait.

Who sees a refund fail puts off all that are due, in one statement, and then asks for one of them
every ASK_SECONDS, each time for another. The first that succeeds has all others tried at once.
What a process remembers is no promise: each refund keeps its own timer, at most PUT_OFF_SECONDS,
and whoever begins, or knows of no trouble for LOOK_SECONDS, asks for one that still waits.
"""

import threading
import time

from django.conf import settings

from bookings.models import Booking
from bookings.saga import enqueue
from bookings.saga.staff_transitions import REFUND_RETRIED
from bookings.saga.statements import make_due
from bookings.saga.transitions import REFUND_ASKED_FOR, REFUND_PUT_OFF, REFUND_TRIED

ASK_SECONDS = 5.0
# How often a process that knows of no trouble looks whether another one left refunds waiting.
LOOK_SECONDS = 60.0
PUT_OFF_SECONDS = 600
BATCH = 500


class Refunds:
    """What this process knows of how the provider takes refunds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Know nothing, like a process that has just begun: one that waits is asked for soon."""
        # Whether the last one succeeded; nobody knows before the first.
        self._works: bool | None = None
        self._why, self._ask_at = "", 0.0

    def is_time_to_ask(self) -> bool:
        """Whether one is to be asked for, although none may be due."""
        return time.monotonic() >= self._ask_at

    def take(self, most: int) -> list[Booking]:
        """The refunds to ask the provider for now: all that are due, or one, or none."""
        lease = settings.PAYMENT_LEASE_SECONDS
        if self._works is not False and (due := make_due(REFUND_TRIED, most, lease=lease)):
            return due
        with self._lock:
            if not most or not self.is_time_to_ask():
                return []
            # Nobody else asks until this one is answered.
            self._ask_at = time.monotonic() + lease
        asked = make_due(REFUND_ASKED_FOR, 1, lease=lease)
        if not asked:
            self._works, self._ask_at = None, time.monotonic() + LOOK_SECONDS
        elif self._works is False:
            self._put_off()
        elif not asked[0].failures:
            # Another process had it put off, and may be gone: the others wait for this one.
            self._works = False
        return asked

    def failed(self, booking: Booking, why: str) -> None:
        """The provider did not take this one, which has its next try already."""
        with self._lock:
            if self._works and booking.failures:
                return  # Others succeed: that is this booking's own trouble.
            self._works, self._why = False, why
            self._ask_at = time.monotonic() + ASK_SECONDS
        self._put_off()
        enqueue.due_payments(seconds=ASK_SECONDS)

    def worked(self, booking: Booking) -> None:
        """The provider took this one; if it did not always, it is asked for the others now."""
        with self._lock:
            is_back = self._works is False or booking.failures
            self._works, self._ask_at = True, time.monotonic() + LOOK_SECONDS
        if is_back:
            retry_waiting()

    def _put_off(self) -> None:
        while make_due(REFUND_PUT_OFF, BATCH, pause=PUT_OFF_SECONDS, reason=self._why):
            pass


def retry_waiting(**said: str) -> list[Booking]:
    """Have every refund that waits for the provider tried now; which these are.

    `by` and `detail`: who wants it and why, if that is not the gateway's answer.
    """
    retried = list[Booking]()
    lease = settings.PAYMENT_LEASE_SECONDS
    while some := make_due(REFUND_RETRIED, BATCH, lease=lease, **said):
        retried += some
    if retried:
        enqueue.due_payments()
    return retried


refunds = Refunds()
