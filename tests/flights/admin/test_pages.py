"""The operators' pages for airports, layouts and flights."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from flights.models import CabinLayout, Flight
from tests.flights.places import SMALL, a_flight, a_layout, an_airport

pytestmark = pytest.mark.django_db

FLIGHTS = "/admin/flights/flight/"


def shown(client: Client, **query: str) -> list[str]:
    """Numbers of the flights in the list."""
    response = client.get(FLIGHTS, query)
    assert response.status_code == 200
    return [flight.number for flight in response.context["cl"].result_list]


def tomorrow(hour: int) -> dt.datetime:
    return (timezone.now() + dt.timedelta(days=1)).replace(hour=hour, minute=0)


def test_flights_to_come_are_listed_soonest_first(admin_client: Client) -> None:
    a_flight("FB1", departure=timezone.now() - dt.timedelta(days=2))
    a_flight("FB2", departure=tomorrow(9))
    a_flight("FB3", departure=tomorrow(8), on_sale=False)
    assert shown(admin_client) == ["FB3", "FB2"]
    assert shown(admin_client, when="past") == ["FB1"]
    assert shown(admin_client, when="all") == ["FB1", "FB3", "FB2"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("fb1", ["FB1"]),
        ("CDG-JFK", ["FB1"]),
        ("cdg-", ["FB1", "FB2"]),
        ("JFK", ["FB1", "FB3"]),
        ("2030-03-05", ["FB3"]),
        ("jfk 2030-03-04", ["FB1"]),
        ("nonsense", []),
        ("fb 0001", ["FB1"]),
        ("FB-1", ["FB1"]),
        ("FB\u00a01 2030-03-04", ["FB1"]),
        ("cdg fb 2", ["FB2"]),
    ],
)
def test_flights_are_found_by_number_route_and_date(
    admin_client: Client, typed: str, found: list[str]
) -> None:
    a_flight("FB1", "CDG", "JFK", departure=dt.datetime(2030, 3, 4, 8, tzinfo=dt.UTC))
    a_flight("FB2", "CDG", "LHR", departure=dt.datetime(2030, 3, 4, 9, tzinfo=dt.UTC))
    a_flight("FB3", "JFK", "LHR", departure=dt.datetime(2030, 3, 5, 9, tzinfo=dt.UTC))
    assert shown(admin_client, q=typed) == found


def test_the_list_takes_the_same_queries_for_one_flight_and_for_forty(admin_client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            shown(admin_client)
        return len(captured)

    a_flight("FB1")
    queries()  # notes that somebody is there
    one = queries()
    for n in range(2, 41):
        a_flight(f"FB{n}")
    assert queries() == one <= 8


def test_a_flight_can_be_created(admin_client: Client) -> None:
    an_airport("CDG"), an_airport("JFK"), a_layout()
    answer = admin_client.post(FLIGHTS + "add/", FORM)
    assert answer.status_code == 302, answer.context["errors"]
    flight = Flight.objects.get()
    assert (flight.number, flight.departure_date) == ("FB100", dt.date(2030, 3, 4))


FORM = {
    "number": "FB100",
    "origin": "CDG",
    "destination": "JFK",
    "departure_0": "2030-03-04",
    "departure_1": "10:00:00",
    "arrival_0": "2030-03-04",
    "arrival_1": "18:00:00",
    "layout": "small",
    "base_fare": "120",
    "currency": "EUR",
    "on_sale": "on",
}


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"number": "1"}, "A flight number is"),
        ({"arrival_1": "09:00:00"}, "A flight arrives after it departs."),
        ({"destination": "CDG"}, "A flight ends at another airport than it starts."),
        ({"departure_0": ""}, "This field is required."),
        ({"number": "FB7"}, "FB7 departs on 2030-03-04 already."),
        ({"number": "fb 0007"}, "FB7 departs on 2030-03-04 already."),
    ],
)
def test_a_flight_that_makes_no_sense_is_refused(
    admin_client: Client, cells: dict[str, str], message: str
) -> None:
    a_flight("FB7", departure=dt.datetime(2030, 3, 4, 8, tzinfo=dt.UTC))
    answer = admin_client.post(FLIGHTS + "add/", {**FORM, **cells})
    assert answer.status_code == 200
    assert message in answer.content.decode()


def test_a_flight_keeps_its_number_and_its_route(admin_client: Client) -> None:
    flight = a_flight("FB100", departure=dt.datetime(2030, 3, 3, 8, tzinfo=dt.UTC))
    an_airport("LHR")
    page = f"{FLIGHTS}{flight.pk}/change/"
    assert admin_client.get(page).status_code == 200
    admin_client.post(page, {**FORM, "number": "FB200", "destination": "LHR"})
    flight.refresh_from_db()
    assert (flight.number, flight.destination_id) == ("FB100", "JFK")
    assert flight.departure_date == dt.date(2030, 3, 3)


def test_a_layout_with_a_mistake_shows_the_line_that_is_wrong(admin_client: Client) -> None:
    wrong = SMALL.replace("1-3 AB CD", "1-3 AB CX")
    answer = admin_client.post("/admin/flights/cabinlayout/add/", {"code": "new", "source": wrong})
    assert "Line 6 (1-3 AB CX): the economy cabin has no letter X" in answer.content.decode()
    assert not CabinLayout.objects.exists()


def test_a_layout_can_be_created_and_looked_at(admin_client: Client) -> None:
    admin_client.post("/admin/flights/cabinlayout/add/", {"code": "new", "source": SMALL})
    page = admin_client.get("/admin/flights/cabinlayout/new/change/").content.decode()
    assert "12: 12 economy" in page
    assert "cabin-drawing" in page


def test_airports_are_completed_without_accents(admin_client: Client) -> None:
    an_airport("ZRH"), an_airport("GRU")
    query = {"app_label": "flights", "model_name": "flight", "field_name": "origin"}
    answer = admin_client.get("/admin/autocomplete/", {**query, "term": "Zürich"}).json()
    assert [found["id"] for found in answer["results"]] == ["ZRH"]
    answer = admin_client.get("/admin/autocomplete/", {**query, "term": "sao"}).json()
    assert [found["id"] for found in answer["results"]] == ["GRU"]
    assert admin_client.get("/admin/flights/airport/?q=paulo").status_code == 200


@pytest.mark.parametrize(
    ("origin", "departure", "arrival"),
    [
        ("HND", "9999-12-31 22:00:00", "9999-12-31 23:59:59"),
        ("JFK", "0001-01-01 00:00:00", "0001-01-01 08:00:00"),
    ],
)
def test_a_flight_at_an_end_of_the_calendar_is_refused(
    admin_client: Client, origin: str, departure: str, arrival: str
) -> None:
    an_airport(origin), an_airport("CDG"), a_layout()
    data = dict(zip(("departure_0", "departure_1"), departure.split(), strict=True))
    data |= dict(zip(("arrival_0", "arrival_1"), arrival.split(), strict=True))
    data |= {"number": "FB1", "origin": origin, "destination": "CDG", "layout": "small",
             "base_fare": "100", "currency": "EUR"}  # fmt: skip
    said = admin_client.post(f"{FLIGHTS}add/", data).content.decode()
    assert "Flights are in the years 2000 to 2100." in said
