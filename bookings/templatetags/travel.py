"""How times and prices are written, everywhere the same."""

import datetime as dt

from django import template

from bookings import words
from flights.money import Money

register = template.Library()


@register.filter
def money(cents: int, currency: str) -> str:
    """14500, "EUR" -> "€145"."""
    return Money(cents, currency).price


@register.filter
def clock(moment: dt.datetime) -> str:
    """The time of day in the moment's own zone: "08:05"."""
    return f"{moment:%H:%M}"


@register.filter
def day(moment: dt.datetime) -> str:
    """The day in the moment's own zone: "Tue 3 Nov 2026"."""
    return f"{moment:%a} {moment.day} {moment:%b %Y}"


@register.filter
def short_day(moment: dt.datetime) -> str:
    """The day where the year is plain: "Tue 3 Nov"."""
    return f"{moment:%a} {moment.day} {moment:%b}"


@register.filter
def zone(moment: dt.datetime) -> str:
    """The zone's abbreviation, or its offset where it has none: "CET", "UTC+3"."""
    name = f"{moment:%Z}"
    if name and name[0] not in "+-":
        return name
    return f"UTC{name[0]}{name[1:3].lstrip('0') or '0'}{':' + name[3:] if name[3:] else ''}"


@register.filter
def duration(length: dt.timedelta) -> str:
    """ "7 h 05 min"."""
    hours, minutes = divmod(round(length.total_seconds() / 60), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


@register.filter
def in_words(length: dt.timedelta) -> str:
    """ "15 minutes"."""
    return words.duration(length.total_seconds())


@register.filter
def other_day(arrival: dt.datetime, departure: dt.datetime) -> str:
    """Which calendar day it is there on arrival, "" for the same: "+1 day", "−1 day" eastwards
    over the date line, "+2 days"."""
    days = (arrival.date() - departure.date()).days
    return f"{'+' if days > 0 else '−'}{words.counted(abs(days), 'day')}" if days else ""
