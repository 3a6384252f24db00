"""Redis makes things faster and is never needed: when it is away, everything goes on without it."""

import logging
import time
from collections import Counter as Counts
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from django_redis import get_redis_connection
from kombu.exceptions import OperationalError
from prometheus_client import Counter
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

BYPASSED = Counter("redis_bypassed", "Calls that went on without Redis", ["purpose"])

# After a failure nobody asks again for this long, so that a Redis that hangs costs one
# request its time-out and not every request.
REST_SECONDS = 2.0

# A process tells Redis how often it went on without it as soon as Redis answers again. So all
# processes together are counted, but for those that ended before; kept for a day or two.
TOLD = "bypassed:{day:%Y-%m-%d}"
TOLD_SECONDS = 2 * 24 * 3600

_away_until = 0.0
# Counted here and not told yet.
_untold: Counts[str] = Counts()


def ask_redis[T](purpose: str, call: Callable[[], T], *, otherwise: T) -> T:
    """What `call` returns, or `otherwise` when Redis (or the broker on it) does not answer."""
    if time.monotonic() < _away_until:
        _note(purpose)
        return otherwise
    try:
        answer = call()
    except (RedisError, OperationalError, OSError) as error:
        rest(REST_SECONDS)
        _note(purpose)
        log.warning("Redis is away, %s goes on without it: %r", purpose, error)
        return otherwise
    if _untold:
        _tell()
    return answer


def rest(seconds: float) -> None:
    """Go on without Redis for so long; with 0 the next call asks again."""
    global _away_until
    _away_until = time.monotonic() + seconds


def untold() -> Mapping[str, int]:
    """How often this process went on without Redis and has not told yet, by purpose."""
    return dict(_untold)


def bypassed_today() -> tuple[Mapping[str, int], Mapping[str, int]]:
    """How often each purpose went on without Redis today (UTC): by all processes, as they told
    it; and by this one since, not told yet. Raises RedisError."""
    told = get_redis_connection().hgetall(TOLD.format(day=datetime.now(UTC)))
    return {purpose.decode(): int(count) for purpose, count in told.items()}, untold()


def _note(purpose: str) -> None:
    BYPASSED.labels(purpose).inc()
    _untold[purpose] += 1


def _tell() -> None:
    global _untold
    # Taken before it is told, so that two threads do not tell it twice.
    taken, _untold = _untold, Counts()
    key = TOLD.format(day=datetime.now(UTC))
    try:
        with get_redis_connection().pipeline() as pipeline:
            for purpose, count in taken.items():
                pipeline.hincrby(key, purpose, count)
            pipeline.expire(key, TOLD_SECONDS)
            pipeline.execute()
    except (RedisError, OSError):
        _untold += taken
