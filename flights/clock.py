"""The database's clock: the only one that decides anything."""

import datetime as dt

from django.db import connection
from django.db.models import DateTimeField, Func


def database_clock() -> dt.datetime:
    """The time at this very moment, also within a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: dt.datetime = cursor.fetchone()[0]
        return now


class ClockTimestamp(Func):
    """`database_clock` inside a query."""

    template = "clock_timestamp()"
    output_field = DateTimeField()
