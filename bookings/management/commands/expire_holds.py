"""`manage.py expire_holds`: the sweep, without Celery and without Redis."""

import argparse
import logging
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections

from bookings.saga.timers import seconds_to_next_expiry, sweep
from bookings.saga.workers import AT_ONCE, Payments

log = logging.getLogger(__name__)


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
        payments = Payments(AT_ONCE)
        try:
            if loop:
                _sweep_until_told(payments)
            else:
                self.stdout.write(f"{sweep(payments.take_up_one)} bookings were due.")
        finally:
            payments.stop()


def _sweep_until_told(payments: Payments) -> None:
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    while not stop.is_set():
        stop.wait(_sweep_and_rest(payments))


def _sweep_and_rest(payments: Payments) -> float:
    """Sweep, and return how many seconds to rest: until the next timer, SWEEP_SECONDS at most."""
    close_old_connections()
    try:
        sweep(payments.take_up_one)
        next_due = seconds_to_next_expiry()
    except (OperationalError, InterfaceError) as error:
        log.warning("The database is away; the sweep goes on when it is back: %s", error)
        return settings.SWEEP_SECONDS
    return min(next_due or settings.SWEEP_SECONDS, settings.SWEEP_SECONDS)
