"""Queues and workers, and what went on without Redis.

Asked of Redis and of the workers, each within a second, in a part of the page of its own: the
rest never waits for it, and everything the saga promises is true without any of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from celery import current_app
from django_redis import get_redis_connection

from flights.redis_circuit import ask_redis, bypassed_today

# Long enough for a worker that is busy, which answers beside its work.
ANSWER_SECONDS = 0.6
# What each worker is for, by the name of its queue.
QUEUES = {"work": "payments, refunds and mail", "timers": "expiry of holds"}


@dataclass(frozen=True)
class Queue:
    """One of Celery's queues."""

    name: str
    purpose: str
    # Tasks that no worker has taken yet.
    waiting: int
    # Processes that take from it and answered just now.
    workers: list[str]


@dataclass(frozen=True)
class Queues:
    """What answered."""

    queues: list[Queue]
    # Taken by a worker and not done: tasks that wait for their time, most of them.
    taken: int
    # Calls that went on without Redis today: told by all processes, and not told by this one yet.
    bypassed: Mapping[str, int]
    untold: Mapping[str, int]


def queues_now() -> Queues | None:
    """What waits, and who works; None while Redis is away."""
    return ask_redis("operators", _look, otherwise=None)


def _look() -> Queues:
    redis = get_redis_connection()
    with redis.pipeline(transaction=False) as pipeline:
        for name in QUEUES:
            pipeline.llen(name)
        pipeline.hlen("unacked")
        *waiting, taken = pipeline.execute()
    bypassed, untold = bypassed_today()
    answers = current_app.control.ping(timeout=ANSWER_SECONDS) or []
    alive = sorted(name for answer in answers for name in answer)
    queues = [
        Queue(name, purpose, waiting[place], [w for w in alive if w.startswith(f"{name}@")])
        for place, (name, purpose) in enumerate(QUEUES.items())
    ]
    return Queues(queues, taken, bypassed, untold)
