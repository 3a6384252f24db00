"""Flights as this process read them a moment ago: their aircraft, fare, cabin and airports.

Not whether they are sold. Whoever decides something by one compares what it decided by with the
flight's row, in the statement that decides; see bookings/saga/transitions.py. Whoever shows one
reads its row, and only what stands behind it, which hardly ever changes, is known from before.
"""

import time
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Any

from flights.models import Flight

MOST = 2000
# Whoever shows a flight remembers it, so it is never older here than what was shown last. Its
# airports may be.
SECONDS = 30

FIELDS = [field.attname for field in Flight._meta.concrete_fields]
# What a statement selects to show a flight, from FROM: see `as_now`.
COLUMNS = ", ".join([*(f"f.{name}" for name in FIELDS), "l.version"])
FROM = "flights_flight f JOIN flights_cabinlayout l ON l.code = f.layout_id"

_known: OrderedDict[int, tuple[Flight, float]] = OrderedDict()
_lock = Lock()


def get(flight_id: int) -> Flight:
    """The flight with its layout and airports. Raises Flight.DoesNotExist."""
    return _recent(flight_id) or _read(flight_id)


def as_now(row: Sequence[Any]) -> Flight:
    """The flight whose row (COLUMNS) was read just now, with its layout and airports.

    It is the very one that was known before, as long as nothing of it has changed. Raises
    Flight.DoesNotExist.
    """
    known = _recent(row[0])
    return known if known and list(row) == _row_of(known) else _read(row[0])


def _recent(flight_id: int) -> Flight | None:
    flight, read_at = _known.get(flight_id, (None, 0.0))
    return flight if time.monotonic() - read_at < SECONDS else None


def _row_of(flight: Flight) -> list[Any]:
    return [*(getattr(flight, name) for name in FIELDS), flight.layout.version]


def _read(flight_id: int) -> Flight:
    related = Flight.objects.select_related("layout", "origin", "destination")
    flight = related.get(pk=flight_id)
    with _lock:
        _known[flight.pk] = flight, time.monotonic()
        _known.move_to_end(flight.pk)
        if len(_known) > MOST:
            _known.popitem(last=False)
    return flight


def forget(flight_id: int | None = None) -> None:
    """It has changed, or any of them has: read it again the next time."""
    with _lock:
        if flight_id is None:
            _known.clear()
        else:
            _known.pop(flight_id, None)
