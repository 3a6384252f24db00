"""The fixtures that break things put them right again, or the next test would pay for it."""

import time
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from bookings.models import Booking, BookingEvent, LedgerEntry, SeatClaim
from flightbooking.celery import app
from flights.airports import real_airports
from flights.models import Airport, Flight
from tests.database import AsMigrated
from tests.people import a_confirmed_booking, a_flight
from tests.running import Processes, RedisServer, wait_until

pytestmark = [pytest.mark.xdist_group("fixtures"), pytest.mark.django_db(transaction=True)]

type Break = Callable[[RedisServer], None]


def test_what_a_test_has_committed_is_gone_after_it(django_db_setup: AsMigrated) -> None:
    roles = {group.name: group.permissions.count() for group in Group.objects.all()}
    assert roles.keys() == {"agent", "supervisor", "admin"}
    a_confirmed_booking(a_flight())
    Airport.objects.bulk_create(real_airports(), ignore_conflicts=True)  # More than a few rows.
    Group.objects.get(name="agent").delete()
    Group.objects.create(name="pilot")
    django_db_setup.restore()
    emptied = (Airport, Flight, Booking, SeatClaim, BookingEvent, LedgerEntry)
    assert [model for model in emptied if model.objects.exists()] == []
    assert {each.name: each.permissions.count() for each in Group.objects.all()} == roles


def test_what_a_test_has_set_on_its_connection_is_gone_after_it(
    django_db_setup: AsMigrated,
) -> None:
    def asked(question: str) -> object:
        with connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchone()[0]

    locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
    before = [asked("SHOW lock_timeout"), asked("SHOW TimeZone"), asked(locks)]
    asked("SELECT set_config('lock_timeout', '50ms', false)")
    asked("SELECT set_config('TimeZone', 'Europe/Paris', false)")
    asked("SELECT pg_advisory_lock(1)")
    assert [asked("SHOW lock_timeout"), asked("SHOW TimeZone"), asked(locks)] != before
    django_db_setup.restore()
    assert [asked("SHOW lock_timeout"), asked("SHOW TimeZone"), asked(locks)] == before


@pytest.mark.parametrize("outage", [RedisServer.stop, RedisServer.freeze])
def test_redis_can_be_away(redis_server: RedisServer, outage: Break) -> None:
    outage(redis_server)
    with pytest.raises(RedisError):
        get_redis_connection().ping()


@pytest.mark.parametrize("outage", [RedisServer.stop, RedisServer.freeze, RedisServer.flush])
def test_workers_work_again_after_redis_was_broken(
    celery_workers: Processes, redis_server: RedisServer, outage: Break
) -> None:
    outage(redis_server)
    redis_server.restore()
    celery_workers.wait()
    cache.set("seat", "12A")
    app.send_task("celery.ping", queue="work", retry=False)
    wait_until(lambda: not get_redis_connection().llen("work"), "the task to be taken")


def test_a_killed_worker_ends_at_once(celery_workers: Processes) -> None:
    celery_workers.kill("work")
    assert len(app.control.ping(timeout=0.5) or []) == 1


def test_a_killed_worker_is_back_for_the_next_test(celery_workers: Processes) -> None:
    started = time.monotonic()
    celery_workers.wait()
    assert time.monotonic() - started < 1
