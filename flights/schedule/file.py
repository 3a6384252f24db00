"""An airline's own schedule as a CSV file: checked row by row, compared, written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import BinaryIO, NamedTuple

from django.db import transaction

from flights import history
from flights.models import Airport, CabinLayout, Flight, lost_seats, mark_served
from flights.money import Money
from flights.one_line import one_line
from flights.schedule import draft
from flights.schedule.rows import OPTIONAL, REQUIRED, BadRow, Row, RowReader
from flights.schedule.table import FileRefused, Table, Tell

BATCH = 1000
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


@dataclass(frozen=True)
class Change:
    """A flight that is there already, and what a row makes of it."""

    before: Flight
    after: Row
    # The fields that differ.
    different: Sequence[str]


class Batch(NamedTuple):
    """What good rows of a file mean for the flights that are there. `last` is a line number."""

    new: list[Row]
    changes: list[Change]
    unchanged: int
    last: int
    # Lines whose aircraft has another number, each with the words for it.
    codeshares: list[tuple[int, str]]


@dataclass
class Imported:
    """What became of the rows."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    bad: int = 0
    # Of the new and the updated ones.
    codeshares: int = 0

    def __str__(self) -> str:
        shared = f", {self.codeshares} under a second number" if self.codeshares else ""
        return (
            f"{self.new} new, {self.updated} updated, {self.unchanged} unchanged, {self.bad} bad"
            f"{shared}"
        )

    def add(self, batch: Batch) -> None:
        """Count what became of a batch; bad rows are counted as they are told."""
        self.new += len(batch.new)
        self.updated += len(batch.changes)
        self.unchanged += batch.unchanged
        self.codeshares += len(batch.codeshares)


@transaction.atomic
def import_schedule(
    file: BinaryIO,
    *,
    tell: Tell,
    strict: bool = False,
    update: bool = False,
    by: str = "import",
) -> Imported:
    """Write the good rows; each bad one is told with its line number and its reason.

    With `strict`, none is written when one is bad. A flight that is there already (same number,
    same local date) and says the same is left alone; one that says something else is bad, or
    changed with `update`. Columns that the file does not have are not changed. A codeshare goes in,
    and is told. Raises FileRefused.
    """
    result = Imported()

    def refuse(line_number: int, reason: str) -> None:
        result.bad += 1
        tell(line_number, reason)

    columns, rows = read_rows(file, refuse)
    with draft.draft_tables():
        for some in batched(rows, BATCH):
            batch = compare(some, columns, refuse, update=update)
            write(batch, columns, by=by)
            for line_number, words in batch.codeshares:
                tell(line_number, words)
            result.add(batch)
    if strict and result.bad:
        transaction.set_rollback(True)
        return Imported(bad=result.bad)
    return result


def read_rows(file: BinaryIO, refuse: Tell) -> tuple[list[str], Iterator[Row]]:
    """The file's columns, and its good rows. Raises FileRefused."""
    table = Table(file)
    _check_columns(table)
    return table.columns, _good_rows(table, refuse)


def _check_columns(table: Table) -> None:
    columns = table.columns
    missing = [name for name in REQUIRED if name not in columns]
    unknown = [name for name in columns if name not in REQUIRED + OPTIONAL]
    twice = sorted({name for name in columns if columns.count(name) > 1})
    for what, names in (("lacks", missing), ("does not know", unknown), ("repeats", twice)):
        if names:
            raise FileRefused(
                f"Line {table.header_line}: the header {what} {one_line(', '.join(names), 200)}. "
                f"It has {','.join(REQUIRED)} and may have {','.join(OPTIONAL)}."
            )


def _good_rows(table: Table, refuse: Tell) -> Iterator[Row]:
    zones = dict(Airport.objects.values_list("code", "time_zone"))
    layouts = CabinLayout.objects.values_list("code", flat=True)
    reader = RowReader(table.columns, zones, set(layouts))
    for line_number, cells in table.rows(refuse):
        try:
            row = reader.row(line_number, cells)
        except BadRow as error:
            refuse(line_number, str(error))
        else:
            yield row


def compare(rows: Sequence[Row], columns: Sequence[str], refuse: Tell, *, update: bool) -> Batch:
    """What becomes of these rows, which are in the draft from now on; each flight once in a file.

    The flights that a row would change are locked for it.
    """
    again, fields = draft.fill(rows), _fields(columns)
    there = draft.flights_there(fields)
    stored = _locked(there)
    layouts = CabinLayout.objects.in_bulk() if stored else {}
    new, changes, unchanged = [], [], 0
    for row in rows:
        before = stored.get(row.line)
        try:
            if first := again.get(row.line):
                raise BadRow(f"{row.number} departs that day in line {first} already.")
            if row.line not in there:
                new.append(row)
            elif before and (different := _different(before, row, fields)):
                _check_change(before, row, different, layouts, update=update)
                changes.append(Change(before, row, different))
            else:
                unchanged += 1
        except BadRow as error:
            refuse(row.line, str(error))
    codeshares = _codeshares([*new, *(change.after for change in changes)])
    return Batch(new, changes, unchanged, rows[-1].line, codeshares)


def write(batch: Batch, columns: Sequence[str], *, by: str) -> None:
    """Add and change the flights of the draft; every change is in the flight's history."""
    if batch.new:
        draft.insert([row.line for row in batch.new])
    if batch.changes:
        draft.update([change.after.line for change in batch.changes], _fields(columns))
    mark_served({code for row in batch.new for code in (row.origin_id, row.destination_id)})
    history.record_all(
        [
            (change.before, {field: getattr(change.after, field) for field in change.different})
            for change in batch.changes
        ],
        "imported",
        by=by,
    )


def _codeshares(rows: Sequence[Row]) -> list[tuple[int, str]]:
    """Those of these rows of the draft that sell seats of an aircraft under one more number."""
    others = draft.codeshares() if rows else {}
    return [(row.line, _codeshare(row, *others[row.line])) for row in rows if row.line in others]


def _codeshare(row: Row, other: str, line: int | None) -> str:
    where = f"line {line}" if line else "there already"
    return (
        f"{row.number} leaves as {other} does ({where}): same route, time and layout. If that is "
        "one aircraft, its seats are sold twice; close one of the two."
    )


def column_of(field: str) -> str:
    """What the file calls a field of a flight."""
    return field.removesuffix("_id").removesuffix("_cents")


def _fields(columns: Sequence[str]) -> list[str]:
    return [COMPARED[column] for column in columns if column in COMPARED]


def _different(before: Flight, row: Row, fields: Sequence[str]) -> list[str]:
    return [field for field in fields if getattr(before, field) != getattr(row, field)]


def _locked(there: Mapping[int, int | None]) -> Mapping[int, Flight]:
    """The flights that are there and say something else, by the line that does."""
    ids = {line: pk for line, pk in there.items() if pk}
    if not ids:
        return {}
    flights = Flight.objects.select_for_update().order_by("pk").in_bulk(ids.values())
    return {line: flights[pk] for line, pk in ids.items() if pk in flights}


def _check_change(
    before: Flight,
    row: Row,
    different: Sequence[str],
    layouts: Mapping[str, CabinLayout],
    *,
    update: bool,
) -> None:
    """Raises BadRow where the flight may not become what the file says."""
    name = f"{before.number} on {before.departure_date}"
    what = ", ".join(map(column_of, different))
    if not update:
        raise BadRow(f"{name} is there with another {what}; --update would change it.")
    if before.cancelled_at:
        raise BadRow(f"{name} is cancelled, and stays as it was.")
    if "currency" not in different and Money(0, row.currency).unit != before.base_fare.unit:
        raise BadRow(f"{name} is sold in {before.currency}; give the column currency.")
    if not {"origin_id", "destination_id"}.isdisjoint(different):
        raise BadRow(f"{name} flies {before.origin_id}-{before.destination_id}; close it instead.")
    seats, kept = (layouts[one.layout_id].parsed.seats.keys() for one in (before, row))
    if lost := seats - kept:
        raise BadRow(f"{name} may be booked, and with {row.layout_id} {lost_seats(lost)}.")
