"""An airline's own schedule as a CSV file: read as a stream, checked row by row, written."""

import csv
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched, count
from typing import BinaryIO, NamedTuple

from django.db import transaction

from flights import history
from flights.models import Airport, CabinLayout, Flight, lost_seats, mark_served
from flights.schedule.rows import OPTIONAL, REQUIRED, BadRow, RowReader

BATCH = 1000
# Nobody's row is that long: what has no line ends is not a table, and may not fit into memory.
LINE_BYTES = 64 * 1024
# Column of the file -> field of a flight; the two that name the flight are not compared.
COMPARED = {
    "origin": "origin_id",
    "destination": "destination_id",
    "departure": "departure",
    "arrival": "arrival",
    "layout": "layout_id",
    "base_fare": "base_fare_cents",
    "currency": "currency",
    "on_sale": "on_sale",
}

type Tell = Callable[[int, str], None]
type Key = tuple[str, dt.date]


class FileRefused(Exception):
    """The file has no header that can be read, or no lines; nothing was written."""


@dataclass
class Imported:
    """What became of the rows."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    bad: int = 0

    def __str__(self) -> str:
        return f"{self.new} new, {self.updated} updated, {self.unchanged} unchanged, {self.bad} bad"


@dataclass(frozen=True)
class Change:
    """A flight that is there already, and what a row makes of it."""

    line_number: int
    before: Flight
    after: Flight
    # The fields that differ.
    different: Sequence[str]


class Batch(NamedTuple):
    """What good rows of a file mean for the flights that are there. `last` is a line number."""

    new: list[Flight]
    changes: list[Change]
    unchanged: int
    last: int


@transaction.atomic
def import_schedule(
    lines: Iterable[bytes],
    *,
    tell: Tell,
    strict: bool = False,
    update: bool = False,
    by: str = "import",
) -> Imported:
    """Write the good rows; each bad one is told with its line number and its reason.

    With `strict`, none is written when one is bad. A flight that is there already (same number,
    same local date) and says the same is left alone; one that says something else is bad, or
    changed with `update`. Columns that the file does not have are not changed. Raises FileRefused.
    """
    result = Imported()

    def refuse(line_number: int, reason: str) -> None:
        result.bad += 1
        tell(line_number, reason)

    columns, rows = read_rows(lines, refuse)

    # A function of its own, so that a batch is forgotten before the next one is read.
    def take(some: Sequence[tuple[int, Flight]]) -> None:
        batch = compare(some, columns, refuse, update=update)
        write(batch, columns, by=by)
        result.new += len(batch.new)
        result.updated += len(batch.changes)
        result.unchanged += batch.unchanged

    for some in batched(rows, BATCH):
        take(some)
    if strict and result.bad:
        transaction.set_rollback(True)
        return Imported(bad=result.bad)
    return result


def read_rows(
    lines: Iterable[bytes], refuse: Tell
) -> tuple[list[str], Iterator[tuple[int, Flight]]]:
    """The file's columns, and its good rows as flights with their lines. Raises FileRefused."""
    numbered = enumerate(lines, 1)
    columns = _header(next(numbered, (1, b""))[1])
    return columns, _good_rows(numbered, columns, refuse)


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """Line by line. Raises FileRefused at one that no table has."""
    for number in count(1):
        line = file.readline(LINE_BYTES)
        if not line:
            return
        if len(line) == LINE_BYTES and not line.endswith(b"\n"):
            raise FileRefused(f"Line {number} is longer than {LINE_BYTES} bytes; is this a table?")
        yield line


def _header(line: bytes) -> list[str]:
    try:
        columns = [cell.strip().lower() for cell in _cells(line.removeprefix(b"\xef\xbb\xbf"))]
    except BadRow as error:
        raise FileRefused(f"Line 1, the header: {error}") from error
    missing = [name for name in REQUIRED if name not in columns]
    unknown = [name for name in columns if name not in REQUIRED + OPTIONAL]
    twice = sorted({name for name in columns if columns.count(name) > 1})
    for what, names in (("lacks", missing), ("does not know", unknown), ("repeats", twice)):
        if names:
            raise FileRefused(
                f"Line 1: the header {what} {', '.join(names)[:200]}. It has "
                f"{','.join(REQUIRED)} and may have {','.join(OPTIONAL)}, with commas between."
            )
    return columns


def _good_rows(
    numbered: Iterable[tuple[int, bytes]], columns: Sequence[str], refuse: Tell
) -> Iterator[tuple[int, Flight]]:
    """Flights of the file with their lines, each number once a day."""
    reader = RowReader(Airport.objects.in_bulk(), CabinLayout.objects.in_bulk())
    seen: dict[Key, int] = {}
    for line_number, line in numbered:
        if not line.strip():
            continue
        try:
            flight = reader.flight(_row(line, columns))
            first = seen.setdefault(_key(flight), line_number)
            if first != line_number:
                raise BadRow(f"{flight.number} departs that day in line {first} already.")
        except BadRow as error:
            refuse(line_number, str(error))
        else:
            yield line_number, flight


def _row(line: bytes, columns: Sequence[str]) -> dict[str, str]:
    cells = _cells(line)
    if len(cells) != len(columns):
        raise BadRow(f"it has {len(cells)} values, the header has {len(columns)}.")
    return {column: cell.strip() for column, cell in zip(columns, cells, strict=True)}


def _cells(line: bytes) -> list[str]:
    """Every row is one line, so that a quote left open spoils only its own."""
    try:
        return next(csv.reader([line.decode().rstrip("\r\n")], strict=True), [])
    except UnicodeDecodeError as error:
        raise BadRow(f"byte {error.start + 1} of the line is not UTF-8.") from error
    except csv.Error as error:
        raise BadRow(f"not CSV, is a quote left open? ({error})") from error


def _key(flight: Flight) -> Key:
    return flight.number, flight.departure_date


def compare(
    rows: Sequence[tuple[int, Flight]], columns: Sequence[str], refuse: Tell, *, update: bool
) -> Batch:
    """What becomes of these rows; the flights that are there are locked for it."""
    stored = _stored([flight for _, flight in rows])
    batch = Batch([], [], 0, rows[-1][0])
    unchanged = 0
    fields = _fields(columns)
    for line_number, flight in rows:
        before = stored.get(_key(flight))
        if before is None:
            batch.new.append(flight)
        elif different := [f for f in fields if getattr(before, f) != getattr(flight, f)]:
            try:
                _check_change(before, flight, different, update=update)
            except BadRow as error:
                refuse(line_number, str(error))
            else:
                flight.pk = before.pk
                batch.changes.append(Change(line_number, before, flight, different))
        else:
            unchanged += 1
    return batch._replace(unchanged=unchanged)


def write(batch: Batch, columns: Sequence[str], *, by: str) -> None:
    """Add and change the flights; every change is in the flight's history."""
    Flight.objects.bulk_create(batch.new)
    Flight.objects.bulk_update([change.after for change in batch.changes], _fields(columns))
    mark_served({code for f in batch.new for code in (f.origin_id, f.destination_id)})
    history.record_all(
        [
            (change.before, {field: getattr(change.after, field) for field in change.different})
            for change in batch.changes
        ],
        "imported",
        by=by,
    )


def _fields(columns: Sequence[str]) -> list[str]:
    return [COMPARED[column] for column in columns if column in COMPARED]


def _stored(flights: Sequence[Flight]) -> dict[Key, Flight]:
    """Those of the same numbers and days that are in the database, locked."""
    same = (
        Flight.objects.select_related("layout")
        .select_for_update(of=("self",))
        .filter(
            number__in={flight.number for flight in flights},
            departure_date__in={flight.departure_date for flight in flights},
        )
    )
    return {_key(flight): flight for flight in same}


def _check_change(before: Flight, flight: Flight, different: list[str], *, update: bool) -> None:
    """Raises BadRow where the flight may not become what the file says."""
    name = f"{before.number} on {before.departure_date}"
    what = ", ".join(field.removesuffix("_id") for field in different)
    if not update:
        raise BadRow(f"{name} is there with another {what}; --update would change it.")
    if before.cancelled_at:
        raise BadRow(f"{name} is cancelled, and stays as it was.")
    if not {"origin_id", "destination_id"}.isdisjoint(different):
        raise BadRow(f"{name} flies {before.origin_id}-{before.destination_id}; close it instead.")
    if lost := before.layout.parsed.seats.keys() - flight.layout.parsed.seats.keys():
        raise BadRow(f"{name} may be booked, and with {flight.layout_id} {lost_seats(lost)}.")
