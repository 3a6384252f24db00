"""What operators see from outside: is it up (/health), and how is it doing (/metrics)."""

import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import psycopg
from django.db import DatabaseError, connection
from django.db.models import Count, Min, Q
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_redis import get_redis_connection
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Gauge,
    Metric,
    generate_latest,
)
from prometheus_client.registry import Collector

from bookings.models import OPEN, Booking, Money

log = logging.getLogger(__name__)

HEALTH_SECONDS = 0.8


# --- /health --------------------------------------------------------------------------------
def _reach_database() -> None:
    # A connection of its own: one that a request keeps would say nothing of new ones, and could
    # hang. Being let in is the answer; two seconds are the least libpq can wait.
    psycopg.connect(**{**connection.get_connection_params(), "connect_timeout": 2}).close()


def _reach_redis() -> None:
    get_redis_connection().ping()


PARTS: dict[str, Callable[[], None]] = {"database": _reach_database, "redis": _reach_redis}
# One thread each: a check that hangs delays no request, and only the checks of the same part.
THREADS = {part: ThreadPoolExecutor(1, thread_name_prefix=f"health-{part}") for part in PARTS}


@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 `OK`, or 503 naming what is down; answers within a second whatever hangs.

    Without Redis everything still works, only slower: a load balancer that must not drop a
    node for it can look for the word "database".
    """
    down = _what_is_down()
    if down:
        return HttpResponse(f"DOWN: {', '.join(down)}", status=503, content_type="text/plain")
    return HttpResponse("OK", content_type="text/plain")


def _what_is_down() -> list[str]:
    checks = {part: THREADS[part].submit(reach) for part, reach in PARTS.items()}
    wait(checks.values(), timeout=HEALTH_SECONDS)
    down = []
    for part, check in checks.items():
        # Whatever is still waiting for its thread is given up, so that none pile up.
        check.cancel()
        error = check.exception() if check.done() and not check.cancelled() else "no answer"
        if error:
            log.warning("The %s is down: %s", part, error)
            down.append(part)
    return down


# --- /metrics -------------------------------------------------------------------------------
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus: this process's counters, and the bookings as Postgres has them now."""
    text = generate_latest(_this_process()) + generate_latest(_bookings_now())
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


class _ThisProcess(Collector):
    def collect(self) -> Iterator[Metric]:
        for metric in REGISTRY.collect():
            metric.samples = [
                sample._replace(labels={"process": str(os.getpid()), **sample.labels})
                for sample in metric.samples
            ]
            yield metric


def _this_process() -> CollectorRegistry:
    """Its counters by its number: the next scrape may be answered by another web process."""
    registry = CollectorRegistry()
    registry.register(_ThisProcess())
    return registry


def _bookings_now() -> CollectorRegistry:
    registry = CollectorRegistry()
    up = Gauge("database_up", "1 when the database answered this scrape", registry=registry)
    try:
        groups = _unsettled()
    except DatabaseError as error:
        log.warning("The bookings could not be counted: %s", error)
        return registry
    up.set(1)
    by_state = Gauge("bookings_open", "Open bookings", ["state"], registry=registry)
    for state in OPEN:
        by_state.labels(state.value).set(sum(g["all"] for g in groups if g["state"] == state))
    for name, (meaning, value) in _totals(groups).items():
        Gauge(f"bookings_{name}", meaning, registry=registry).set(value)
    return registry


def _unsettled() -> list[Any]:
    """Bookings whose timer runs, by state and money: all that is open, and refunds to be made.

    One query over the index `booking_due`, which has these rows only, however many have ended.
    """
    late = Q(due_at__lte=Now())
    running = Booking.objects.filter(due_at__isnull=False).values("state", "money")
    return list(
        running.annotate(
            all=Count("*"),
            late=Count("pk", filter=late),
            failing=Count("pk", filter=Q(failures__gt=0)),
            lateness=Now() - Min("due_at", filter=late),
        )
    )


def _totals(groups: list[Any]) -> dict[str, tuple[str, float]]:
    lateness = [group["lateness"].total_seconds() for group in groups if group["late"]]
    refunds = sum(group["all"] for group in groups if group["money"] == Money.REFUND_DUE)
    return {
        "overdue": ("Bookings whose next step is due", sum(g["late"] for g in groups)),
        "oldest_lateness_seconds": ("How late the latest of them is", max(lateness, default=0)),
        "refunds_due": ("Bookings whose money must go back", refunds),
        "failing": ("Bookings with a step that raised", sum(g["failing"] for g in groups)),
    }
