"""`manage.py seed_flights`: a made-up schedule."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from flights.demo.timetable import MOST_A_DAY, NothingToFly, seed_flights


class Command(BaseCommand):
    help = (
        "Add a made-up schedule from today on: real airports, aircraft by range, times by "
        "distance. The same seed gives the same schedule; only what is missing is added."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=30, help="how many, from today [30]")
        parser.add_argument("--per-day", type=int, default=60, help="flights each day [60]")
        parser.add_argument("--seed", type=int, default=1, help="another number, another airline")

    def handle(self, *args: Any, **options: Any) -> None:
        count, per_day = options["days"], options["per_day"]
        if not 1 <= count <= 1000 or not 1 <= per_day <= MOST_A_DAY:
            raise CommandError(f"--days is 1 to 1000, --per-day 1 to {MOST_A_DAY}.")
        today = dt.datetime.now(dt.UTC).date()
        days = [today + dt.timedelta(days=n) for n in range(count)]
        steps = seed_flights(days=days, per_day=per_day, seed=options["seed"])
        try:
            # Silent when nobody watches: disable=None asks whether it is a terminal.
            added = sum(n for _, n in tqdm(steps, "Flights", count, disable=None, unit="day"))
        except NothingToFly as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Flights: {added} new, {count * per_day - added} there already.")
