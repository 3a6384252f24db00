"""Flights and seat maps, as programs see them."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from flights.models import CabinLayout, Flight
from tests.bookings.api.conftest import Program
from tests.people import LAYOUT, a_confirmed_booking, a_flight, a_hold, run_out

pytestmark = pytest.mark.django_db(transaction=True)

SUMMARY = {
    "id",
    "flightNumber",
    "origin",
    "destination",
    "departureTime",
    "arrivalTime",
    "totalSeats",
    "availableSeats",
    "priceCents",
    "currency",
}


def seats_of(api: Program, flight: Flight) -> dict[str, dict[str, object]]:
    seats = api.get(f"/flights/{flight.pk}").json()["seatMap"]["seats"]
    return {seat["id"]: seat for seat in seats}


def test_the_next_departures_are_listed_without_any_filter(api: Program, flight: Flight) -> None:
    answer = api.get("/flights")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/json")
    body = answer.json()
    assert body.keys() == {"flights", "next"}
    assert body["next"] is None
    (only,) = body["flights"]
    assert only.keys() == SUMMARY
    assert only["id"] == str(flight.pk)
    assert only["flightNumber"] == "AF1234"
    assert (only["origin"], only["destination"]) == ("CDG", "JFK")
    assert (only["totalSeats"], only["availableSeats"]) == (180, 180)
    assert (only["priceCents"], only["currency"]) == (20_000, "EUR")


def test_times_are_utc_and_say_so(api: Program, flight: Flight) -> None:
    (only,) = api.get("/flights").json()["flights"]
    expected = flight.departure.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert only["departureTime"] == expected
    assert only["arrivalTime"].endswith("Z")


def test_taken_seats_are_not_available(api: Program, flight: Flight) -> None:
    a_hold(flight, "12A", "12B")
    a_confirmed_booking(flight, "1C")
    (only,) = api.get("/flights").json()["flights"]
    assert only["availableSeats"] == 177
    assert api.get(f"/flights/{flight.pk}").json()["availableSeats"] == 177


def test_filters_leave_the_flights_that_match(api: Program, flight: Flight) -> None:
    day = flight.local_departure.date()
    for query in ("origin=CDG", "origin=cdg&destination=JFK", f"date={day}", f"date={day}&limit=1"):
        assert len(api.get(f"/flights?{query}").json()["flights"]) == 1, query
    for query in ("origin=JFK", "destination=CDG", f"date={day + timedelta(days=1)}"):
        assert api.get(f"/flights?{query}").json()["flights"] == [], query


def test_next_leads_through_all_flights_once(api: Program, flight: Flight) -> None:
    others = [a_flight(f"AF{number}", departure=flight.departure) for number in range(1, 5)]
    seen: list[str] = []
    page = api.get("/flights?limit=2").json()
    while page["next"]:
        seen += [flight["id"] for flight in page["flights"]]
        page = api.get(f"/flights?limit=2&after={page['next']}").json()
    seen += [flight["id"] for flight in page["flights"]]
    assert sorted(seen) == sorted(str(each.pk) for each in [flight, *others])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("limit=5.0", "limit"),
        ("limit=", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("date=tomorrow", "date"),
        ("date=5", "date"),
        ("date=2026-13-01", "date"),
        ("date=0001-01-01", "date"),
        ("date=", "date"),
        ("origin=PARIS", "origin"),
        ("origin=", "origin"),
        ("origin=%00%00%00", "origin"),
        ("destination=%F0%9F%92%BA", "destination"),
        ("after=page2", "after"),
        ("after=", "after"),
        ("origin=QQQ", "airport"),
    ],
)
def test_a_filter_that_makes_no_sense_is_named(api: Program, query: str, field: str) -> None:
    answer = api.get(f"/flights?{query}")
    assert answer.status_code == 400
    assert answer.json().keys() == {"error", "message"}
    assert answer.json()["error"] == "INVALID_REQUEST"
    assert field in answer.json()["message"]


def test_a_flight_comes_with_every_seat(api: Program, flight: Flight) -> None:
    answer = api.get(f"/flights/{flight.pk}")
    assert answer.status_code == 200
    body = answer.json()
    assert body.keys() >= SUMMARY | {"seatMap"}
    assert body["seatMap"].keys() == {"rows", "seatsPerRow", "seats"}
    assert (body["seatMap"]["rows"], body["seatMap"]["seatsPerRow"]) == (30, 6)
    assert len(body["seatMap"]["seats"]) == 180
    assert seats_of(api, flight)["12A"] == {
        "id": "12A",
        "row": 12,
        "column": "A",
        "position": 1,
        "status": "available",
        "cabin": "economy",
        "features": ["window"],
        "priceCents": 20_000,
    }


def test_rows_is_the_last_rows_number_where_a_number_is_skipped(
    api: Program, flight: Flight
) -> None:
    source = LAYOUT.replace("1-30 ABC DEF", "1-12 ABC DEF\nskip 13\n14-30 ABC DEF")
    flight.layout = CabinLayout(code="no-13", source=source)
    flight.layout.save()
    flight.save()
    seat_map = api.get(f"/flights/{flight.pk}").json()["seatMap"]
    assert seat_map["rows"] == 30
    assert 13 not in {seat["row"] for seat in seat_map["seats"]}


def test_a_seat_is_available_reserved_or_booked(api: Program, flight: Flight) -> None:
    a_hold(flight, "12A")
    a_confirmed_booking(flight, "12B")
    run_out(a_hold(flight, "12C"))
    seats = seats_of(api, flight)
    assert [seats[seat]["status"] for seat in ("12A", "12B", "12C", "12D")] == [
        "reserved",
        "booked",
        "available",  # Nobody swept it yet, but whoever wants it gets it.
        "available",
    ]


def test_the_seat_map_says_nothing_of_who_holds_a_seat(api: Program, flight: Flight) -> None:
    booking = a_hold(flight, "12A")
    assert str(booking.pk) not in api.get(f"/flights/{flight.pk}").content.decode()


@pytest.mark.parametrize(
    "flight_id",
    ["0", "-1", "1.0", "x", "9223372036854775807", "9223372036854775808", "9" * 400, "%00", "1%00"],
)
@pytest.mark.usefixtures("flight")
def test_an_id_that_is_no_flights_is_not_found(api: Program, flight_id: str) -> None:
    answer = api.get(f"/flights/{flight_id}")
    assert answer.status_code == 404
    assert answer.json() == {"error": "FLIGHT_NOT_FOUND", "message": "There is no such flight."}


def test_a_flight_that_has_departed_can_still_be_looked_at(api: Program) -> None:
    flight = a_flight(departure=timezone.now() - timedelta(hours=1))
    assert api.get(f"/flights/{flight.pk}").status_code == 200
    assert api.get("/flights").json()["flights"] == []


def test_the_queries_do_not_grow_with_the_seats_taken(
    api: Program, flight: Flight, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    api.get(f"/flights/{flight.pk}")
    with django_assert_num_queries(1):
        api.get(f"/flights/{flight.pk}")
    for row in range(1, 21):
        a_hold(flight, f"{row}A", f"{row}B", f"{row}C", f"{row}D", f"{row}E", f"{row}F")
    with django_assert_num_queries(1):
        api.get(f"/flights/{flight.pk}")


def test_the_queries_do_not_grow_with_the_flights_listed(
    api: Program, flight: Flight, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        api.get("/flights")
    for number in range(1, 20):
        a_hold(a_flight(f"AF{number}"), "1A")
    with django_assert_num_queries(2):
        assert len(api.get("/flights").json()["flights"]) == 20
