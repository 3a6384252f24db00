"""Airports, a small aircraft, and flights between them."""

import datetime as dt
from typing import Any

from django.utils import timezone

from flights.models import Airport, CabinLayout, Flight

# Twelve seats: three rows of two and two.
SMALL = """\
# Made up.
aircraft Small One
range 3000 km
speed 800 km/h
cabin economy AB CD fare 1
1-3 AB CD
"""

AIRPORTS = {
    "CDG": ("Charles de Gaulle", "Paris", "FR", "Europe/Paris", 49.01, 2.55),
    "JFK": ("John F Kennedy", "New York", "US", "America/New_York", 40.64, -73.78),
    "HND": ("Haneda", "Tokyo", "JP", "Asia/Tokyo", 35.55, 139.78),
    "LHR": ("London Heathrow", "London", "GB", "Europe/London", 51.47, -0.46),
    "LGW": ("London Gatwick", "London", "GB", "Europe/London", 51.15, -0.18),
    "ZRH": ("Zürich-Kloten", "Zürich", "CH", "Europe/Zurich", 47.46, 8.55),
    "GRU": ("Guarulhos", "São Paulo", "BR", "America/Sao_Paulo", -23.44, -46.47),
    "OSL": ("Gardermoen", "Oslo", "NO", "Europe/Oslo", 60.2, 11.1),
}


def an_airport(code: str = "CDG") -> Airport:
    name, city, country, time_zone, latitude, longitude = AIRPORTS[code]
    fields = {
        "name": name,
        "city": city,
        "country": country,
        "time_zone": time_zone,
        "latitude": latitude,
        "longitude": longitude,
    }
    return Airport.objects.get_or_create(code=code, defaults=fields)[0]


def a_layout(code: str = "small", source: str = SMALL) -> CabinLayout:
    return CabinLayout.objects.get_or_create(code=code, defaults={"source": source})[0]


def a_flight(number: str = "FB100", origin: str = "CDG", to: str = "JFK", **fields: Any) -> Flight:
    """Tomorrow, unless `departure` says otherwise; two hours long."""
    departure = fields.setdefault("departure", timezone.now() + dt.timedelta(days=1))
    return Flight.objects.create(
        **{
            "number": number,
            "origin": an_airport(origin),
            "destination": an_airport(to),
            "arrival": departure + dt.timedelta(hours=2),
            "layout": a_layout(),
            "base_fare_cents": 10_000,
            **fields,
        }
    )


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
