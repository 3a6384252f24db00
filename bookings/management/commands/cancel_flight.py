"""`manage.py cancel_flight`: the flight is cancelled, and every booking on it ended."""

import datetime as dt
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from bookings import saga
from bookings.admin.forms import ReasonForm
from bookings.errors import BookingError
from bookings.saga.flight_cancellation import Progress, progress
from flights.models import Flight, read_number
from flights.terminal import by_terminal, day


class Command(BaseCommand):
    help = (
        "Cancel a flight for ever: nobody can book it any more, every open booking is ended and "
        "every paid one refunded. A cancellation that was interrupted is gone on with. Workers "
        "or the sweeper give the money back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", type=_number, help="AF1234")
        parser.add_argument("date", type=day, help="the day it is sold under, 2026-12-24")
        parser.add_argument("--reason", required=True, type=_reason, help="kept in the history")

    def handle(self, *args: Any, number: str, date: dt.date, reason: str, **options: Any) -> None:
        flight = Flight.objects.filter(number=number, departure_date=date).first()
        if flight is None:
            raise CommandError(f"There is no flight {number} on {date}.")
        if not flight.ending_bookings:
            try:
                saga.cancel_flight(flight_id=flight.pk, by=by_terminal(), reason=reason)
            except BookingError as error:
                raise CommandError(error.message) from error
        self._end_bookings(flight)
        left = progress(flight.pk)
        self.stdout.write(f"{flight}: {left}.")
        if left.standing:
            raise CommandError("Some bookings are busy; the sweeper ends them, or run this again.")

    def _end_bookings(self, flight: Flight) -> None:
        before: Progress = progress(flight.pk)
        # Silent when nobody watches: disable=None asks whether it is a terminal.
        with tqdm(total=before.standing, desc="Bookings", disable=None) as bar:
            while ended := saga.end_bookings(flight.pk, most=20):
                bar.update(ended)


def _number(text: str) -> str:
    if number := read_number(text):
        return number
    raise ArgumentTypeError(f"{text[:60]!r} is not a flight number like AF1234")


def _reason(text: str) -> str:
    form = ReasonForm({"reason": text})
    if form.is_valid():
        return str(form.cleaned_data["reason"])
    raise ArgumentTypeError(" ".join(map(str, form.errors["reason"])))
