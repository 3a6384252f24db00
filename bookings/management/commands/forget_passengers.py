"""`manage.py forget_passengers`: personal data end where their purpose does."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from bookings import saga
from bookings.errors import BookingError
from bookings.saga.passengers import with_passengers_of_long_ago
from flights.terminal import by_terminal, whole


class Command(BaseCommand):
    help = (
        "Erase names, birthdays and e-mail addresses: of confirmed bookings whose flight left more "
        "than so many days ago, and of others that ended and were made longer ago than that. "
        "Seats, prices and histories stay. A refund that is still on its way is waited for."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--older-than", type=whole(0, 36_500), required=True, metavar="DAYS", dest="days"
        )

    def handle(self, *args: Any, days: int, **options: Any) -> None:
        forgotten = 0
        found = with_passengers_of_long_ago(timedelta(days=days))
        # Silent when nobody watches: disable=None asks whether it is a terminal.
        for booking_id in tqdm(found, desc="Bookings", disable=None):
            try:
                saga.forget_passengers(booking_id=booking_id, by=by_terminal())
            except BookingError as error:
                self.stderr.write(f"{booking_id}: {error.message}")
            else:
                forgotten += 1
        self.stdout.write(f"{forgotten} forgotten.")
