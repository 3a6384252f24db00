"""A row of one's own to the end of the transaction, and the time since then."""

import datetime as dt
from functools import cache
from typing import Any

from django.db.models import Model


def lock_row[M: Model](model: type[M], key: object) -> tuple[M, dt.datetime]:
    """Lock the row with this primary key; also the time, by the database's clock, since it is.

    Waits for whoever has it. Raises the model's DoesNotExist.
    """
    for row in model._default_manager.raw(_query(model), [key]):
        locked: Any = row
        return row, locked.locked_at
    raise model.DoesNotExist  # type: ignore[attr-defined]  # every model has one


@cache
def _query(model: type[Model]) -> str:
    """The clock is read from a row that is already locked: however long the lock was waited for,
    nothing is judged by the time from before."""
    meta = model._meta
    assert meta.pk
    # Each column by its name: a statement that is prepared for `*` is refused on every kept
    # connection once a migration has added a column.
    columns = ", ".join(field.column for field in meta.concrete_fields if field.column)
    return f"""
    WITH locked AS MATERIALIZED (
        SELECT {columns} FROM {meta.db_table} WHERE {meta.pk.column} = %s FOR UPDATE
    )
    SELECT *, clock_timestamp() AS locked_at FROM locked
    """
