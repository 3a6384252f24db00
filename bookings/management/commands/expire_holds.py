"""`manage.py expire_holds`: the sweep, without Celery and without Redis."""

import argparse
import logging
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections

from bookings.saga.timers import advance_or_postpone, seconds_to_next_expiry, sweep

log = logging.getLogger(__name__)

PAYMENTS_AT_ONCE = 8


class Command(BaseCommand):
    help = (
        "Expire every hold whose time is over, and finish payments and refunds that no worker "
        "took up. Needs neither Celery nor Redis."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--loop",
            action="store_true",
            help="go on for ever: sweep when the next timer is due, at least every SWEEP_SECONDS",
        )

    def handle(self, *args: Any, loop: bool, **options: Any) -> None:
        stop = threading.Event()
        with ThreadPoolExecutor(PAYMENTS_AT_ONCE) as payments:
            under_way: set[UUID] = set()

            def hand_over(booking_id: UUID) -> None:
                if booking_id not in under_way:
                    under_way.add(booking_id)
                    done = payments.submit(_advance, booking_id)
                    done.add_done_callback(lambda _: under_way.discard(booking_id))

            if not loop:
                self.stdout.write(f"{sweep(hand_over)} bookings were due.")
                return
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, lambda *_: stop.set())
            while not stop.is_set():
                stop.wait(_sweep_and_rest(hand_over))


def _sweep_and_rest(hand_over: Callable[[UUID], object]) -> float:
    """Sweep, and return how many seconds to rest: until the next timer, SWEEP_SECONDS at most."""
    close_old_connections()
    try:
        sweep(hand_over)
        next_due = seconds_to_next_expiry()
    except (OperationalError, InterfaceError) as error:
        log.warning("The database is away; the sweep goes on when it is back: %s", error)
        return settings.SWEEP_SECONDS
    return min(next_due or settings.SWEEP_SECONDS, settings.SWEEP_SECONDS)


def _advance(booking_id: UUID) -> None:
    try:
        advance_or_postpone(booking_id)
    except (OperationalError, InterfaceError) as error:
        log.warning("The database is away; booking %s waits: %s", booking_id, error)
    finally:
        close_old_connections()
