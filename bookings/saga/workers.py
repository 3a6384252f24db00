"""Payments of a process, side by side: none waits because another's call of the gateway hangs.

Whoever is woken takes up what is due, as much as may be asked at once, until nothing is. The
calls are threads without a database connection (payments/deadline.py); what became of them is
written down by a few that have one. A process that dies here loses nothing: each attempt has a
lease, and the sweep finds the rest.
"""

import logging
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import UUID

from django.db import Error as DatabaseError
from django.db import close_old_connections

from bookings.payments import deadline
from bookings.saga import payment
from bookings.saga.gateway_calls import Call

log = logging.getLogger(__name__)

# Calls that one process waits for at the same time. One that hangs has its place until its
# deadline and no longer, so this many can hang at once before others wait.
AT_ONCE = 500
# Threads that write answers down, each with a database connection.
WRITERS = 8
# Calls that hang past their deadline, some 50 kB each, before the process has itself replaced.
MOST_HUNG = 2000
# How long that may take.
GRACE_SECONDS = 60.0


def end_this_process(grace: float = GRACE_SECONDS) -> None:
    """Ask it to end, and kill it if it has not by then: what hangs may hold signals back, or have
    threads of its own that Python waits for at the end."""
    last = threading.Timer(grace, os.kill, [os.getpid(), signal.SIGKILL])
    last.daemon = True
    last.start()
    os.kill(os.getpid(), signal.SIGTERM)


class Payments:
    """What is under way, and how much more may be."""

    def __init__(
        self,
        at_once: int,
        most_hung: int = MOST_HUNG,
        end: Callable[[], object] = end_this_process,
    ) -> None:
        self._at_once = self._free = at_once
        self._most_hung, self._end = most_hung, end
        self._changed = threading.Condition()
        self._stopped = False
        self._writers: ThreadPoolExecutor | None = None
        # Something may be due that nobody has looked for yet.
        self._more = threading.Event()

    def take_up(self) -> None:
        """Take up whatever is due. Comes back without waiting for the gateway."""
        # Said before a place is looked for: whoever frees one from now on looks in our stead.
        self._more.set()
        while self._more.is_set() and (free := self._reserve(self._at_once)):
            self._more.clear()
            if self._take(free, payment.due_steps) == free:
                self._more.set()

    def take_up_one(self, booking_id: UUID) -> None:
        """Take the next step of this booking if it is due, and there is a place for it."""

        def due_steps(_: int) -> list[Call[Any]]:
            call = payment.step(booking_id)
            return [call] if call else []

        if self._reserve(1):
            payment.or_postpone(booking_id, lambda: self._take(1, due_steps))

    def wait(self) -> None:
        """Come back when nothing is under way: when the last deadline is over, at the latest."""
        with self._changed:
            self._changed.wait_for(lambda: self._free == self._at_once)

    def stop(self) -> None:
        """Take nothing up any more, and wait for what is under way."""
        self._stopped = True
        self.wait()

    def _reserve(self, most: int) -> int:
        with self._changed:
            places = 0 if self._stopped else min(most, self._free)
            self._free -= places
        return places

    def _release(self, places: int) -> None:
        with self._changed:
            self._free += places
            self._changed.notify_all()

    def _take(self, most: int, due_steps: Callable[[int], list[Call[Any]]]) -> int:
        calls: list[Call[Any]] = []
        try:
            calls = due_steps(most)
        finally:
            self._release(most - len(calls))
        for call in calls:
            call.start().add_done_callback(partial(self._write_down, call))
        return len(calls)

    def _write_down(self, call: Call[Any], known: Future[Any]) -> None:
        with self._changed:
            self._writers = self._writers or ThreadPoolExecutor(WRITERS, "payment")
        self._writers.submit(self._run, call, known)

    def _run(self, call: Call[Any], known: Future[Any]) -> None:
        try:
            close_old_connections()
            payment.or_postpone(call.booking_id, lambda: call.record(known.result))
        except DatabaseError as error:
            # Its lease runs out, and the sweep comes.
            log.warning("Booking %s waits for the database: %s", call.booking_id, error)
        finally:
            self._release(1)
        if deadline.hung() >= self._most_hung:
            self._have_us_replaced()
        elif self._more.is_set():
            self._take_up_more()

    def _have_us_replaced(self) -> None:
        """No thread can be ended from outside, only the process; whoever looks after it starts
        another one."""
        if not self._stopped:
            self._stopped = True
            log.critical("%s calls of the payment gateway hang; this process ends", self._most_hung)
            self._end()

    def _take_up_more(self) -> None:
        try:
            self.take_up()
        except DatabaseError as error:
            log.warning("What is due waits for the sweep: %s", error)


payments = Payments(AT_ONCE)
