"""How often something was tried: so that nobody guesses.

Counted in Redis for all processes together; while it is away each process counts by itself.
"""

import time
from collections import Counter

from django.utils.crypto import salted_hmac
from django_redis import get_redis_connection

from flights.redis_circuit import ask_redis

# Of this process, by what was tried and in which stretch of time.
_here: Counter[str] = Counter()
MOST_HERE = 100_000


def count_try(what: str, who: str, *, seconds: int) -> int:
    """The how-manieth try of this it is, by `who`, since a stretch of so many seconds began."""
    stretch = int(time.time()) // seconds
    # Nobody reads in Redis who asked for what.
    key = f"tries:{what}:{salted_hmac(what, who, algorithm='sha256').hexdigest()[:24]}:{stretch}"

    def call() -> int:
        pipeline = get_redis_connection().pipeline()
        pipeline.incr(key)
        pipeline.expire(key, seconds)
        return int(pipeline.execute()[0])

    if len(_here) >= MOST_HERE:
        _here.clear()
    _here[key] += 1
    return ask_redis("count of tries", call, otherwise=_here[key])
