"""Payments of a worker, side by side: each waits for the gateway in a thread of its own.

Whoever is woken takes up what is due, as much as there are free threads for, until nothing is.
A worker that dies here loses nothing: each attempt has a lease, and the sweep finds the rest.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from django.db import Error as DatabaseError
from django.db import close_old_connections

from bookings.saga import payment

log = logging.getLogger(__name__)

# Payments that one process has under way at the same time, each with a database connection.
AT_ONCE = 24


class Payments:
    """The threads, and how many of them are free."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._free = threading.Semaphore(threads)
        self._pool: ThreadPoolExecutor | None = None
        # Somebody was woken while no thread was free.
        self._more = threading.Event()

    def take_up(self) -> None:
        """Take up whatever is due. Comes back without waiting for the gateway."""
        while free := self._reserve():
            try:
                steps = payment.due_steps(free)
            except BaseException:
                self._free.release(free)
                raise
            if len(steps) < free:
                self._free.release(free - len(steps))
            for booking_id, effect in steps:
                self._submit(booking_id, effect)
            if len(steps) < free:
                return

    def wait(self) -> None:
        """Come back when nothing is under way."""
        for _ in range(self._threads):
            self._free.acquire()
        self._free.release(self._threads)

    def _reserve(self) -> int:
        free = 0
        while free < self._threads and self._free.acquire(blocking=False):
            free += 1
        if not free:
            self._more.set()
        return free

    def _submit(self, booking_id: UUID, effect: payment.Effect) -> None:
        self._pool = self._pool or ThreadPoolExecutor(self._threads, "payment")
        self._pool.submit(self._run, booking_id, effect)

    def _run(self, booking_id: UUID, effect: payment.Effect) -> None:
        try:
            close_old_connections()
            effect()
        except DatabaseError as error:
            log.warning("Booking %s waits for the database: %s", booking_id, error)
        except Exception as error:
            log.exception("A step of booking %s failed", booking_id)
            payment.postpone(booking_id, error)
        finally:
            self._free.release()
        if self._more.is_set():
            self._more.clear()
            self.take_up()


payments = Payments(AT_ONCE)
