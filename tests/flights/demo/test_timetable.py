"""The made-up schedule: plausible, the same for the same seed, and safe to repeat."""

import datetime as dt
from collections import Counter
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from flights.airports import great_circle_km, real_airports
from flights.demo.network import CITIES, HUBS
from flights.demo.timetable import MOST_A_DAY, RESERVE, Service, daily_services, seed_flights
from flights.layout_files import load_layouts
from flights.models import Airport, CabinLayout, Flight
from tests.flights.places import an_airport

pytestmark = pytest.mark.django_db

MONDAY = dt.date(2030, 3, 4)


@pytest.fixture
def world(db: None) -> None:
    cities = HUBS | CITIES
    Airport.objects.bulk_create(airport for airport in real_airports() if airport.code in cities)
    load_layouts()


def days(count: int, start: dt.date = MONDAY) -> list[dt.date]:
    return [start + dt.timedelta(days=n) for n in range(count)]


def seed(count: int = 3, per_day: int = 60, start: dt.date = MONDAY, number: int = 1) -> int:
    """How many flights were added."""
    return sum(
        added for _, added in seed_flights(days=days(count, start), per_day=per_day, seed=number)
    )


def stored() -> list[tuple[object, ...]]:
    fields = ("number", "departure", "arrival", "departure_date", "layout", "base_fare_cents")
    return list(Flight.objects.order_by("departure_date", "number").values_list(*fields))


@pytest.mark.usefixtures("world")
def test_the_same_seed_gives_the_same_schedule() -> None:
    seed()
    first = stored()
    Flight.objects.all().delete()
    seed()
    assert stored() == first
    Flight.objects.all().delete()
    seed(number=2)
    assert stored() != first


@pytest.mark.usefixtures("world")
def test_seeding_again_adds_only_what_is_missing() -> None:
    assert seed(3) == 180
    before = stored()
    Flight.objects.filter(number="FB117").delete()
    assert seed(3) == 3
    assert stored() == before


@pytest.mark.usefixtures("world")
def test_seeding_on_a_later_day_adds_the_new_days() -> None:
    seed(3)
    assert seed(3, start=MONDAY + dt.timedelta(days=1)) == 60


@pytest.mark.usefixtures("world")
def test_more_flights_a_day_change_none_that_are_there() -> None:
    seed(1, per_day=41)
    few = stored()
    assert seed(1, per_day=100) == 59
    assert {*few} < {*stored()}


@pytest.mark.usefixtures("world")
def test_a_number_flies_the_same_route_every_day() -> None:
    seed(7)
    routes = Flight.objects.values("number", "origin", "destination", "layout").distinct()
    assert len(routes) == 60
    assert Flight.objects.filter(number="FB100", departure_date__in=days(7)).count() == 7


@pytest.mark.usefixtures("world")
def test_local_departures_stay_when_clocks_change() -> None:
    # Clocks in Europe go forward on 31 March 2030.
    seed(2, start=dt.date(2030, 3, 30))
    before, after = Flight.objects.filter(number="FB102").order_by("departure_date")
    assert before.local_departure.time() == after.local_departure.time()
    assert after.departure - before.departure == dt.timedelta(hours=23)


@pytest.mark.usefixtures("world")
def test_a_small_airline_shows_much_of_the_world() -> None:
    services = daily_services(60, 1)
    places = {service.origin.code for service in services}
    assert {"CDG", "FRA", "LHR", "JFK", "HND"} < places
    assert len(places) >= 20
    assert len({service.layout for service in services}) == 6


@pytest.mark.usefixtures("world")
def test_many_flights_a_day_have_numbers_of_their_own() -> None:
    services = daily_services(12_000, 1)
    assert len({service.number for service in services}) == 12_000
    assert max(len(service.number) for service in services) <= 6
    routes = Counter((service.origin.code, service.destination.code) for service in services)
    assert len(routes) > 2_000


@pytest.mark.usefixtures("world")
def test_every_service_is_plausible() -> None:
    ranges = {layout.code: layout.parsed.range_km for layout in CabinLayout.objects.all()}
    awake = Counter(_is_plausible(service, ranges) for service in daily_services(1_000, 1))
    # Between some far ends of the world there is no good hour.
    assert awake[True] > 950


def _is_plausible(service: Service, ranges: dict[str, int]) -> bool:
    km = great_circle_km(service.origin, service.destination)
    assert km * RESERVE <= ranges[service.layout]
    assert 30 <= service.fare_cents / 100 <= 2_000
    assert km / 910 + 0.5 <= service.duration / dt.timedelta(hours=1) <= km / 820 + 0.6
    assert service.departs.minute % 5 == 0
    assert dt.time(6) <= service.departs <= dt.time(22, 30)
    departure = dt.datetime.combine(MONDAY, service.departs, service.origin.zone)
    arrival = (departure.astimezone(dt.UTC) + service.duration).astimezone(service.destination.zone)
    return arrival.hour >= 4


def test_distances_are_those_of_an_atlas() -> None:
    assert great_circle_km(an_airport("CDG"), an_airport("JFK")) == pytest.approx(5840, rel=0.01)
    assert great_circle_km(an_airport("LHR"), an_airport("HND")) == pytest.approx(9600, rel=0.01)


@pytest.mark.usefixtures("world")
def test_the_command_starts_today_and_tells_what_it_added() -> None:
    out, err = StringIO(), StringIO()
    call_command("seed_flights", "--days=2", "--per-day=10", stdout=out, stderr=err)
    call_command("seed_flights", "--days=2", "--per-day=10", stdout=out, stderr=err)
    assert out.getvalue().splitlines() == [
        "Flights: 20 new, 0 there already.",
        "Flights: 0 new, 20 there already.",
    ]
    assert (
        Flight.objects.order_by("departure_date")[0].departure_date
        == dt.datetime.now(dt.UTC).date()
    )
    assert Airport.objects.filter(served=True).count() > 5


def test_the_command_says_what_must_be_loaded_first() -> None:
    with pytest.raises(CommandError, match="Load airports and cabin layouts first"):
        call_command("seed_flights")


@pytest.mark.parametrize(
    ("option", "most"),
    [
        ("--days=0", 1000),
        ("--days=5000", 1000),
        ("--days=٣", 1000),
        ("--per-day=0", MOST_A_DAY),
        ("--per-day=99999999", MOST_A_DAY),
    ],
)
def test_the_command_refuses_numbers_without_sense(option: str, most: int) -> None:
    with pytest.raises(CommandError, match=f"is not a whole number from 1 to {most}"):
        call_command("seed_flights", option)
