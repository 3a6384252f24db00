"""Connections are kept for long: what happens to Postgres meanwhile troubles nobody."""

import pytest
from django.db import close_old_connections, connection, transaction
from pytest_django import DjangoAssertNumQueries

from bookings.models import Booking
from flights.locking import lock_row
from tests.people import a_flight, a_hold

pytestmark = pytest.mark.django_db(transaction=True)


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def elsewhere(statement: str, *values: int) -> None:
    """Run it in a connection of its own."""
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute(statement, values)
    other.close()


def test_a_connection_that_stands_is_kept_without_a_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    before = backend()
    with django_assert_num_queries(0):
        assert connection.is_usable()
    assert backend() == before


def test_a_connection_that_the_server_ended_is_replaced_before_it_is_used() -> None:
    before = backend()
    # As a restart of Postgres does: the server goes, and the client is not asked.
    elsewhere("SELECT pg_terminate_backend(%s, 5000)", before)
    assert not connection.is_usable()
    close_old_connections()
    assert backend() != before


def test_a_migration_that_adds_a_column_troubles_no_kept_connection() -> None:
    """Old processes go on while a new version migrates."""
    alice = a_hold(a_flight())
    for _ in range(5):  # More often than it takes to prepare the statement.
        with transaction.atomic():
            lock_row(Booking, alice.pk)
    elsewhere("ALTER TABLE bookings_booking ADD COLUMN of_the_next_version int")
    try:
        with transaction.atomic():
            assert lock_row(Booking, alice.pk)[0] == alice
    finally:
        elsewhere("ALTER TABLE bookings_booking DROP COLUMN of_the_next_version")
