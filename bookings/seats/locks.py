"""One Redis lock per seat: a pre-check.

A lock refuses nobody by itself. Redis says who may be holding a seat, in one round trip and
before any transaction is opened; the saga then reads that seat's claim in Postgres, and only
the claim refuses. A lock without a claim is stale (a crash, a lost release) and is taken over.

Assumptions: a lock is set before its claim is inserted and deleted after its claim is
deleted, so a claim without a lock happens only when Redis was away or flushed, and a lock
without a claim heals by itself after `ttl`.
"""

from collections.abc import Sequence

from django.conf import settings
from django_redis import get_redis_connection

from bookings.models import Booking
from flights.redis_circuit import ask_redis

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


def lock_name(flight_id: int, seat: str) -> str:
    """The lock's key: "seat:{42}:12A". A cluster puts keys by what stands in braces, so that all
    seats of a flight are on one node, as one script needs them."""
    return f"seat:{{{flight_id}}}:{seat}"


def take(booking: Booking, seats: Sequence[str], *, over: bool = False) -> list[str]:
    """Lock every seat, or none and return those locked by another booking.

    With `over` the locks are taken whoever has them. Taking one's own again re-arms it.
    """
    if not seats:
        return []
    seconds = settings.SEAT_HOLD_SECONDS + EXTRA_SECONDS
    positions = _run(TAKE, booking, seats, seconds, "over" if over else "")
    return [] if over else [seats[position - 1] for position in positions]


def release(booking: Booking, seats: Sequence[str]) -> None:
    """Unlock those of the seats that this booking has locked."""
    if seats:
        _run(RELEASE, booking, seats)


def _run(script: str, booking: Booking, seats: Sequence[str], *more: int | str) -> list[int]:
    def call() -> list[int]:
        keys = [lock_name(booking.flight_id, seat) for seat in seats]
        redis = get_redis_connection()
        return redis.eval(script, len(keys), *keys, str(booking.id), *more) or []

    return ask_redis("seat lock", call, otherwise=[])
