"""/health and /metrics, with everything up, and with one thing after the other gone."""

import os
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from bookings.models import Booking, State
from flights.models import Flight
from tests.people import a_confirmed_booking, a_hold, let_time_pass
from tests.running import RedisServer, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def figures() -> dict[str, float]:
    """Every figure of /metrics by name and, where there is one, state."""
    answer = Client().get("/metrics")
    assert answer.status_code == 200
    return {
        sample.name + sample.labels.get("state", ""): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_ok_when_everything_is_up() -> None:
    answer = Client().get("/health")
    assert (answer.status_code, answer.content) == (200, b"OK")
    assert answer["Content-Type"].startswith("text/plain")
    assert "no-store" in answer["Cache-Control"]


def test_a_redis_that_is_gone_is_named(redis_server: RedisServer) -> None:
    redis_server.stop()
    answer = Client().get("/health")
    assert (answer.status_code, answer.content) == (503, b"DOWN: redis")


def test_a_redis_that_hangs_is_named_within_a_second(redis_server: RedisServer) -> None:
    redis_server.freeze()
    began = time.monotonic()
    answer = Client().get("/health")
    assert time.monotonic() - began < 1
    assert (answer.status_code, answer.content) == (503, b"DOWN: redis")


@contextmanager
def database_at(host: str, port: int) -> Iterator[None]:
    """New connections go there; the test's own stays."""
    before = {name: connection.settings_dict[name] for name in ("HOST", "PORT")}
    connection.settings_dict.update(HOST=host, PORT=port)
    try:
        yield
    finally:
        connection.settings_dict.update(before)


def test_a_database_that_hangs_is_named_within_a_second() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, database_at(*silent.getsockname()):
        began = time.monotonic()
        answer = Client().get("/health")
        assert time.monotonic() - began < 1
    assert (answer.status_code, answer.content) == (503, b"DOWN: database")


def test_many_checks_of_a_database_that_hangs_soon_see_it_return() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        database_at(*silent.getsockname()),
        ThreadPoolExecutor(10) as load_balancers,
    ):
        answers = load_balancers.map(lambda _: Client().get("/health"), range(10))
        assert {answer.content for answer in answers} == {b"DOWN: database"}
    wait_until(lambda: Client().get("/health").status_code == 200, "the database", seconds=5)


def test_metrics_count_what_is_open_and_what_is_late(flight: Flight) -> None:
    a_hold(flight, "12A")
    let_time_pass(a_hold(flight, "12B"), 960)
    a_confirmed_booking(flight, "12C")
    now = figures()
    assert now["bookings_openSEATS_RESERVED"] == 2
    assert now["bookings_openPAYMENT_PROCESSING"] == 0
    assert now["bookings_overdue"] == 1
    assert 59 < now["bookings_oldest_lateness_seconds"] < 70
    assert now["bookings_refunds_due"] == now["bookings_failing"] == 0
    assert now["database_up"] == 1


def test_metrics_count_the_calls_that_went_on_without_redis(
    flight: Flight, redis_server: RedisServer
) -> None:
    redis_server.stop()
    a_hold(flight, "12A")
    answer = Client().get("/metrics").content.decode()
    # The number tells the counters of one web process from another's.
    line = f'redis_bypassed_total{{process="{os.getpid()}",purpose="seat lock"}}'
    assert line in answer


def test_a_scrape_is_one_query_that_reads_open_bookings_only(flight: Flight) -> None:
    booking = a_hold(flight, "12A")
    Booking.objects.bulk_create(
        Booking(flight=flight, state=State.CANCELLED, currency="EUR", created_at=booking.created_at)
        for _ in range(5000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE bookings_booking")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        figures()
    (query,) = queries.captured_queries
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {query['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "booking_due" in plan
    assert "Seq Scan" not in plan
