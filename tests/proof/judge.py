"""`check_bookings` after every step of a test: the same queries, planned once."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from psycopg import ClientCursor

from bookings import invariants
from bookings.invariants import INVARIANTS, broken

TABLES = (
    "bookings_change",
    "bookings_seatclaim",
    "bookings_paymentattempt",
    "bookings_refund",
    "bookings_bookingevent",
    "bookings_message",
    "bookings_ledgerentry",
    "bookings_booking",
    "flights_flightevent",
)
# In a test time passes at will, so what is overdue is judged at the end; and the schema does
# not change from step to step.
AT_THE_END = {"on-time", "constraints"}


@contextmanager
def judge() -> Iterator[None]:
    """Make `verdict` ready in this connection, whose commits need not reach the disk."""
    queries = [
        f"SELECT '{invariant.name}', q.a::text, q.b::text FROM ({invariant.query}) AS q (a, b)"
        for invariant in INVARIANTS
        if not invariant.warning and invariant.name not in AT_THE_END
    ]
    params = invariants.parameters(overdue_seconds=0)
    connection.ensure_connection()
    whole = ClientCursor(connection.connection).mogrify(" UNION ALL ".join(queries), params)
    # Not a prepared statement: psycopg drops those after a rollback.
    run(
        "CREATE FUNCTION pg_temp.verdict() RETURNS TABLE (invariant text, of text, problem text) "
        f"LANGUAGE plpgsql AS $verdict$ BEGIN RETURN QUERY {whole}; END $verdict$"
    )
    run("SET synchronous_commit = off")
    try:
        yield
    finally:
        run("DROP FUNCTION pg_temp.verdict")
        run("RESET synchronous_commit")


def verdict() -> list[tuple[str, ...]]:
    """Every broken invariant but those that are judged at the end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM pg_temp.verdict()")
        return list(cursor.fetchall())


def last_verdict() -> list[str]:
    """Everything that is broken once all is settled, and so nothing may be overdue."""
    return [f"{finding.invariant.name}: {finding}" for finding in broken(overdue_seconds=0)]


def forget_everything() -> None:
    run(f"TRUNCATE {', '.join(TABLES)}")


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
