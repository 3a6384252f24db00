"""A long schedule file, done piece by piece by a worker while somebody looks on."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import batched
from typing import Any

from celery import shared_task
from django.db import connection, transaction

from flights.enqueue import enqueue
from flights.models import Flight, ScheduleImport
from flights.money import Money
from flights.schedule.draft import draft_tables, fill
from flights.schedule.file import (
    BATCH,
    Batch,
    Change,
    column_of,
    compare,
    read_rows,
    write,
)
from flights.schedule.rows import Row
from flights.schedule.table import FileRefused

# What is shown of it.
MOST_SHOWN = 200
# The first half of the key of a Postgres advisory lock; the second is the import's id.
LOCK = 7021
COUNTED = (
    "done", "new", "updated", "unchanged", "bad", "bad_rows", "changes", "codeshares",
    "codeshare_rows",
)  # fmt: skip

Stage = ScheduleImport.Stage


def go_on(import_id: int) -> None:
    """Check the file, or write it if that was asked for, from where it was left.

    Does nothing while somebody else is at it, or when there is nothing to do.
    """
    with _alone(import_id) as is_alone:
        one = ScheduleImport.objects.filter(pk=import_id).first()
        if is_alone and one and one.is_running:
            try:
                _go_through(one)
            except FileRefused as error:
                one.stage, one.refusal = Stage.REFUSED, str(error)[:300]
                one.save(update_fields=["stage", "refusal"])


def enqueue_import(import_id: int) -> None:
    """Have a worker take it up; see `go_on`."""
    enqueue("flights.import_schedule", import_id)


def start_writing(import_id: int, *, by: str) -> bool:
    """What was checked is to be written now; False if it is not checked, or was begun before."""
    nothing: dict[str, Any] = {"bad_rows": [], "changes": [], "codeshare_rows": []}
    zero = dict.fromkeys(COUNTED, 0) | nothing
    checked = ScheduleImport.objects.filter(pk=import_id, stage=Stage.CHECKED)
    return bool(checked.update(stage=Stage.WRITING, by=by[:160], **zero))


def _go_through(one: ScheduleImport) -> None:
    def refuse(line_number: int, reason: str) -> None:
        if line_number > before:
            one.bad += 1
            if len(one.bad_rows) < MOST_SHOWN:
                one.bad_rows.append([line_number, reason])

    # Whatever comes up to here was counted before a crash.
    before = one.done
    columns, rows = read_rows(io.BytesIO(one.content), refuse)
    with draft_tables():
        for some in batched(rows, BATCH):
            if some[-1].line <= before:
                fill(some)
                continue
            with transaction.atomic():
                batch = compare(some, columns, refuse, update=one.update)
                if one.stage == Stage.WRITING:
                    write(batch, columns, by=one.by)
                _count(one, batch)
                one.save(update_fields=COUNTED)
    one.done = one.lines
    if one.stage == Stage.WRITING:
        one.stage, one.content = Stage.DONE, b""
    else:
        one.stage = Stage.CHECKED
    one.save(update_fields=[*COUNTED, "stage", "content"])


def _count(one: ScheduleImport, batch: Batch) -> None:
    one.done = batch.last
    one.new += len(batch.new)
    one.updated += len(batch.changes)
    one.unchanged += batch.unchanged
    room = MOST_SHOWN - len(one.changes)
    one.changes += [_shown(change) for change in batch.changes[:room]]
    one.codeshares += len(batch.codeshares)
    one.codeshare_rows += batch.codeshares[: MOST_SHOWN - len(one.codeshare_rows)]


def _shown(change: Change) -> list[Any]:
    currency = (change.after if "currency" in change.different else change.before).currency
    differences = [
        [
            column_of(field),
            _text(change.before, field, change.before.currency),
            _text(change.after, field, currency),
        ]
        for field in change.different
    ]
    return [change.after.line, str(change.before), differences]


def _text(flight: Flight | Row, field: str, currency: str) -> str:
    value = getattr(flight, field)
    if field == "base_fare_cents":
        return str(Money(value, currency))
    return f"{value:%Y-%m-%d %H:%M} UTC" if field in ("departure", "arrival") else str(value)


@contextmanager
def _alone(import_id: int) -> Iterator[bool]:
    """Whether nobody else is at this import; a task may be delivered twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s::int, %s::int)", [LOCK, import_id])
        is_alone = bool(cursor.fetchone()[0])
    try:
        yield is_alone
    finally:
        if is_alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s::int, %s::int)", [LOCK, import_id])


@shared_task(name="flights.import_schedule")
def import_task(import_id: str) -> None:
    """A worker takes a file up."""
    go_on(int(import_id))
