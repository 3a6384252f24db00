"""`manage.py show_booking LOCATOR`: a booking's history as text."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from bookings.admin.bookings.history import Attempt, Event, Told, history_of
from bookings.admin.formats import clock, money
from bookings.models import Booking
from flights import known_fares
from flights.one_line import one_line
from flights.plain import plain_code


class Command(BaseCommand):
    help = "Print what a booking is, what it owns, how it paid, and everything that happened."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("booking", help="a record locator or a booking's id")

    def handle(self, *args: Any, booking: str, **options: Any) -> None:
        found = _find(booking)
        told = history_of(found)
        for heading, lines in (
            (f"Booking {found.record_locator or found.pk}", _status(found)),
            (
                "Seats owned now",
                [f"{claim.seat:<4} {claim.price}" for claim in told.claims],
            ),
            ("Payment attempts", [_attempt(row) for row in told.attempts]),
            ("Mail", [_mail(row) for row in told.mails]),
            ("What happened", [_event(row) for row in told.events]),
        ):
            self.stdout.write(self.style.MIGRATE_HEADING(heading))
            for line in lines or ["none"]:
                self.stdout.write(f"  {one_line(line)}")


def _find(text: str) -> Booking:
    code = plain_code(text)
    try:
        which: dict[str, Any] = {"pk": UUID(code)}
    except ValueError:
        which = {"record_locator": code}
    bookings = Booking.objects.select_related("flight").filter(**which)
    # Nobody is asked for half a letter.
    booking = bookings.first() if code.isascii() else None
    if booking is None:
        raise CommandError(f"There is no booking {one_line(text, 60)}.")
    return booking


def _status(booking: Booking) -> list[str]:
    failing = f"; its step raised {booking.failures} times" if booking.failures else ""
    return [
        f"id       {booking.pk}, version {booking.version}",
        f"state    {booking.state}, payment {booking.payment_status}",
        f"flight   {booking.flight}, seats {', '.join(booking.seats) or 'none'}",
        f"price    {money(booking.total_cents, booking.currency)}",
        f"fare     {known_fares.get(booking.fare_id)}",
        f"contact  {' '.join(filter(None, (booking.name, booking.email))) or 'none'}",
        f"next     {clock(booking.due_at) if booking.due_at else 'nothing'}{failing}",
    ]


def _attempt(row: Attempt) -> str:
    attempt = row.attempt
    told = [row.outcome, row.seconds, attempt.reason, attempt.key, attempt.reference]
    return f"{attempt.number}. {row.opened}  {'  '.join(filter(None, told))}"


def _mail(row: Told) -> str:
    return f"{row.message.get_kind_display()} (event {row.message.number}): {row.outcome}"


def _event(row: Event) -> str:
    event = row.event
    changes = ", ".join(f"{column}: {value}" for column, value in row.changes)
    detail = f" ({event.detail})" if event.detail else ""
    return f"{event.number}. {row.at}  {row.name} by {event.by}{detail}  {changes}".rstrip()
