"""`manage.py check_bookings`: is every promise kept, for every booking?"""

import argparse
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bookings.invariants import INVARIANTS, Finding, Invariant, broken, overdue_after_seconds
from bookings.models import Booking, BookingEvent, LedgerEntry, PaymentAttempt, SeatClaim
from flights.one_line import one_line
from flights.terminal import number, whole

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Check every invariant over the whole database, in one snapshot, while the system runs. "
        "Prints what is broken and exits 1; exits 0 if nothing is."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--overdue-seconds",
            type=number(0, 10**8),
            default=overdue_after_seconds(),
            help="how late a booking's next step may be; two sweeps and a margin by default",
        )
        parser.add_argument(
            "--show",
            type=whole(0, 10**6),
            default=SHOWN,
            metavar="N",
            help=f"print so many findings for each invariant and count the rest ({SHOWN})",
        )

    def handle(self, *args: Any, overdue_seconds: float, show: int, **options: Any) -> None:
        found: dict[bool, int] = {True: 0, False: 0}
        by_invariant = groupby(broken(overdue_seconds=overdue_seconds), lambda f: f.invariant)
        for invariant, findings in by_invariant:
            found[invariant.warning] += self._print(invariant, findings, show)
        warnings = f"; warnings: {found[True]}" if found[True] else ""
        if found[False]:
            raise CommandError(f"Broken promises: {found[False]}{warnings}.")
        held = f"{len(INVARIANTS)} invariants hold for {_size()}"
        self.stdout.write(self.style.SUCCESS(f"{held}{warnings}."))

    def _print(self, invariant: Invariant, findings: Iterable[Finding], show: int) -> int:
        """The first `show` of them under a heading; returns how many there are."""
        style = self.style.WARNING if invariant.warning else self.style.ERROR
        word = "Warning" if invariant.warning else "Broken"
        self.stdout.write(style(f"{word}: {invariant.promise} ({invariant.name})"))
        count = 0
        for count, finding in enumerate(findings, start=1):
            if count <= show:
                self.stdout.write(f"  {one_line(str(finding))}")
        if count > show:
            self.stdout.write(f"  … and {count - show} more")
        return count


def _size() -> str:
    return (
        f"{Booking.objects.count():,} bookings, {SeatClaim.objects.count():,} owned seats, "
        f"{PaymentAttempt.objects.count():,} payment attempts, "
        f"{BookingEvent.objects.count():,} events, {LedgerEntry.objects.count():,} ledger entries"
    )
