"""`manage.py load_airports`: every airport with an IATA code."""

from typing import Any

from django.core.management.base import BaseCommand

from flights.airports import load_airports


class Command(BaseCommand):
    help = "Write every airport with an IATA code, from the airportsdata package. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Airports: {load_airports()}.")
