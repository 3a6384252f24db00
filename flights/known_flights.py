"""Flights as this process read them last: their aircraft, fare and cabin, and not if they are sold.

Whoever decides something by one compares what it decided by with the flight's row, in the
statement that decides; see bookings/saga/transitions.py.
"""

from collections import OrderedDict
from threading import Lock

from flights.models import CabinLayout, Flight

KNOWN = 5000

_known: OrderedDict[int, Flight] = OrderedDict()
# One for all the flights that have it: its text is long.
_layouts: dict[tuple[str, int], CabinLayout] = {}
_lock = Lock()


def get(flight_id: int) -> tuple[Flight, bool]:
    """The flight with its layout, and whether it was read just now. Raises DoesNotExist."""
    with _lock:
        if flight := _known.get(flight_id):
            _known.move_to_end(flight_id)
            return flight, False
    flight = Flight.objects.select_related("layout").get(pk=flight_id)
    with _lock:
        key = flight.layout_id, flight.layout.version
        flight.layout = _layouts.setdefault(key, flight.layout)
        _known[flight_id] = flight
        if len(_known) > KNOWN:
            _known.popitem(last=False)
    return flight, True


def forget(flight_id: int) -> None:
    """It has changed: read it again the next time."""
    with _lock:
        _known.pop(flight_id, None)
