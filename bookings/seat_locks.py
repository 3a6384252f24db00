"""One Redis lock per seat: the bouncer at the door.

A lock refuses nobody by itself. Redis says who may be holding a seat, in one round trip and
before any transaction is opened; the saga then reads that seat's claim in Postgres, and only
the claim refuses. A lock without a claim is stale (a crash, a lost release) and is taken over.

Assumptions: a lock is set before its claim is inserted and deleted after its claim is
deleted, so a claim without a lock happens only when Redis was away or flushed, and a lock
without a claim heals by itself after `ttl`.
"""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django_redis import get_redis_connection

from bookings.redis_circuit import ask_redis

# Longer than any hold, so that a lock outlives the hold it stands for.
EXTRA_SECONDS = 120

# All the seats or none: returns the positions of those that somebody else holds.
TAKE = """
local taken = {}
local owners = redis.call('MGET', unpack(KEYS))
for i, owner in ipairs(owners) do
  if owner and owner ~= ARGV[1] then taken[#taken + 1] = i end
end
if #taken == 0 or ARGV[3] == 'over' then
  for _, key in ipairs(KEYS) do redis.call('SET', key, ARGV[1], 'EX', ARGV[2]) end
end
return taken
"""

# Compare and delete: never somebody else's lock.
RELEASE = """
local owners = redis.call('MGET', unpack(KEYS))
for i, key in ipairs(KEYS) do
  if owners[i] == ARGV[1] then redis.call('DEL', key) end
end
"""


def take(
    *, flight_id: int, seats: Sequence[str], booking_id: UUID, over: bool = False
) -> list[str]:
    """Lock every seat, or none and return those locked by another booking.

    With `over` the locks are taken whoever has them. Taking one's own again re-arms it.
    """
    if not seats:
        return []
    seconds = settings.SEAT_HOLD_SECONDS + EXTRA_SECONDS
    arguments: list[str | int] = [str(booking_id), seconds, "over" if over else ""]
    positions = _run(TAKE, flight_id, seats, arguments)
    return [] if over else [seats[position - 1] for position in positions]


def release(*, flight_id: int, seats: Sequence[str], booking_id: UUID) -> None:
    """Unlock those of the seats that this booking has locked."""
    if seats:
        _run(RELEASE, flight_id, seats, [str(booking_id)])


def _run(
    script: str, flight_id: int, seats: Sequence[str], arguments: list[str | int]
) -> list[int]:
    def call() -> list[int]:
        keys = [f"seat:{flight_id}:{seat}" for seat in seats]
        return get_redis_connection().eval(script, len(keys), *keys, *arguments) or []

    return ask_redis("seat lock", call, otherwise=[])
