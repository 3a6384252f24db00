"""`manage.py seed_flights`: a made-up schedule."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from flights.demo.timetable import MOST_A_DAY, NothingToFly, seed_flights
from flights.terminal import whole


class Command(BaseCommand):
    help = (
        "Add a made-up schedule from today on: real airports, aircraft by range, times by "
        "distance. The same seed gives the same schedule; only what is missing is added."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        days, per_day, seed = whole(1, 1000), whole(1, MOST_A_DAY), whole(-(10**8), 10**8)
        parser.add_argument("--days", type=days, default=30, help="how many, from today [30]")
        parser.add_argument("--per-day", type=per_day, default=60, help="flights each day [60]")
        parser.add_argument("--seed", type=seed, default=1, help="another number, another airline")

    def handle(self, *args: Any, **options: Any) -> None:
        count, per_day = options["days"], options["per_day"]
        today = dt.datetime.now(dt.UTC).date()
        days = [today + dt.timedelta(days=n) for n in range(count)]
        steps = seed_flights(days=days, per_day=per_day, seed=options["seed"])
        try:
            # Silent when nobody watches: disable=None asks whether it is a terminal.
            added = sum(n for _, n in tqdm(steps, "Flights", count, disable=None, unit="day"))
        except NothingToFly as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Flights: {added} new, {count * per_day - added} there already.")
