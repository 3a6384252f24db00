"""The caller keeps the deadline: nobody waits for the gateway longer than PAYMENT_TIMEOUT_SECONDS.

Each call has a thread of its own, which is left alone when the time is over, whatever class the
gateway is and whatever it waits for. Nothing can end a thread from outside, so a call that hangs
keeps one, but nothing else: no place of a worker, no connection, and no process from ending.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError

from django.conf import settings
from django.db import connections

from bookings.payments.gateway import GatewayTimeout

log = logging.getLogger(__name__)

# Calls whose time is over and that have not come back.
_hung: set[object] = set()
# Late answers are written down one after the other, on one connection, however many come at once.
_late = threading.Lock()


def ask[T](call: Callable[[], T], late: Callable[[T], object]) -> Future[T]:
    """What the call returns or raises; GatewayTimeout if it has done neither in time.

    If it returns after all, `late` is called with that, in the call's own thread.
    """
    known: Future[T] = Future()
    timer = threading.Timer(settings.PAYMENT_TIMEOUT_SECONDS, _give_up, [known])
    thread = threading.Thread(target=_run, args=[call, late, known], name="gateway")
    timer.daemon = thread.daemon = True
    known.add_done_callback(lambda _: timer.cancel())
    try:
        timer.start()
        thread.start()
    except RuntimeError as error:  # No more threads can be had.
        _is_first(known.set_exception, error)
    return known


def hung() -> int:
    """How many calls of this process have not come back though their time is over."""
    return len(_hung)


def _give_up(known: Future[object]) -> None:
    # Before it is known, so that the call, which may come back now, cannot miss it.
    _hung.add(known)
    if not _is_first(known.set_exception, GatewayTimeout()):
        _hung.discard(known)


def _run[T](call: Callable[[], T], late: Callable[[T], object], known: Future[T]) -> None:
    try:
        answer = call()
    except BaseException as error:
        # What would end the thread of another, is here a failure like any.
        failure = error if isinstance(error, Exception) else RuntimeError(type(error).__name__)
        _is_first(known.set_exception, failure)
    else:
        if not _is_first(known.set_result, answer):
            _take_late(late, answer)
    finally:
        _hung.discard(known)
        connections.close_all()


def _take_late[T](late: Callable[[T], object], answer: T) -> None:
    try:
        with _late:
            late(answer)
            connections.close_all()
    except Exception:
        log.exception("A late answer of the payment gateway was lost")


def _is_first[V](settle: Callable[[V], None], value: V) -> bool:
    """Whether nothing was known before."""
    try:
        settle(value)
    except InvalidStateError:
        return False
    return True
