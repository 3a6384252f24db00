"""Flights and their seats, for anybody."""

import json
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from bookings.api.errors import refusals
from bookings.api.fares import offered
from bookings.api.fields import FlightIdInPath, SeatState
from bookings.api.schemas import (
    FlightDetail,
    FlightPage,
    FlightSummary,
    Search,
    SeatMap,
    SeatShape,
)
from bookings.errors import FlightNotFound
from bookings.seats.seat_map import SeatStatus, look, statuses, taken_seats
from flights.cabin.seats import price_cents
from flights.cabin.text import parse
from flights.models import Flight
from flights.money import Money
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
    taken = taken_seats(page.flights)
    return FlightPage(
        flights=[
            FlightSummary(
                **_summary(flight, available=flight.layout.total_seats - len(taken[flight.pk]))
            )
            for flight in page.flights
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
def get_flight(
    request: HttpRequest, response: HttpResponse, flight_id: Path[FlightIdInPath]
) -> HttpResponse:
    """Every seat with its price, and whether it is available now."""
    seen = look(flight_id)
    flight, layout = seen.flight, seen.flight.layout.parsed
    available = len(layout.seats.keys() - statuses(seen.taken).keys())
    summary = FlightSummary(**_summary(flight, available=available)).model_dump(by_alias=True)
    head = json.dumps({**summary, "aircraft": layout.aircraft, "fares": offered(flight)})
    head = head.removesuffix("}")
    seat_map = _seat_map(flight.layout.source, flight.base_fare, seen.taken)
    response.content = f'{head}, "seatMap": {seat_map}}}'
    return response


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


@lru_cache(maxsize=128)
def _seat_map(source: str, fare: Money, taken: str) -> str:
    """Kept for as long as the same seats are taken."""
    owned, parts = statuses(taken), list(_all_available(source, fare))
    for place, seat in enumerate(parse(source).seats):
        status = STATUS[owned[seat]] if seat in owned else "available"
        parts[place] += f'"{status}"'
    return "".join(parts)


@lru_cache(maxsize=128)
def _all_available(source: str, fare: Money) -> tuple[str, ...]:
    """What stands before the status of each seat, and behind the last one's."""
    layout = parse(source)
    seats = [
        SeatShape(
            id=seat.id,
            row=seat.row,
            column=seat.letter,
            position=seat.column,
            status="available",
            cabin=seat.cabin,
            features=seat.features,
            price_cents=price_cents(seat, fare),
        )
        for seat in layout.seats.values()
    ]
    drawn = SeatMap(rows=layout.rows[-1].number, seats_per_row=layout.seats_per_row, seats=seats)
    return tuple(json.dumps(drawn.model_dump(by_alias=True)).split('"available"'))
