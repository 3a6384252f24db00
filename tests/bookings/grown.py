"""A database with years of bookings in it, and how many of them a page reads."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from flights.models import Flight

# Far more than any page may read, so that a page which reads all of them is found out.
BOOKINGS = 60_000

FLIGHTS = """
INSERT INTO flights_flight (number, origin_id, destination_id, departure, arrival, departure_date,
    layout_id, base_fare_cents, currency, on_sale, ending_bookings)
SELECT 'ZZ' || n, origin_id, destination_id, departure - n * interval '4 hours',
       arrival - n * interval '4 hours', (departure - n * interval '4 hours')::date,
       layout_id, base_fare_cents, currency, true, false
FROM flights_flight, generate_series(1, 600) n WHERE id = %(flight)s
"""

# Of each hundred 80 expired, 12 were cancelled, 1 failed and 7 were confirmed.
OLD = """
WITH old AS (
    SELECT n, gen_random_uuid() AS id, now() - n * interval '1 minute' AS created_at,
           CASE WHEN n %% 100 < 80 THEN 'EXPIRED' WHEN n %% 100 < 92 THEN 'CANCELLED'
                WHEN n %% 100 < 93 THEN 'FAILED' ELSE 'CONFIRMED' END AS state
    FROM generate_series(1, %(bookings)s) n
)
INSERT INTO bookings_booking (id, flight_id, state, payment_status, seats, total_cents, currency,
    payment_code, name, email, attempts, last_error, record_locator, failures, version,
    created_at, contact_words)
SELECT id, (SELECT min(id) FROM flights_flight WHERE number LIKE 'ZZ%%') + n %% 600, state,
       CASE state WHEN 'CONFIRMED' THEN 'charged' ELSE 'none' END,
       ARRAY[(n %% 30 + 1) || 'A'], 20000, 'EUR', '',
       CASE WHEN n %% 2 = 0 THEN 'Nobody' || n || ' Known' || n ELSE '' END,
       CASE WHEN n %% 2 = 0 THEN 'nobody' || n || '@example.org' ELSE '' END,
       0, '', CASE state WHEN 'CONFIRMED' THEN lpad(to_hex(n), 6, 'Z') END, 0, 2, created_at,
       CASE WHEN n %% 2 = 0 THEN array_to_tsvector(
           ARRAY['nobody' || n, 'known' || n, 'nobody' || n || '@example org']) END
FROM old
"""

THEIR_EVENTS = """
INSERT INTO bookings_bookingevent (booking_id, number, at, name, by, detail, changes)
SELECT b.id, step, b.created_at + step * interval '5 minutes',
       CASE step WHEN 1 THEN 'held' ELSE lower(b.state) END, 'test', '', '{}'
FROM bookings_booking b JOIN flights_flight f ON f.id = b.flight_id AND f.number LIKE 'ZZ%',
     generate_series(1, 2) step
"""


def grow(flight: Flight) -> None:
    """Two months of other bookings on other flights."""
    with connection.cursor() as cursor:
        cursor.execute(FLIGHTS, {"flight": flight.pk})
        cursor.execute(OLD, {"bookings": BOOKINGS})
        # Or the check of each event's booking would go on as planned for a small table.
        cursor.execute("ANALYZE bookings_booking")
        cursor.execute(THEIR_EVENTS)
        for table in ("flights_flight", "bookings_booking", "bookings_bookingevent"):
            cursor.execute(f"VACUUM ANALYZE {table}")


def rows_read(show: Callable[[], Any]) -> int:
    """The most rows of a table that one query of what is shown reads."""
    with CaptureQueriesContext(connection) as captured:
        show()
    asked = [query["sql"] for query in captured if query["sql"].startswith(("SELECT", "WITH"))]
    return max((read for sql in asked for read in _reads(sql)), default=0)


def _reads(sql: str) -> Iterator[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}".replace("%", "%%"), ())
        (plan,) = cursor.fetchone()
    plans = json.loads(plan) if isinstance(plan, str) else plan
    yield from _of_node(plans[0]["Plan"])


def _of_node(node: dict[str, Any]) -> Iterator[int]:
    if "Relation Name" in node:
        rows = node["Actual Rows"]
        rows += node.get("Rows Removed by Filter", 0)
        rows += node.get("Rows Removed by Index Recheck", 0)
        yield round(rows * node["Actual Loops"])
    for child in node.get("Plans", ()):
        yield from _of_node(child)
