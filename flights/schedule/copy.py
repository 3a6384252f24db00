"""More of the same: a day's flights on other days, a week's until the season ends; and all of
it written down as the file that `import_flights` reads."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from django.db import transaction
from django.db.models import IntegerField, QuerySet, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from flights.models import Flight, FlightEvent, mark_served
from flights.schedule.rows import OPTIONAL, REQUIRED

COLUMNS = (*REQUIRED, *OPTIONAL)
NUMBERS = {COLUMNS.index("base_fare")}
LONGEST_SEASON = dt.timedelta(days=370)


def copy_day(day: dt.date, to: Iterable[dt.date]) -> Iterator[tuple[dt.date, int]]:
    """Add the day's flights to other days; yields each day and how many were added to it.

    At the same local times, as they were planned before any delay; cancelled ones are left out.
    A number that flies on a day already stays as it is there. Every day is one transaction.
    """
    flights = list(_planned(Flight.objects.filter(departure_date=day, cancelled_at=None)))
    mark_served({code for f in flights for code in (f.origin_id, f.destination_id)})
    for other in to:
        yield other, _add(flights, other - day)


def copy_week(first: dt.date, until: dt.date) -> Iterator[tuple[dt.date, int]]:
    """Repeat the seven days from `first`, each on its own weekday, to `until` (included)."""
    days = (until - first).days + 1
    for offset in range(7):
        later = range(offset + 7, days, 7)
        day = first + dt.timedelta(days=offset)
        yield from copy_day(day, [first + dt.timedelta(days=n) for n in later])


def schedule_rows(flights: QuerySet[Flight]) -> Iterator[Sequence[str]]:
    """The header and a row for each flight: what `import_flights` reads, as it was planned."""
    yield COLUMNS
    for flight in _planned(flights):
        yield (
            flight.number,
            flight.origin_id,
            flight.destination_id,
            flight.local_departure.isoformat(timespec="seconds"),
            flight.local_arrival.isoformat(timespec="seconds"),
            flight.layout_id,
            str(flight.base_fare.amount),
            flight.currency,
            "yes" if flight.on_sale else "no",
        )


def _planned(flights: QuerySet[Flight]) -> Iterator[Flight]:
    """The flights at the times they had before they were delayed."""
    minutes = Cast(KT("changes__minutes"), IntegerField())
    delays = FlightEvent.objects.filter(name="delayed", flight__in=flights).order_by()
    late = dict(delays.values_list("flight").annotate(minutes=Sum(minutes)))
    related = flights.select_related("origin", "destination").order_by("departure", "id")
    for flight in related.iterator(chunk_size=2000):
        delay = dt.timedelta(minutes=late.get(flight.pk, 0))
        flight.departure, flight.arrival = flight.departure - delay, flight.arrival - delay
        yield flight


@transaction.atomic
def _add(flights: Sequence[Flight], later: dt.timedelta) -> int:
    """Those flights so many days later that are not there yet; returns how many."""
    if not flights:
        return 0
    there = Flight.objects.filter(departure_date=flights[0].departure_date + later)
    numbers = set(there.values_list("number", flat=True))
    new = [_moved(flight, later) for flight in flights if flight.number not in numbers]
    # Somebody else may be adding the same ones at this moment.
    Flight.objects.bulk_create(new, ignore_conflicts=True)
    return there.count() - len(numbers)


def _moved(flight: Flight, later: dt.timedelta) -> Flight:
    """The flight at the same local time, and as long. A time that clocks skip that day is the
    one they show instead."""
    left = flight.local_departure
    wall = dt.datetime.combine(left.date() + later, left.time(), flight.origin.zone)
    departure = wall.astimezone(dt.UTC)
    return Flight(
        number=flight.number,
        origin_id=flight.origin_id,
        destination_id=flight.destination_id,
        departure=departure,
        arrival=departure + flight.duration,
        departure_date=flight.departure_date + later,
        layout_id=flight.layout_id,
        base_fare_cents=flight.base_fare_cents,
        currency=flight.currency,
    )
