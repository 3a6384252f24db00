"""`manage.py list_stuck`: what needs somebody, the worst first."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bookings.admin.formats import duration, money
from bookings.invariants.attention import Stuck, Trouble, stuck, worst_first
from flights.clock import database_clock
from flights.one_line import one_line
from flights.terminal import whole

SHOWN = 100


class Command(BaseCommand):
    help = (
        "List the bookings that are overdue, failing, waiting for a refund or for their mail to be "
        "sent, the worst first. Exits 1 if there are any."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--show",
            type=whole(1, 10**6),
            default=SHOWN,
            metavar="N",
            help=f"at most so many ({SHOWN})",
        )

    def handle(self, *args: Any, show: int, **options: Any) -> None:
        found = worst_first(stuck(trouble, show + 1) for trouble in Trouble)
        if not found:
            self.stdout.write(self.style.SUCCESS("Nothing is stuck."))
            return
        now = database_clock()
        for one in found[:show]:
            age = duration(max(0, round((now - one.since).total_seconds())))
            self.stdout.write(f"{one.trouble:<8}  for {age:<12}  {one_line(_line(one))}")
        more = ", and more that are not shown" if len(found) > show else ""
        raise CommandError(f"Stuck: {min(len(found), show)} bookings{more}.")


def _line(one: Stuck) -> str:
    booking = one.booking
    errors = f", errors: {booking.failures}" if booking.failures else ""
    if booking.last_error and one.trouble != Trouble.MAIL:
        errors += f", last error: {booking.last_error}"
    why = one.unsent or "no worker came"
    unsent = f", not sent: {why}" if one.trouble == Trouble.MAIL else ""
    price = money(booking.total_cents, booking.currency)
    name = booking.record_locator or "-" * 6
    return (
        f"{name}  {booking.pk}  {booking.flight}  {booking.state}, "
        f"payment {booking.payment_status}, {price}{errors}{unsent}"
    )
