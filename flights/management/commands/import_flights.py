"""`manage.py import_flights FILE`: an airline's schedule, from a CSV file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError

from flights.one_line import one_line
from flights.schedule.file import import_schedule
from flights.schedule.table import FileRefused
from flights.terminal import by_terminal


class Command(BaseCommand):
    help = (
        "Import an airline's schedule: a CSV file, as any spreadsheet saves it, with the header "
        "number,origin,destination,departure,arrival,layout,base_fare and, where wanted, currency "
        "[EUR] and on_sale [yes], in any order. Airports are IATA codes, the layout is a code "
        "like a320, the fare a sum like 129.50, with no more decimals than its currency has (none "
        "of JPY, three of KWD). Times (2026-12-01 08:15) are local to each airport and begin with "
        "the year; one that comes twice when clocks go back is the first, unless it has an offset "
        "(2026-12-01T08:15+01:00). Every bad row is told with its line; the good ones go in. A "
        "flight that is there already with the same number and date must say the same, or is bad "
        "without --update. Ends with 0 when every row was good, with 1 when one was bad, with 2 "
        "when the file could not be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--strict", action="store_true", help="one bad row: none goes in")
        parser.add_argument(
            "--update", action="store_true", help="change flights that are there already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with options["file"].open("rb") as file:
                result = import_schedule(
                    file,
                    tell=self._tell,
                    strict=options["strict"],
                    update=options["update"],
                    by=by_terminal(),
                )
        except FileRefused as error:
            raise CommandError(str(error), returncode=2) from error
        except OSError as error:
            name = one_line(str(options["file"]), 200)
            raise CommandError(f"{name} cannot be read: {error.strerror}.", returncode=2) from error
        except IntegrityError as error:
            message = "Somebody else added one of these flights; nothing was written. Run it again."
            raise CommandError(message, returncode=2) from error
        self.stdout.write(f"Flights: {result}.")
        if result.bad:
            nothing = " Nothing was written." if options["strict"] else ""
            raise CommandError(f"{result.bad} bad row(s).{nothing}")

    def _tell(self, line_number: int, reason: str) -> None:
        self.stderr.write(f"line {line_number}: {one_line(reason)}")
