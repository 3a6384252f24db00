"""What changed on a flight, told to whoever is looking at its seat map.

The saga calls `announce` after each commit that gave or took a seat. The message goes to the
Redis channel `flight:<id>`; nobody has to listen, and a lost message loses nothing, because
the map is always drawn from Postgres.
"""

import json
from collections.abc import Sequence

from django_redis import get_redis_connection

from bookings.redis_circuit import ask_redis


def channel(flight_id: int) -> str:
    """The Redis channel on which this flight's seat changes are published."""
    return f"flight:{flight_id}"


def announce(*, flight_id: int, seats: Sequence[str]) -> None:
    """Say that these seats look different now. Says nothing of whose they are."""
    if not seats:
        return
    message = json.dumps({"seats": sorted(seats)})
    ask_redis(
        "live seat map",
        lambda: get_redis_connection().publish(channel(flight_id), message),
        otherwise=0,
    )
