"""Staff's pages of what is for sale: airports, cabin layouts, fares, flights, the schedule."""

from flights.admin.airports import AirportAdmin
from flights.admin.cabin_layouts import CabinLayoutAdmin
from flights.admin.fares import FareAdmin
from flights.admin.flights import FlightAdmin

__all__ = ["AirportAdmin", "CabinLayoutAdmin", "FareAdmin", "FlightAdmin"]
