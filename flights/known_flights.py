"""Flights as this process read them a moment ago: their aircraft, fare and cabin.

Not whether they are sold. Whoever decides something by one compares what it decided by with the
flight's row, in the statement that decides; see bookings/saga/transitions.py.
"""

import time
from collections import OrderedDict
from threading import Lock

from flights.models import Flight

MOST = 2000
# Whoever shows a flight remembers it, so it is never older here than what was shown last.
SECONDS = 30

_known: OrderedDict[int, tuple[Flight, float]] = OrderedDict()
_lock = Lock()


def get(flight_id: int) -> Flight:
    """The flight with its layout. Raises Flight.DoesNotExist."""
    flight, read_at = _known.get(flight_id, (None, 0.0))
    if flight and time.monotonic() - read_at < SECONDS:
        return flight
    flight = Flight.objects.select_related("layout").get(pk=flight_id)
    remember(flight)
    return flight


def remember(flight: Flight) -> None:
    """It was read just now, with its layout."""
    with _lock:
        _known[flight.pk] = flight, time.monotonic()
        _known.move_to_end(flight.pk)
        if len(_known) > MOST:
            _known.popitem(last=False)


def forget(flight_id: int | None = None) -> None:
    """It has changed, or any of them has: read it again the next time."""
    with _lock:
        if flight_id is None:
            _known.clear()
        else:
            _known.pop(flight_id, None)
