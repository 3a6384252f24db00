"""Airports: where they come from and how far apart they are."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

import airportsdata

from flights.models import Airport

EARTH_RADIUS_KM = 6371.0
COLUMNS = ("name", "city", "country", "time_zone", "latitude", "longitude", "keywords")


@dataclass(frozen=True)
class Loaded:
    """What loading changed, in rows."""

    new: int
    changed: int
    unchanged: int

    def __str__(self) -> str:
        return f"{self.new} new, {self.changed} changed, {self.unchanged} unchanged"


def load_airports() -> Loaded:
    """Write every airport with an IATA code that `airportsdata` knows; others stay as they are."""
    wanted = real_airports()
    stored = {airport.code: _values(airport) for airport in Airport.objects.all()}
    different = [a for a in wanted if stored.get(a.code) != _values(a)]
    Airport.objects.bulk_create(
        different, update_conflicts=True, unique_fields=["code"], update_fields=COLUMNS
    )
    changed = sum(airport.code in stored for airport in different)
    return Loaded(len(different) - changed, changed, len(wanted) - len(different))


def real_airports() -> list[Airport]:
    """Every airport with an IATA code, not saved."""
    return [_airport(fields) for fields in airportsdata.load("IATA").values()]


def _airport(fields: airportsdata.Airport) -> Airport:
    airport = Airport(
        code=fields["iata"],
        name=fields["name"],
        # A few small airfields have no city; their name is the place.
        city=fields["city"] or fields["name"].removesuffix(" Airport"),
        country=fields["country"],
        time_zone=fields["tz"],
        latitude=fields["lat"],
        longitude=fields["lon"],
    )
    airport.set_keywords()
    return airport


def _values(airport: Airport) -> list[object]:
    return [getattr(airport, column) for column in COLUMNS]


def great_circle_km(one: Airport, other: Airport) -> float:
    """The shortest way over the ground, by the haversine formula."""
    lat1, lat2 = radians(one.latitude), radians(other.latitude)
    lon = radians(other.longitude - one.longitude)
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin(lon / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(half))
