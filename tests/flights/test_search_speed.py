"""Every search walks one index in order and stops, however many flights there are.

Twenty thousand flights are enough for Postgres to choose as it does with a million; nothing is
switched off, and what it really read is counted.
"""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from flights.airports import real_airports
from flights.demo import timetable
from flights.demo.network import CITIES, HUBS
from flights.layout_files import load_layouts
from flights.models import Airport, Flight
from flights.search import flights_of_days, search_flights

pytestmark = pytest.mark.django_db

DAYS = [dt.date(2030, 3, 4) + dt.timedelta(days=n) for n in range(5)]


@pytest.fixture(scope="module", autouse=True)
def many_flights(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Made once for this module, and never committed."""
    cities = HUBS | CITIES
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        # What other tests have rolled back still lies in the indexes, and would be read.
        cursor.execute("VACUUM flights_flight, flights_airport")
    with django_db_blocker.unblock(), transaction.atomic():
        Airport.objects.bulk_create(a for a in real_airports() if a.code in cities)
        load_layouts()
        list(timetable.seed_flights(days=DAYS, per_day=4_000, seed=1))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE flights_flight, flights_airport")
        # Once, or it would be done after each test.
        connection.check_constraints()
        yield
        transaction.set_rollback(True)


def plan_of(**search: Any) -> dict[str, Any]:
    """How Postgres ran the query for the flights."""
    with CaptureQueriesContext(connection) as queries:
        search_flights(**search)
    return plan_of_query(queries)


def plan_of_query(queries: CaptureQueriesContext) -> dict[str, Any]:
    """How Postgres ran the last of them."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {queries[-1]['sql']}")
        answer = cursor.fetchone()[0]
    return dict((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"])


def steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for step in plan.get("Plans", []):
        yield from steps(step)


def late_cursor(**search: Any) -> str | None:
    """The cursor of a page that begins in the middle of the last day."""
    middle = Flight.objects.filter(departure_date=DAYS[-1]).order_by("departure")[1_000]
    return f"{int(middle.departure.timestamp() * 1_000_000):x}-{middle.pk:x}"


def test_the_days_around_one_read_the_flights_of_their_route() -> None:
    origin, destination = Airport.objects.get(code="CDG"), Airport.objects.get(code="JFK")
    with CaptureQueriesContext(connection) as queries:
        flights_of_days(origin=origin, destination=destination, first=DAYS[0], days=7)
    [scan] = [
        s for s in steps(plan_of_query(queries)) if s.get("Relation Name") == "flights_flight"
    ]
    assert {step["Index Name"] for step in steps(scan) if "Index Name" in step} == {
        "flight_by_route"
    }
    assert scan.get("Rows Removed by Filter", 0) == 0


@pytest.mark.parametrize("late", [False, True], ids=["first page", "late page"])
@pytest.mark.parametrize(
    ("search", "index"),
    [
        ({}, "flight_by_departure"),
        ({"date": DAYS[-1]}, "flight_by_date"),
        ({"origin": "CDG"}, "flight_by_origin"),
        ({"origin": "CDG", "date": DAYS[-1]}, "flight_by_origin"),
        ({"destination": "JFK"}, "flight_by_destination"),
        ({"destination": "JFK", "date": DAYS[-1]}, "flight_by_destination"),
        ({"origin": "CDG", "destination": "JFK"}, "flight_by_route"),
        ({"origin": "CDG", "destination": "JFK", "date": DAYS[-1]}, "flight_by_route"),
    ],
)
def test_a_search_reads_one_index_and_little_more_than_its_page(
    search: dict[str, Any], index: str, late: bool
) -> None:
    plan = plan_of(**search, after=late_cursor() if late else None)
    [scan] = [step for step in steps(plan) if step.get("Relation Name") == "flights_flight"]
    assert {step["Index Name"] for step in steps(scan) if "Index Name" in step} == {index}
    # Where little more than a page matches, all of it may be read and sorted at once.
    assert scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0) <= 150
    # The table has 300 pages and each index 100; a million flights have fifty times as many. How
    # closely rows lie together depends on what was there before: each may have its own page.
    assert scan["Shared Hit Blocks"] + scan["Shared Read Blocks"] <= 150
