"""/metrics: what Prometheus is told of the bookings."""

import os

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from bookings.models import Booking, Message, State
from flights.models import Flight
from tests.people import a_confirmed_booking, a_hold, let_time_pass
from tests.running import RedisServer

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
    ended = Booking.objects.filter(state=State.CANCELLED)
    Message.objects.bulk_create(Message(booking=one, number=1) for one in ended)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE bookings_booking, bookings_message")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        figures()
    (query,) = queries.captured_queries
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {query['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "booking_due" in plan
    assert "message_due" in plan
    assert "Seq Scan" not in plan
