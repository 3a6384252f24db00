"""How the bookings are doing: `/metrics`, for Prometheus."""

import logging
import os
from collections.abc import Iterator
from typing import Any

from django.db import DatabaseError
from django.db.models import Count, Min, Q
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Gauge,
    Metric,
    generate_latest,
)
from prometheus_client.registry import Collector

from bookings.models import OPEN, Message, PaymentStatus, unfinished

log = logging.getLogger(__name__)


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
    """All that is unfinished, by state and money: what is open, to be refunded or to be sent.

    One query over the indexes of timers, which have these rows only, however many have ended.
    """
    late = Q(due_at__lte=Now())
    unsent = Message.objects.filter(due_at__isnull=False)
    failing = unsent.filter(failing_since__isnull=False)
    running = unfinished().values("state", "payment_status")
    return list(
        running.annotate(
            all=Count("*"),
            late=Count("pk", filter=late),
            failing=Count("pk", filter=Q(due_at__isnull=False, failures__gt=0)),
            unsent=Count("pk", filter=Q(pk__in=unsent.values("booking"))),
            mail_failing=Count("pk", filter=Q(pk__in=failing.values("booking"))),
            lateness=Now() - Min("due_at", filter=late),
        )
    )


def _totals(groups: list[Any]) -> dict[str, tuple[str, float]]:
    lateness = [group["lateness"].total_seconds() for group in groups if group["late"]]
    refunds = sum(
        group["all"] for group in groups if group["payment_status"] == PaymentStatus.REFUND_DUE
    )
    return {
        "overdue": ("Bookings whose next step is due", sum(g["late"] for g in groups)),
        "oldest_lateness_seconds": ("How late the latest of them is", max(lateness, default=0)),
        "refunds_due": ("Bookings whose money must go back", refunds),
        "failing": ("Bookings with a step that raised", sum(g["failing"] for g in groups)),
        "mail_unsent": ("Bookings whose e-mail is to be sent", sum(g["unsent"] for g in groups)),
        "mail_failing": (
            "Bookings whose e-mail could not be sent, given up or not",
            sum(g["mail_failing"] for g in groups),
        ),
    }
