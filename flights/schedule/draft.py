"""What rows of a file mean for the flights that are there, and which flights it brings twice: found
by Postgres, in temporary tables, so that a file of any length takes no more memory here.

`draft` has the rows of one batch, `draft_first` the first row of every flight so far. Both are of
the database connection: it imports one file at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection

from flights.models import Flight
from flights.schedule.rows import Row

TABLE = Flight._meta.db_table
COLUMNS = ", ".join(Row._fields[1:])
# Of Row's fields, for Postgres' binary format, which is quicker to write than text.
TYPES = ("int4", "text", "text", "text", "timestamptz", "timestamptz", "date", "text", "int4",
         "text", "bool")  # fmt: skip
SAME = "{0}.number = draft.number AND {0}.departure_date = draft.departure_date"
# The date comes first: a day's flights stand together, as they do in most files.
FIRST = """
    CREATE TEMP TABLE draft_first (
        departure_date date, number text, line integer, departure timestamptz, origin_id text,
        destination_id text, layout_id text, PRIMARY KEY (departure_date, number)
    );
    CREATE INDEX ON draft_first (departure, origin_id, destination_id, layout_id)
"""
AGAIN = f"""
    SELECT line, first FROM (
        SELECT line, (SELECT line FROM draft_first WHERE {SAME.format("draft_first")}) AS first
        FROM draft
    ) AS known WHERE first < line
"""
# One aircraft of a layout leaves for a place at a moment. What the file says of a flight counts.
ONE_AIRCRAFT = """
    (f.departure, f.origin_id, f.destination_id, f.layout_id)
    = (draft.departure, draft.origin_id, draft.destination_id, draft.layout_id)
    AND f.number <> draft.number
"""
CODESHARES = f"""
    SELECT draft.line, other.number, other.line FROM draft CROSS JOIN LATERAL (
        SELECT f.number, f.line FROM draft_first AS f
        WHERE {ONE_AIRCRAFT} AND f.line < draft.line
        UNION ALL
        SELECT f.number, NULL FROM {TABLE} AS f
        LEFT JOIN draft_first AS said USING (departure_date, number)
        WHERE {ONE_AIRCRAFT} AND f.cancelled_at IS NULL AND said.line IS NULL
        LIMIT 1
    ) AS other
"""
# OFFSET keeps it a look into the index for each row, whatever the planner takes the tables for.
THERE = f"""
    SELECT draft.line, CASE WHEN ({{theirs}}) IS DISTINCT FROM ({{ours}}) THEN flight.id END
    FROM draft CROSS JOIN LATERAL (
        SELECT * FROM {TABLE} AS f WHERE {SAME.format("f")} OFFSET 0
    ) AS flight
"""


@contextmanager
def draft_tables() -> Iterator[None]:
    """Both tables, empty, for one file. After an error they stay until the next file."""
    drop = "DROP TABLE IF EXISTS pg_temp.draft, pg_temp.draft_first"
    _execute(drop)
    _execute(f"CREATE TEMP TABLE draft AS SELECT 0 AS line, {COLUMNS} FROM {TABLE} WITH NO DATA")
    _execute(FIRST)
    yield
    _execute(drop)


def fill(rows: Sequence[Row]) -> Mapping[int, int]:
    """Make these rows the batch; the lines whose flight an earlier one has, each with that one."""
    _execute("TRUNCATE draft")
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY draft (line, {COLUMNS}) FROM STDIN (FORMAT binary)") as copy,
    ):
        copy.set_types(TYPES)
        for row in rows:
            copy.write_row(row)
    first = _execute(
        "INSERT INTO draft_first SELECT departure_date, number, line, departure, origin_id, "
        "destination_id, layout_id FROM draft ORDER BY line ON CONFLICT DO NOTHING"
    )
    return {} if first == len(rows) else dict(_ask(AGAIN))


def flights_there(fields: Sequence[str]) -> Mapping[int, int | None]:
    """The lines of the batch whose flight is there: None where its fields say the same, else the
    flight's id. Nothing is locked."""
    ours, theirs = _listed("draft.", fields), _listed("flight.", fields)
    return dict(_ask(THERE.format(theirs=theirs, ours=ours)))


def codeshares() -> Mapping[int, tuple[str, int | None]]:
    """The lines of the batch whose aircraft leaves under another number as well: that number, and
    the earlier line that has it; None where it is there already."""
    return {line: (number, first) for line, number, first in _ask(CODESHARES)}


def insert(lines: Sequence[int]) -> None:
    """Add the flights of these lines of the batch. Raises IntegrityError where one is there."""
    _execute(
        f"INSERT INTO {TABLE} ({COLUMNS}) SELECT {COLUMNS} FROM draft WHERE line = ANY(%s)",
        list(lines),
    )


def update(lines: Sequence[int], fields: Sequence[str]) -> None:
    """Give the flights of these lines of the batch what the file says of these fields."""
    values = ", ".join(f"{field} = draft.{field}" for field in fields)
    _execute(
        f"UPDATE {TABLE} SET {values} FROM draft WHERE {SAME.format(TABLE)} AND line = ANY(%s)",
        list(lines),
    )


def _listed(prefix: str, fields: Sequence[str]) -> str:
    return ", ".join(f"{prefix}{field}" for field in fields)


def _execute(statement: str, *values: object) -> int:
    """How many rows it wrote."""
    with connection.cursor() as cursor:
        _planned(cursor, statement, *values)
        return int(cursor.rowcount)


def _ask(question: str) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        _planned(cursor, question)
        yield from cursor.fetchall()


def _planned(cursor: Any, statement: str, *values: object) -> None:
    """Execute, planned for the tables as they are now: a prepared statement would keep the plan of
    its first batches, when there were few flights, and read all of them once there are many."""
    with connection.wrap_database_errors:
        cursor.cursor.execute(statement, values or None, prepare=False)
