"""Redis makes things faster and is never needed: when it is away, everything goes on without it."""

import logging
import time
from collections.abc import Callable

from kombu.exceptions import OperationalError
from prometheus_client import Counter
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

BYPASSED = Counter("redis_bypassed", "Calls that went on without Redis", ["purpose"])

# After a failure nobody asks again for this long, so that a Redis that hangs costs one
# request its time-out and not every request.
REST_SECONDS = 2.0

_away_until = 0.0


def ask_redis[T](purpose: str, call: Callable[[], T], *, otherwise: T) -> T:
    """What `call` returns, or `otherwise` when Redis (or the broker on it) does not answer."""
    global _away_until
    if time.monotonic() < _away_until:
        BYPASSED.labels(purpose).inc()
        return otherwise
    try:
        return call()
    except (RedisError, OperationalError, OSError) as error:
        _away_until = time.monotonic() + REST_SECONDS
        BYPASSED.labels(purpose).inc()
        log.warning("Redis is away, %s goes on without it: %r", purpose, error)
        return otherwise
