"""Fares as this process read them a moment ago.

One that was sold never changes, so whoever has its id need not ask again. Which are sold now may be
out of date here: whoever sells by it asks again in the statement that sells, see FARE_SOLD in
bookings/saga/conditions.py.
"""

import time
from collections.abc import Sequence

from flights.models import Fare

SECONDS = 30

_known: dict[int, Fare] = {}
# Those that are sold, and when that was read.
_sold: tuple[Sequence[Fare], float] = ((), 0.0)


def get(fare_id: int) -> Fare:
    """The fare by which something was sold. Raises Fare.DoesNotExist."""
    if fare_id not in _known:
        _known[fare_id] = Fare.objects.get(pk=fare_id)
    return _known[fare_id]


def sold() -> Sequence[Fare]:
    """The fares that can be chosen now, the cheapest first."""
    global _sold
    fares, read_at = _sold
    if not fares or time.monotonic() - read_at > SECONDS:
        fares = list(Fare.objects.filter(on_sale=True).order_by("percent", "id"))
        _known.update({fare.pk: fare for fare in fares})
        _sold = fares, time.monotonic()
    return fares


def forget() -> None:
    """Some have changed: read them again the next time."""
    global _sold
    _known.clear()
    _sold = (), 0.0
