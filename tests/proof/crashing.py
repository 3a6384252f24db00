"""A process that plays stories and dies where it is told to, as a power cut would have it.

It is started once, reads `STORY FLIGHT MOMENT` from its input, and plays each story in a fork
of itself. There every commit, every command to Redis, every task sent and every call of the
gateway is found by wrapping the libraries from outside. The moments to die are before the
first of them and after each: from the end of one to the beginning of the next nothing can be
seen from outside, so dying there is one death and not many. The fork writes down each moment
that it reaches and, at the one it was given, is gone: `os._exit`, nothing rolled back, closed
or flushed.
"""

import gc
import os
import sys
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any

import django

DIED, ENDED = 9, 0
# A moment that never comes, and a story played in this process itself, so that no fork has to
# load and compile everything again.
NEVER, WARM_UP = 0, -1


# Commands that change nothing.
UNSEEN = {"Redis PING", "Redis GET"}


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "flightbooking.settings"
    django.setup()
    from bookings.saga import enqueue
    from flights import gathering
    from tests.proof.stories import STORIES

    # At once and here, so that it can be died before and after it.
    gathering.SECONDS = 0
    # Whether two holds of a story share a countdown would depend on how fast it is played.
    enqueue.holds.step = 1e-6

    for line in sys.stdin:
        name, flight_id, moment = line.split()
        if int(moment) == WARM_UP:
            STORIES[name](int(flight_id))
            forget_connections()
            say("exit 0")
            continue
        if (child := os.fork()) == 0:
            play(STORIES[name], int(flight_id), fatal=int(moment))
        _, status = os.waitpid(child, 0)
        say(f"exit {os.waitstatus_to_exitcode(status)}")


def forget_connections() -> None:
    """A fork must not speak on its parent's connections."""
    from django.db import connections

    from bookings.payments import ledger
    from tests import running

    connections.close_all()
    ledger.close()
    running.forget_connections()
    gc.collect()
    gc.freeze()


def play(story: Callable[[int], None], flight_id: int, *, fatal: int) -> None:
    """Play it to its end or to its fatal moment; does not return."""
    reached = 0
    # One after the other, also from threads.
    alone = threading.Lock()

    def moment(what: str) -> None:
        nonlocal reached
        with alone:
            reached += 1
            say(what)
            if reached == fatal:
                os._exit(DIED)

    try:
        watch(moment)
        moment("before everything")
        story(flight_id)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(ENDED)


def watch(moment: Callable[[str], None]) -> None:
    """Tell of everything that can be seen from outside of this process, when it was done."""
    from django.db import connection
    from psycopg import Connection
    from redis import Redis
    from redis.client import Pipeline

    from tests.people import MoodyGateway

    with connection.cursor() as cursor:
        # It is not Postgres that dies here.
        cursor.execute("SET synchronous_commit = off")

    def wrap(of: type, method: str, name: Callable[..., str]) -> None:
        original = getattr(of, method)

        @wraps(original)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            if (what := name(*args)) not in UNSEEN:
                moment(f"after {what}")
            return result

        setattr(of, method, wrapped)

    wrap(Connection, "commit", lambda connection: "commit")
    # What is announced is a PUBLISH to each channel concerned, in one round trip.
    wrap(Pipeline, "execute", lambda pipeline: "Redis pipeline")
    # What Celery sends is an LPUSH to a queue.
    wrap(Redis, "execute_command", lambda redis, *command: f"Redis {redis_command(*command)}")
    for verb in ("charge", "lookup", "void", "refund"):
        wrap(MoodyGateway, verb, lambda *_, verb=verb: f"gateway {verb}")


def redis_command(name: str, *rest: object) -> str:
    return f"{name} {rest[0]}" if name in ("LPUSH", "PUBLISH") else name


def say(what: str) -> None:
    """At once, past every buffer: the next moment this process may be gone."""
    os.write(1, f"{what}\n".encode())


if __name__ == "__main__":
    main()
