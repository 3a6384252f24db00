"""How amounts, times and bookings are written in the back office."""

import datetime as dt

from bookings.models import Booking
from flights.money import Money


def money(cents: int, currency: str) -> str:
    """An amount as operators read it: 1,234.50 EUR, 12,345 JPY."""
    return str(Money(cents, currency))


def clock(moment: dt.datetime) -> str:
    """An instant to the second: 2026-12-24 18:03:20 UTC."""
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC"


def millisecond(moment: dt.datetime) -> str:
    """An instant of UTC among others that follow closely: 2026-12-24 18:03:20.417."""
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03}"


def duration(seconds: int) -> str:
    """5 s, 12 min, 3 h 20 min, 4 days."""
    minutes = seconds // 60
    if minutes < 1:
        return f"{seconds} s"
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h {minutes % 60} min" if hours < 48 else f"{hours // 24} days"


def label(booking: Booking) -> str:
    """What operators call a booking: its record locator, or the start of its id."""
    return booking.record_locator or f"{str(booking.pk)[:8]}…"
