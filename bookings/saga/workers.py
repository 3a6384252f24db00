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
AT_ONCE = 20


class Payments:
    """The threads, and how many of them are free."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._free = threading.Semaphore(threads)
        self._pool: ThreadPoolExecutor | None = None
        # Something may be due that nobody has looked for yet.
        self._more = threading.Event()

    def take_up(self) -> None:
        """Take up whatever is due. Comes back without waiting for the gateway."""
        # Said before a thread is looked for: whoever frees one from now on looks in our place.
        self._more.set()
        while self._more.is_set() and (free := self._reserve()):
            self._more.clear()
            if self._take(free) == free:
                self._more.set()

    def wait(self) -> None:
        """Come back when nothing is under way."""
        for _ in range(self._threads):
            self._free.acquire()
        self._free.release(self._threads)

    def _reserve(self) -> int:
        free = 0
        while free < self._threads and self._free.acquire(blocking=False):
            free += 1
        return free

    def _take(self, most: int) -> int:
        steps: list[tuple[UUID, payment.Effect]] = []
        try:
            steps = payment.due_steps(most)
        finally:
            self._release(most - len(steps))
        for booking_id, effect in steps:
            self._submit(booking_id, effect)
        return len(steps)

    def _release(self, threads: int) -> None:
        if threads:
            self._free.release(threads)

    def _submit(self, booking_id: UUID, effect: payment.Effect) -> None:
        self._pool = self._pool or ThreadPoolExecutor(self._threads, "payment")
        self._pool.submit(self._run, booking_id, effect)

    def _run(self, booking_id: UUID, effect: payment.Effect) -> None:
        try:
            close_old_connections()
            self._finish(booking_id, effect)
        except DatabaseError as error:
            # Its lease runs out, and the sweep comes.
            log.warning("Booking %s waits for the database: %s", booking_id, error)
        finally:
            self._free.release()
        if self._more.is_set():
            self._take_up_more()

    def _finish(self, booking_id: UUID, effect: payment.Effect) -> None:
        try:
            effect()
        except DatabaseError:
            raise
        except Exception as error:
            log.exception("A step of booking %s failed", booking_id)
            payment.postpone(booking_id, error)

    def _take_up_more(self) -> None:
        try:
            self.take_up()
        except DatabaseError as error:
            log.warning("What is due waits for the sweep: %s", error)


payments = Payments(AT_ONCE)
