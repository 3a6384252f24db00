"""A kept connection that the server has ended is noticed before it is used."""

import pytest
from django.db import close_old_connections, connection
from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db(transaction=True)


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def end_backend(pid: int) -> None:
    """As a restart of Postgres does: the server goes, and the client is not asked."""
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
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
    end_backend(before)
    assert not connection.is_usable()
    close_old_connections()
    assert backend() != before
