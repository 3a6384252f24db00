"""Many at once: threads with connections of their own, let go at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection, connections

from bookings.errors import BookingError

TOGETHER = 50


def race(*racers: Callable[[], Any]) -> list[Any]:
    """Let all of them go at once; what each returned, or the refusal it got."""
    line = Barrier(min(TOGETHER, len(racers)))

    def run(racer: Callable[[], Any]) -> Any:
        line.wait(30)
        try:
            return racer()
        except BookingError as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(min(TOGETHER, len(racers))) as pool:
        return list(pool.map(run, racers))


def transactions_waiting() -> int:
    """How many transactions of this database wait for another one to end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND wait_event_type = 'Lock' AND wait_event IN ('transactionid', 'spectoken', 'tuple')"
        )
        count: int = cursor.fetchone()[0]
        return count


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
