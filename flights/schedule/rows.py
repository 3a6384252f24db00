"""One row of an airline's schedule file: from text to a flight, or to what is wrong with it."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from flights.models import YEARS, Airport, CabinLayout, Flight, currency_code, flight_number

REQUIRED = ("number", "origin", "destination", "departure", "arrival", "layout", "base_fare")
OPTIONAL = ("currency", "on_sale")
YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9:]{5})?")
LONGEST = dt.timedelta(hours=24)


class BadRow(Exception):
    """Why a row cannot go in."""


@dataclass(frozen=True)
class RowReader:
    """Turns rows into flights that are not saved yet."""

    airports: Mapping[str, Airport]
    layouts: Mapping[str, CabinLayout]

    def flight(self, row: Mapping[str, str]) -> Flight:
        """Raises BadRow with every reason that can be told at once."""
        flight = Flight(**self._read_cells(row))
        flight.departure = _instant("departure", row["departure"], flight.origin.zone)
        flight.arrival = _instant("arrival", row["arrival"], flight.destination.zone)
        flight.departure_date = flight.local_departure.date()
        _check_journey(flight)
        return flight

    def _read_cells(self, row: Mapping[str, str]) -> dict[str, Any]:
        readers: dict[str, tuple[str, Callable[[str], Any]]] = {
            "number": ("number", _number),
            "origin": ("origin", self._airport),
            "destination": ("destination", self._airport),
            "layout": ("layout", self._layout),
            "base_fare": ("base_fare_cents", _cents),
            "currency": ("currency", _currency),
            "on_sale": ("on_sale", _yes_or_no),
        }
        values, reasons = {}, []
        for column, (field, read) in readers.items():
            if column in row:
                try:
                    values[field] = read(row[column])
                except (BadRow, ValidationError) as error:
                    reasons.append(f"{column} {row[column][:40]!r}: {_words(error)}")
        if reasons:
            raise BadRow(" ".join(reasons))
        return values

    def _airport(self, cell: str) -> Airport:
        if airport := self.airports.get(cell.upper()):
            return airport
        raise BadRow("no such airport; give its IATA code, like CDG.")

    def _layout(self, cell: str) -> CabinLayout:
        if layout := self.layouts.get(cell):
            return layout
        raise BadRow(f"no such layout; there are {', '.join(sorted(self.layouts)) or 'none'}.")


def _words(error: BadRow | ValidationError) -> str:
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


def _number(cell: str) -> str:
    number = cell.replace(" ", "").upper()
    flight_number(number)
    return number


def _currency(cell: str) -> str:
    currency_code(cell)
    return cell


def _cents(cell: str) -> int:
    match = re.fullmatch(r"([0-9]{1,7})(?:\.([0-9]{1,2}))?", cell)
    cents = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0")) if match else 0
    if cents == 0:
        raise BadRow("the fare is a sum above 0, like 129 or 129.50.")
    return cents


def _yes_or_no(cell: str) -> bool:
    if cell.lower() not in YES_NO:
        raise BadRow("say yes or no.")
    return YES_NO[cell.lower()]


def _instant(column: str, cell: str, zone: ZoneInfo) -> dt.datetime:
    """A time at the airport, or one with its own offset from UTC."""
    try:
        time = dt.datetime.fromisoformat(cell if TIME.fullmatch(cell) else "")
    except ValueError:
        time = None
    if time is None or time.year not in YEARS:
        raise BadRow(f"{column} {cell[:40]!r}: not a date and time like 2026-12-01 08:15.")
    if time.tzinfo:
        return time.astimezone(dt.UTC)
    instant = time.replace(tzinfo=zone).astimezone(dt.UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != time:
        raise BadRow(f"{column} {cell!r}: clocks in {zone} go forward over this time.")
    return instant


def _check_journey(flight: Flight) -> None:
    if flight.origin == flight.destination:
        raise BadRow(f"it ends in {flight.origin_id}, where it starts.")
    if not dt.timedelta() < flight.duration <= LONGEST:
        minutes = int(flight.duration.total_seconds() // 60)
        sign, minutes = ("-" if minutes < 0 else ""), abs(minutes)
        raise BadRow(
            f"it would take {sign}{minutes // 60}:{minutes % 60:02} hours; times are local to "
            "each airport."
        )
