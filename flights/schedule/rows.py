"""One row of an airline's schedule file: from text to a flight, or to what is wrong with it."""

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from flights import money
from flights.models import YEARS, currency_code, flight_number, read_number
from flights.plain import plain, plain_code

REQUIRED = ("number", "origin", "destination", "departure", "arrival", "layout", "base_fare")
# What a file says that lacks the column.
DEFAULTS = {"currency": "EUR", "on_sale": "yes"}
OPTIONAL = tuple(DEFAULTS)
YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
# The year comes first, whatever stands between; a spreadsheet leaves out zeros and adds seconds.
TIME = re.compile(
    r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})[T ]([0-9]{1,2}):([0-9]{2})(:[0-9]{2})?(?:\.0+)?"
    r" ?(?:(Z|UTC|GMT)|([+-][0-9]{2}):?([0-9]{2})?)?"
)
NOTHING, LONGEST = dt.timedelta(), dt.timedelta(hours=24)
# So many cells of a kind are remembered with what they mean: most of a schedule comes again
# and again, and however long the file is, this takes some 10 MB for each kind.
REMEMBERED = 32_768


class BadRow(Exception):
    """Why a row cannot go in."""


class Row(NamedTuple):
    """A flight as a line of the file has it. All but the line are named as a Flight's columns."""

    line: int
    number: str
    origin_id: str
    destination_id: str
    departure: dt.datetime
    arrival: dt.datetime
    departure_date: dt.date
    layout_id: str
    base_fare_cents: int
    currency: str
    on_sale: bool


class RowReader:
    """Reads the rows of a table that has these columns, in this order.

    `zones` are the time zones of the airports, by IATA code.
    """

    def __init__(
        self, columns: Sequence[str], zones: Mapping[str, str], layouts: Collection[str]
    ) -> None:
        self._zones = zones
        # However they are written, unless two differ in nothing else.
        self._layouts = {plain_code(code): code for code in layouts} | {c: c for c in layouts}
        readers: dict[str, Callable[[str], Any]] = {
            "number": _number,
            "origin": self._airport,
            "destination": self._airport,
            "layout": self._layout,
            "base_fare": _sum,
            "currency": _currency,
            "on_sale": _yes_or_no,
        }
        self._readers = {name: lru_cache(REMEMBERED)(read) for name, read in readers.items()}
        self._money = lru_cache(REMEMBERED)(money.read)
        self._moment = lru_cache(REMEMBERED)(_moment)
        # ZoneInfo itself keeps eight, and reads the others' files each time.
        self._zone = cache(ZoneInfo)
        absent = [name for name in OPTIONAL if name not in columns]
        self._defaults = [DEFAULTS[name] for name in absent]
        present = [*columns, *absent]
        self._in_order = itemgetter(*map(present.index, (*readers, "departure", "arrival")))

    def row(self, line: int, cells: Sequence[str]) -> Row:
        """Raises BadRow with every reason that can be told at once."""
        *texts, leaves, arrives = self._in_order([*map(str.strip, cells), *self._defaults])
        number, origin, destination, layout, fare, currency, on_sale = self._values(texts)
        cents = self._cents(fare, currency)
        departure, day = self._time("departure", leaves, origin)
        arrival, _ = self._time("arrival", arrives, destination)
        if origin == destination:
            raise BadRow(f"it ends in {origin}, where it starts.")
        if not NOTHING < arrival - departure <= LONGEST:
            raise BadRow(_too_long(arrival - departure))
        return Row(
            line, number, origin, destination, departure, arrival, day, layout, cents, currency,
            on_sale,
        )  # fmt: skip

    def _values(self, texts: Sequence[str]) -> Sequence[Any]:
        try:
            return [read(text) for read, text in zip(self._readers.values(), texts, strict=True)]
        except (BadRow, ValidationError):
            raise BadRow(" ".join(self._reasons(texts))) from None

    def _reasons(self, texts: Sequence[str]) -> Sequence[str]:
        reasons = []
        for (column, read), text in zip(self._readers.items(), texts, strict=True):
            try:
                read(text)
            except (BadRow, ValidationError) as error:
                reasons.append(_reason(column, text, error))
        return reasons

    def _time(self, column: str, text: str, airport: str) -> tuple[dt.datetime, dt.date]:
        try:
            return self._moment(text, self._zone(self._zones[airport]))
        except BadRow as error:
            raise BadRow(_reason(column, text, error)) from error

    def _cents(self, fare: str, currency: str) -> int:
        try:
            return self._money(fare, currency).cents
        except ValidationError as error:
            raise BadRow(_reason("base_fare", fare, error)) from error

    def _airport(self, cell: str) -> str:
        code = plain_code(cell)
        if code not in self._zones:
            raise BadRow("no such airport; give its IATA code, like CDG.")
        return code

    def _layout(self, cell: str) -> str:
        code = self._layouts.get(cell) or self._layouts.get(plain_code(cell))
        if code is None:
            known = ", ".join(sorted({*self._layouts.values()}))
            raise BadRow(f"no such layout; there are {known or 'none'}.")
        return code


def _reason(column: str, text: str, error: BadRow | ValidationError) -> str:
    words = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
    return f"{column} {text[:40]!r}: {words}"


def _number(cell: str) -> str:
    number = read_number(cell) or cell
    flight_number(number)
    return number


def _currency(cell: str) -> str:
    code = plain_code(cell)
    currency_code(code)
    return code


def _sum(cell: str) -> str:
    """A comma before the last one or two digits is a decimal one; before three, who knows."""
    return money.check_sum(re.sub(r",(?=[0-9]{1,2}\Z)", ".", plain_code(cell)))


def _yes_or_no(cell: str) -> bool:
    word = plain_code(cell).lower()
    if word not in YES_NO:
        raise BadRow("say yes or no.")
    return YES_NO[word]


def _moment(cell: str, zone: ZoneInfo) -> tuple[dt.datetime, dt.date]:
    """A time at the airport, or one with its own offset from UTC; and the date at the airport."""
    time = _time(plain(cell).upper())
    if time is None or time.year not in YEARS:
        raise BadRow("not a date and time like 2026-12-01 08:15, the year first.")
    instant = (time if time.tzinfo else _in(zone, time)).astimezone(dt.UTC)
    local = instant.astimezone(zone)
    if not time.tzinfo and _in(None, local) != time:
        raise BadRow(f"clocks in {zone} go forward over this time.")
    return instant, local.date()


def _time(text: str) -> dt.datetime | None:
    match = TIME.fullmatch(text)
    if match is None:
        return None
    year, _, month, day, hour, minute, second, utc, hours, minutes = match.groups("")
    offset = "Z" if utc else hours and f"{hours}:{minutes or '00'}"
    try:
        return dt.datetime.fromisoformat(
            f"{year}-{month:0>2}-{day:0>2}T{hour:0>2}:{minute}{second or ':00'}{offset}"
        )
    except ValueError:
        return None


def _in(zone: ZoneInfo | None, time: dt.datetime) -> dt.datetime:
    """The same time there: `replace(tzinfo=zone)` in a third of its time."""
    return dt.datetime.combine(time, time.time(), zone)


def _too_long(duration: dt.timedelta) -> str:
    minutes = int(duration.total_seconds() // 60)
    sign, minutes = ("-" if minutes < 0 else ""), abs(minutes)
    return (
        f"it would take {sign}{minutes // 60}:{minutes % 60:02} hours; times are local to "
        "each airport."
    )
