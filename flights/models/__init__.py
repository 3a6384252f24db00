"""What is for sale: airports, cabin layouts and flights. Nothing here knows a customer."""

from flights.models.airport import Airport, mark_served
from flights.models.cabin_layout import CabinLayout, lost_seats
from flights.models.fare import FIRST_STANDARD, STANDARD, Fare
from flights.models.flight import (
    OTHER_YEARS,
    YEARS,
    Flight,
    FlightEvent,
    currency_code,
)
from flights.models.number import flight_number, number_words, read_number
from flights.models.schedule_import import ScheduleImport

__all__ = [
    "FIRST_STANDARD",
    "OTHER_YEARS",
    "STANDARD",
    "YEARS",
    "Airport",
    "CabinLayout",
    "Fare",
    "Flight",
    "FlightEvent",
    "ScheduleImport",
    "currency_code",
    "flight_number",
    "lost_seats",
    "mark_served",
    "number_words",
    "read_number",
]
