"""The fixtures that break things put them right again, or the next test would pay for it."""

import time
from collections.abc import Callable

import pytest
from django.core.cache import cache
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from flightbooking.celery import app
from tests.running import Processes, RedisServer, wait_until

pytestmark = [pytest.mark.xdist_group("fixtures"), pytest.mark.django_db(transaction=True)]

type Break = Callable[[RedisServer], None]


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
