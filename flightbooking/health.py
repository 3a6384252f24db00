"""Is it up: `/health`, for load balancers and for people."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import psycopg
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from django_redis import get_redis_connection

log = logging.getLogger(__name__)

HEALTH_SECONDS = 0.8


def _reach_database() -> None:
    # A connection of its own: one that a request keeps would say nothing of new ones, and could
    # hang. Being let in is the answer; two seconds are the least libpq can wait.
    psycopg.connect(**{**connection.get_connection_params(), "connect_timeout": 2}).close()


def _reach_redis() -> None:
    get_redis_connection().ping()


PARTS: dict[str, Callable[[], None]] = {"database": _reach_database, "redis": _reach_redis}
# One thread each: a check that hangs delays no request, and only the checks of the same part.
THREADS = {part: ThreadPoolExecutor(1, thread_name_prefix=f"health-{part}") for part in PARTS}


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
