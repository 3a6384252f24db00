"""A made-up airline's daily schedule, the same for the same seed."""

import datetime as dt
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db import connection, transaction

from flights.airports import great_circle_km
from flights.demo.network import city_pairs
from flights.models import Airport, CabinLayout, Flight, mark_served

# FB 100/101 are the first pair out and back, FB 102/103 the second, then FC 100 and so on.
FIRST_NUMBER, NUMBERS_EACH = 100, 9900
AIRLINES = [f"{first}{second}" for first in "FGHJKL" for second in "BCDEFGHJKLMNPQRSTUVWXYZ"]
MOST_A_DAY = NUMBERS_EACH * len(AIRLINES)

TAXI = dt.timedelta(minutes=30)
GRID = dt.timedelta(minutes=5)
# Range that stays in the tanks: a detour, a diversion.
RESERVE = 1.2
# An aircraft with far more range than the way needs is wasted on it.
TOO_LARGE = 1.5
# Nobody likes to leave or to arrive in the small hours (local times).
EARLIEST, LATEST = dt.time(6), dt.time(22, 30)
ARRIVE_FROM, ARRIVE_UNTIL = dt.time(5), dt.time(23, 45)
# Only to judge local times of arrival; any winter's day does.
TYPICAL_DAY = dt.date(2026, 1, 15)
# Fares in cents: a start, and so much a kilometre.
FARE_START, FARE_PER_KM = 4000, 6.5
# Monday to Sunday.
FARE_BY_DAY = (1.0, 0.92, 0.92, 1.0, 1.12, 1.0, 1.1)


class NothingToFly(Exception):
    """Load airports and cabin layouts first (manage.py load_airports, load_layouts)."""

    def __str__(self) -> str:
        return str(self.__doc__)


@dataclass(frozen=True, slots=True)
class Service:
    """One flight that is flown every day."""

    number: str
    origin: Airport
    destination: Airport
    # Local at the origin.
    departs: dt.time
    duration: dt.timedelta
    layout: str
    fare_cents: int

    def row(self, day: dt.date) -> tuple[object, ...]:
        """The values of COLUMNS for the flight of this day."""
        departure = dt.datetime.combine(day, self.departs, self.origin.zone).astimezone(dt.UTC)
        fare = round(self.fare_cents * FARE_BY_DAY[day.weekday()], -2)
        return (
            self.number,
            self.origin.code,
            self.destination.code,
            departure,
            departure + self.duration,
            day,
            self.layout,
            int(fare),
            "EUR",
            True,
        )


COLUMNS = (
    "number, origin_id, destination_id, departure, arrival, departure_date, layout_id, "
    "base_fare_cents, currency, on_sale"
)


def seed_flights(
    *, days: Iterable[dt.date], per_day: int, seed: int
) -> Iterator[tuple[dt.date, int]]:
    """Add what is missing of each day's schedule; yields the day and how many were added.

    The same seed gives the same services; more a day adds services and changes none.
    Every day is one transaction. Raises NothingToFly.
    """
    services = daily_services(per_day, seed)
    mark_served({a.code for s in services for a in (s.origin, s.destination)})
    for day in days:
        yield day, _insert_missing([service.row(day) for service in services])


@transaction.atomic
def _insert_missing(rows: Sequence[tuple[object, ...]]) -> int:
    """By COPY: about ten times as fast as INSERT. A number that flies that day stays as it is."""
    table = Flight._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE draft AS SELECT {COLUMNS} FROM {table} WITH NO DATA")
        with cursor.copy(f"COPY draft ({COLUMNS}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            f"INSERT INTO {table} ({COLUMNS}) SELECT {COLUMNS} FROM draft "
            "ON CONFLICT (number, departure_date) DO NOTHING"
        )
        added = int(cursor.rowcount)
        cursor.execute("DROP TABLE draft")
    return added


def daily_services(count: int, seed: int) -> list[Service]:
    """The first `count` flights of every day, out and back in turn."""
    layouts = list(CabinLayout.objects.order_by("code"))
    airports = Airport.objects.in_bulk()
    reach = max((layout.parsed.range_km for layout in layouts), default=0) / RESERVE
    pairs = islice(city_pairs(airports, reach), (count + 1) // 2)
    services = [
        _service(2 * index + back, airports[ends[back]], airports[ends[1 - back]], layouts, seed)
        for index, ends in enumerate(pairs)
        for back in (0, 1)
    ]
    if count and not services:
        raise NothingToFly
    return services[:count]


def _service(
    index: int, origin: Airport, destination: Airport, layouts: Sequence[CabinLayout], seed: int
) -> Service:
    # Out and back use the same aircraft, so they draw it from the same dice.
    pair_dice, dice = random.Random(f"{seed}/{index // 2}"), random.Random(f"{seed}:{index}")
    km = great_circle_km(origin, destination)
    layout = pair_dice.choice(_suitable(layouts, km))
    duration = _block_time(km, layout.parsed.speed_kmh)
    departs = _departure(dice, origin, destination, duration)
    airline, number = divmod(index, NUMBERS_EACH)
    return Service(
        number=f"{AIRLINES[airline]}{FIRST_NUMBER + number}",
        origin=origin,
        destination=destination,
        departs=departs,
        duration=duration,
        layout=layout.code,
        fare_cents=_fare_cents(km, departs, pair_dice.uniform(0.9, 1.1)),
    )


def _suitable(layouts: Sequence[CabinLayout], km: float) -> list[CabinLayout]:
    in_range = [layout for layout in layouts if layout.parsed.range_km >= km * RESERVE]
    least = min(layout.parsed.range_km for layout in in_range)
    return [layout for layout in in_range if layout.parsed.range_km <= least * TOO_LARGE]


def _block_time(km: float, speed_kmh: int) -> dt.timedelta:
    """From gate to gate, rounded up to five minutes."""
    return -(-(TAXI + dt.timedelta(hours=km / speed_kmh)) // GRID) * GRID


def _departure(
    dice: random.Random, origin: Airport, destination: Airport, duration: dt.timedelta
) -> dt.time:
    """A local time at which both ends are awake; the last try where no time is."""
    slots = range(EARLIEST.hour * 12, LATEST.hour * 12 + LATEST.minute // 5 + 1)
    for _ in range(40):
        departs = (dt.datetime.min + GRID * dice.choice(slots)).time()
        left = dt.datetime.combine(TYPICAL_DAY, departs, origin.zone)
        arrives = (left.astimezone(dt.UTC) + duration).astimezone(destination.zone).time()
        if ARRIVE_FROM <= arrives <= ARRIVE_UNTIL:
            break
    return departs


def _fare_cents(km: float, departs: dt.time, mood: float) -> int:
    """By distance, and by how many want that hour: the rush costs more, late and noon less."""
    rush = 1.2 if departs.hour in (6, 7, 8, 17, 18, 19) else 1.0
    quiet = 0.85 if departs.hour in (12, 13, 21, 22) else 1.0
    return round((FARE_START + FARE_PER_KM * km) * rush * quiet * mood)
