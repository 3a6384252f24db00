"""Flights and their seats, for anybody."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from ninja import Path, Query, Router

from bookings.api.errors import refusals
from bookings.api.schemas import (
    FlightDetail,
    FlightIdInPath,
    FlightPage,
    FlightSummary,
    Search,
    SeatMap,
    SeatShape,
    SeatState,
)
from bookings.errors import FlightNotFound
from bookings.seats.seat_map import SeatStatus, owned_seats, seats_left
from flights import known_flights
from flights.cabin.seats import Layout, price_cents
from flights.models import Flight
from flights.search import search_flights

router = Router(tags=["Flights"])

# Whoever holds a seat, the API tells only that it is taken, and whether for good.
STATUS: dict[SeatStatus, SeatState] = {
    SeatStatus.HELD: "reserved",
    SeatStatus.BOOKED: "booked",
}


@router.get(
    "/flights",
    response={200: FlightPage} | refusals(),
    by_alias=True,
    operation_id="listFlights",
    summary="Find flights",
)
def list_flights(request: HttpRequest, search: Query[Search]) -> FlightPage:
    """Flights on sale that have not departed, soonest first; without filters the next 100.

    Follow `next` to see more: give it as `after`, with the same filters.
    """
    page = search_flights(
        origin=search.origin,
        destination=search.destination,
        date=search.date,
        after=search.after,
        limit=search.limit,
    )
    left = seats_left(page.flights)
    return FlightPage(
        flights=[
            FlightSummary(**_summary(flight, available=left[flight.pk])) for flight in page.flights
        ],
        next=page.next_cursor,
    )


@router.get(
    "/flights/{flight_id}",
    response={200: FlightDetail} | refusals(FlightNotFound),
    by_alias=True,
    operation_id="getFlight",
    summary="A flight with its seat map",
)
def get_flight(request: HttpRequest, flight_id: Path[FlightIdInPath]) -> FlightDetail:
    """Every seat with its price, and whether it is available now."""
    flight = Flight.objects.select_related("layout").filter(pk=flight_id).first()
    if flight is None:
        raise FlightNotFound
    known_flights.remember(flight)
    layout = flight.layout.parsed
    owned = owned_seats(flight.pk)
    return FlightDetail(
        **_summary(flight, available=len(layout.seats.keys() - owned.keys())),
        aircraft=layout.aircraft,
        seat_map=_seat_map(layout, flight.base_fare_cents, owned),
    )


def _summary(flight: Flight, *, available: int) -> dict[str, Any]:
    return {
        "id": str(flight.pk),
        "flight_number": flight.number,
        "origin": flight.origin_id,
        "destination": flight.destination_id,
        "departure_time": flight.departure,
        "arrival_time": flight.arrival,
        "total_seats": flight.layout.total_seats,
        "available_seats": available,
        "price_cents": flight.price_from_cents,
        "currency": flight.currency,
    }


def _seat_map(layout: Layout, base_fare_cents: int, owned: Mapping[str, SeatStatus]) -> SeatMap:
    return SeatMap(
        rows=layout.rows[-1].number,
        seats_per_row=layout.seats_per_row,
        seats=[
            SeatShape(
                id=seat.id,
                row=seat.row,
                column=seat.letter,
                position=seat.column,
                status=STATUS[owned[seat.id]] if seat.id in owned else "available",
                cabin=seat.cabin,
                features=seat.features,
                price_cents=price_cents(seat, base_fare_cents),
            )
            for seat in layout.seats.values()
        ],
    )
