"""The flight of a booking as a calendar's entry (RFC 5545), which follows what becomes of it."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.urls import reverse
from icalendar import Calendar, Event

from bookings.models import Booking, State
from bookings.saga.transitions import PAYMENT_APPROVED
from bookings.templatetags.travel import clock, day, zone
from flights.models import Airport, Flight

# What happened since it was paid that a calendar should know of: the booking got other seats or
# another flight, or was cancelled, or the flight that it was on then got other times, or was
# cancelled. Neither history ever loses a line, so their number only grows.
CHANGES = f"""
WITH paid AS (
    SELECT number, at FROM bookings_bookingevent
    WHERE booking_id = %(id)s::uuid AND name = '{PAYMENT_APPROVED.event}'
), stays AS (
    SELECT (changes ->> 'flight_id')::bigint AS flight_id, at AS since,
        coalesce(lead(at) OVER (ORDER BY number), 'infinity') AS until
    FROM bookings_bookingevent WHERE booking_id = %(id)s::uuid AND changes ? 'flight_id'
), changes AS (
    SELECT e.at FROM paid JOIN bookings_bookingevent e
        ON e.booking_id = %(id)s::uuid AND e.number > paid.number
    WHERE e.changes ?| ARRAY['flight_id', 'seats', 'state']
    UNION ALL
    SELECT e.at FROM paid, stays s JOIN flights_flightevent e
        ON e.flight_id = s.flight_id AND e.at >= s.since AND e.at < s.until
    WHERE e.at > paid.at AND e.changes ?| ARRAY['departure', 'arrival', 'cancelled_at']
)
SELECT (SELECT count(*) FROM changes), greatest(at, (SELECT max(at) FROM changes)) FROM paid
"""


class Changes(NamedTuple):
    """How many there were since the payment, and when the last one was; or else the payment."""

    number: int
    latest: datetime


def changes_of(booking_id: UUID) -> Changes | None:
    """None for one that was never paid."""
    with connection.cursor() as cursor:
        cursor.execute(CHANGES, {"id": booking_id})
        row = cursor.fetchone()
    return Changes(*row) if row else None


def calendar(booking: Booking, flight: Flight, changes: Changes) -> bytes:
    """Of a booking that was paid; cancelled, it says so.

    The changes are read before the booking and its flight: whoever has an entry with their number
    must get whatever was changed since with a greater one.
    """
    is_cancelled = booking.state != State.CONFIRMED or flight.cancelled_at is not None
    name = f"Flight {flight.number} {flight.origin} to {flight.destination}"
    entry = Event()
    for field, said in {
        "uid": str(booking.pk),
        "sequence": changes.number,
        "dtstamp": changes.latest,
        "last-modified": changes.latest,
        # Instants: every calendar shows them in the zone that its reader is in.
        "dtstart": flight.departure,
        "dtend": flight.arrival,
        "status": "CANCELLED" if is_cancelled else "CONFIRMED",
        "summary": f"Cancelled: {name}" if is_cancelled else name,
        "location": f"{flight.origin.name}, {flight.origin.city}",
        "description": _description(booking, flight),
        "url": settings.SITE_URL + reverse("booking", args=[booking.pk]),
        # Of a calendar that others see, they see no code.
        "class": "PRIVATE",
    }.items():
        entry.add(field, said)
    whole = Calendar()
    whole.add("prodid", "-//Petrel//Bookings//EN")
    whole.add("version", "2.0")
    whole.add_component(entry)
    written: bytes = whole.to_ical()
    return written


def _description(booking: Booking, flight: Flight) -> str:
    seats = f"seat{'s' if booking.seats[1:] else ''} {', '.join(booking.seats)}"
    return "\n".join(
        [
            f"Booking code {booking.record_locator}",
            _end("Departure", flight.local_departure, flight.origin),
            _end("Arrival", flight.local_arrival, flight.destination),
            f"{flight.layout.aircraft}, {seats}",
        ]
    )


def _end(what: str, local: datetime, airport: Airport) -> str:
    return f"{what}: {day(local)}, {clock(local)} {zone(local)}, {airport.name} ({airport.code})"
