"""The room's first page: what needs somebody, what is going on, what leaves next."""

import time
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_redis import get_redis_connection

from bookings import saga
from bookings.admin.dashboard import charts
from bookings.models import Booking, State
from bookings.saga import timers
from bookings.saga.payment import postpone
from flights import redis_circuit
from flights.models import Flight
from flights.redis_circuit import ask_redis
from tests.bookings.admin.staff import an_onlooker, refund_due
from tests.bookings.grown import grow, rows_read
from tests.people import (
    a_confirmed_booking,
    a_flight,
    a_hold,
    a_payment,
    let_time_pass,
)
from tests.running import Processes, RedisServer

pytestmark = pytest.mark.django_db(transaction=True)

INDEX = "/admin/"
PARTS = ("/admin/now/now/", "/admin/now/today/", "/admin/now/machinery/")


def said(client: Client, address: str = INDEX) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def three_in_trouble(flight: Flight) -> tuple[Booking, Booking, Booking]:
    """One overdue, one failing, one waiting for its refund."""
    refund = refund_due(flight)
    failing, overdue = a_payment(flight, "2A"), a_hold(flight, "3A")
    postpone(failing.pk, ValueError("the gateway is on fire"))
    let_time_pass(overdue, 1000)
    return overdue, failing, refund


def test_what_needs_somebody_is_listed_the_worst_first(olga: Client, flight: Flight) -> None:
    assert "Nothing: every step was taken in time." in said(olga)
    overdue, failing, refund = three_in_trouble(flight)
    page = said(olga)
    places = [page.index(f"/booking/{b.pk}/change/") for b in (overdue, failing, refund)]
    assert places == sorted(places)
    for trouble in ("overdue", "failing", "refund"):
        assert f'?attention={trouble}"><b>1</b>' in page
    assert "failing, 1 error" in page


def test_holds_say_what_they_would_release_and_payments_what_is_in_flight(
    olga: Client, flight: Flight
) -> None:
    a_hold(flight, "12A", "12B"), a_hold(flight, "14A")
    payment = a_payment(flight, "16A")
    page = said(olga)
    assert "<b>2</b> holds" in page
    assert "3 seats, 600.00 EUR come free unless paid" in page
    assert "<b>1</b> payment in flight" in page
    assert "200.00 EUR; 0 at the gateway" in page
    timers.take_step(payment.pk)
    assert "1 at the gateway, the oldest for 0 s" in said(olga)


def test_flights_leaving_next_show_their_load(olga: Client, flight: Flight) -> None:
    a_confirmed_booking(flight, "12A"), a_hold(flight, "12B")
    page = said(olga, PARTS[1])
    assert f"/flights/flight/{flight.pk}/change/" in page
    assert "(1 %)" in page
    assert "3 days" in page or "2 days" in page


def test_the_day_is_drawn_by_hour_and_outcome(olga: Client, flight: Flight) -> None:
    a_confirmed_booking(flight, "12A")
    saga.cancel(booking_id=a_hold(flight, "12B").pk)
    saga.terminate(booking_id=a_hold(flight, "12C").pk, by="operator:olga")
    page = said(olga, PARTS[1])
    assert "1 confirmed, 0 expired, 2 cancelled, 0 failed." in page
    assert ": 2 cancelled</title>" in page
    for stage, count, percent in (("held", 3, 100), ("paid", 1, 33), ("cancelled", 2, 67)):
        row = page.split(f'<th scope="row">{stage}</th>')[1].split("</tr>")[0]
        assert f">{count}</td>" in row
        assert f">{percent} %</td>" in row


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 1), (1, 1), (3, 3), (7, 8), (9, 10), (10, 10), (11, 20), (501, 600), (801, 1000)],
)
def test_an_axis_ends_at_a_round_number(most: int, top: int) -> None:
    assert charts.nice(most) == top


def test_the_page_takes_the_same_queries_whatever_there_is_and_reads_few_rows(
    olga: Client, flight: Flight
) -> None:
    olga.get(INDEX)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            said(olga)
        return len(captured)

    few = queries()
    three_in_trouble(flight)
    grow(flight)
    for row in range(1, 21):
        a_hold(a_flight(f"AF{row}"))
    assert queries() == few <= 18
    # A day has 1,440 of the grown bookings, and two events each.
    assert rows_read(lambda: said(olga)) < 4_000


def test_whoever_may_not_see_bookings_sees_no_numbers(flight: Flight) -> None:
    vera = an_onlooker()
    assert "Leaving next" in said(vera)
    User.objects.get(username="vera").user_permissions.clear()
    assert "Leaving next" not in said(vera)
    for part in PARTS:
        assert vera.get(part).status_code == 403


def test_without_redis_the_page_is_there_and_says_so(
    olga: Client, flight: Flight, redis_server: RedisServer
) -> None:
    redis_server.stop()
    assert "Needs somebody" in said(olga)
    assert "Redis does not answer." in said(olga, PARTS[2])


def test_a_redis_that_hangs_delays_its_own_part_for_a_moment_and_no_other(
    olga: Client, flight: Flight, redis_server: RedisServer
) -> None:
    redis_server.freeze()
    began = time.monotonic()
    assert "Needs somebody" in said(olga)
    assert time.monotonic() - began < 2
    assert "Redis does not answer." in said(olga, PARTS[2])
    assert time.monotonic() - began < 6


def test_queues_and_workers_are_counted(
    olga: Client, flight: Flight, celery_workers: Processes
) -> None:
    page = said(olga, PARTS[2])
    assert page.count("1 worker (") == 2
    assert "no worker answers" not in page


def test_without_workers_the_page_says_that_none_answers(olga: Client, flight: Flight) -> None:
    redis_circuit.rest(0)
    get_redis_connection().delete("work", "timers")
    a_payment(flight, "12A")
    page = said(olga, PARTS[2])
    assert page.count("no worker answers; the sweeper does it later") == 2
    assert "<b>1</b> waiting in “work”" in page


def test_every_process_tells_how_often_it_went_on_without_redis(
    olga: Client, flight: Flight, redis_server: RedisServer
) -> None:
    before = redis_circuit.untold().get("seat lock", 0)
    redis = get_redis_connection()
    redis.delete(*redis.keys("bypassed:*") or ["nothing"])
    redis_server.stop()
    a_hold(flight, "12A")
    assert redis_circuit.untold()["seat lock"] > before
    redis_server.restore()
    ask_redis("test", get_redis_connection().ping, otherwise=None)
    told, untold = redis_circuit.bypassed_today()
    assert told["seat lock"] >= 1
    assert told["enqueue"] >= 1
    assert untold == {}
    assert "seat lock" in said(olga, PARTS[2])


def test_list_stuck_prints_the_worst_first_and_fails(flight: Flight) -> None:
    out = StringIO()
    call_command("list_stuck", stdout=out)
    assert "Nothing is stuck." in out.getvalue()
    overdue, failing, refund = three_in_trouble(flight)
    with pytest.raises(CommandError, match="Stuck: 3 bookings"):
        call_command("list_stuck", stdout=out)
    lines = out.getvalue().splitlines()[1:]
    assert [line.split()[0] for line in lines] == ["overdue", "failing", "refund"]
    for line, booking in zip(lines, (overdue, failing, refund), strict=True):
        assert str(booking.pk) in line
    assert str(State.CANCELLED) in lines[2]
    Booking.objects.filter(pk=failing.pk).update(last_error="no\x1b[31m\nServer")
    with pytest.raises(CommandError):
        call_command("list_stuck", stdout=out)
    assert all(map(str.isprintable, out.getvalue().splitlines()))
    with pytest.raises(CommandError, match="1 bookings, and more that are not shown"):
        call_command("list_stuck", "--show=1", stdout=out)
