"""The test database, as the migrations made it before each test.

A test that commits leaves rows behind. Django empties every table after it and sends
`post_migrate`, which takes some hundred times as long as deleting the few rows there are. It also
closes the connection, and the next one would have to learn every table and plan every query anew.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from flights import known_fares, known_flights

# In a table that has grown larger, deleted rows would slow down whoever reads it next.
SMALL_BYTES = 64 * 1024


class AsMigrated:
    """What every table holds after the migrations: to come back to. Needs a superuser."""

    def __init__(self) -> None:
        # A connection of its own: with this set, Postgres forgets every plan of the connection.
        self._connection = psycopg.connect(**connection.get_connection_params(), autocommit=True)
        # No foreign key and no append-only history refuses anything here.
        self._run("SET session_replication_role = replica")
        self._filled = [table for table in self._tables if self._ask(f"EXISTS (TABLE {table})")]
        self._run("CREATE SCHEMA as_migrated")
        for table in self._filled:
            self._run(f"CREATE TABLE as_migrated.{table} AS TABLE {table}")

    def restore(self) -> None:
        """Take out what was written since, and what was set on the test's connection."""
        with self._connection.transaction():
            self._restore_rows()
        known_flights.forget()
        known_fares.forget()
        connection.close_if_unusable_or_obsolete()
        with connection.cursor() as cursor:
            cursor.execute("RESET ALL")
            cursor.execute("SELECT pg_advisory_unlock_all()")
        connection.ensure_timezone()

    def close(self) -> None:
        """End every connection to the database, also of threads that stay as long as the process,
        such as those who write payments down."""
        self._run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        self._connection.close()

    def _restore_rows(self) -> None:
        """Whoever is still writing is waited for."""
        self._run(f"LOCK {', '.join(self._tables)} IN SHARE ROW EXCLUSIVE MODE")
        for (table,) in self._run(self._changes):
            if table in self._filled:
                self._run(f"DELETE FROM {table}")
                self._run(f"INSERT INTO {table} TABLE as_migrated.{table}")
            elif self._ask(f"pg_relation_size('{table}') > {SMALL_BYTES}"):
                self._run(f"TRUNCATE {table} CASCADE")
            else:
                self._run(f"DELETE FROM {table}")

    def _run(self, statement: str) -> list[Any]:
        cursor = self._connection.execute(statement)
        return cursor.fetchall() if cursor.description else []

    def _ask(self, expression: str) -> bool:
        return bool(self._run(f"SELECT {expression}")[0][0])

    @cached_property
    def _changes(self) -> str:
        """The query for the tables that are not as they were."""

        def rows(table: str) -> str:
            return f"(SELECT array_agg(t::text ORDER BY t::text) FROM {table} t)"

        differs = {
            table: f"{rows(table)} IS DISTINCT FROM {rows(f'as_migrated.{table}')}"
            if table in self._filled
            else f"EXISTS (TABLE {table})"
            for table in self._tables
        }
        return " UNION ALL ".join(f"SELECT '{name}' WHERE {sql}" for name, sql in differs.items())

    @cached_property
    def _tables(self) -> list[str]:
        return connection.introspection.django_table_names(only_existing=True, include_views=False)


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[AsMigrated]:
    """pytest-django's database, but cleaned up by us."""
    with django_db_blocker.unblock():
        migrated = AsMigrated()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: migrated.restore())
        patch.setattr(TransactionTestCase, "_should_reload_connections", lambda _: False)
        yield migrated
    migrated.close()
