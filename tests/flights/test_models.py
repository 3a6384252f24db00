"""What the models refuse and what they fill in."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from flights.cabin.text import LayoutError
from flights.folding import fold
from flights.models import Airport, CabinLayout, Flight
from tests.flights.places import SMALL, a_flight, a_layout, an_airport, utc

pytestmark = pytest.mark.django_db


def test_a_layout_knows_its_aircraft_and_its_seats() -> None:
    layout = CabinLayout.objects.create(code="small", source=SMALL)
    assert (layout.aircraft, layout.total_seats) == ("Small One", 12)
    assert layout.parsed.seats["3D"].row == 3


def test_a_layout_with_another_source_is_counted_again() -> None:
    layout = a_layout()
    layout.source = SMALL.replace("1-3", "1-4")
    layout.save(update_fields=["source"])
    layout.refresh_from_db()
    assert layout.total_seats == 16


def test_a_layout_with_a_mistake_names_its_line() -> None:
    layout = CabinLayout(code="wrong", source=SMALL.replace("1-3 AB CD", "1-3 AB CC"))
    with pytest.raises(ValidationError) as caught:
        layout.full_clean()
    assert caught.value.message_dict == {
        "source": ["Line 6 (1-3 AB CC): the seat C is drawn twice."]
    }


def test_a_layout_with_a_mistake_cannot_be_saved() -> None:
    with pytest.raises(LayoutError):
        CabinLayout.objects.create(code="wrong", source="nonsense")


def test_a_layout_that_flies_may_not_lose_seats() -> None:
    layout = a_flight().layout
    layout.source = SMALL.replace("1-3 AB CD", "1-2 AB CD\n3 .B CD")
    with pytest.raises(ValidationError, match="it would lose 3A"):
        layout.full_clean()


def test_a_layout_that_flies_may_gain_seats() -> None:
    layout = a_flight().layout
    layout.source = SMALL.replace("1-3", "1-4")
    layout.full_clean()


def test_a_layout_that_does_not_fly_may_lose_seats() -> None:
    layout = a_layout()
    layout.source = SMALL.replace("1-3", "1-2")
    layout.full_clean()


def test_the_date_of_a_flight_is_the_local_one_at_its_origin() -> None:
    late_in_utc = utc("2030-03-01T16:00")
    assert a_flight("FB1", "HND", departure=late_in_utc).departure_date == dt.date(2030, 3, 2)
    assert a_flight("FB2", "CDG", departure=late_in_utc).departure_date == dt.date(2030, 3, 1)


def test_a_flight_that_is_moved_keeps_the_day_it_is_sold_under() -> None:
    """With the number it names the flight, and the next day's may have the same number."""
    flight = a_flight(departure=utc("2030-03-01T10:00"), arrival=utc("2030-03-09T10:00"))
    flight.departure = utc("2030-03-02T10:00")
    flight.save()
    flight.refresh_from_db()
    assert flight.departure_date == dt.date(2030, 3, 1)


def test_times_are_shown_in_each_airports_zone() -> None:
    flight = a_flight(departure=utc("2030-01-15T10:00"), arrival=utc("2030-01-15T18:00"))
    assert flight.local_departure.strftime("%H:%M %Z") == "11:00 CET"
    assert flight.local_arrival.strftime("%H:%M %Z") == "13:00 EST"
    assert flight.duration == dt.timedelta(hours=8)


def test_the_price_from_is_what_the_cheapest_seat_costs() -> None:
    assert a_flight(base_fare_cents=12_345).price_from_cents == 12_300


def test_a_number_departs_once_a_day() -> None:
    first = a_flight("FB100", departure=utc("2030-03-01T06:00"))
    again = Flight(
        number="FB100",
        origin=first.origin,
        destination=first.destination,
        departure=utc("2030-03-01T20:00"),
        arrival=utc("2030-03-01T22:00"),
        layout=first.layout,
        base_fare_cents=10_000,
    )
    with pytest.raises(ValidationError, match="FB100 departs on 2030-03-01 already"):
        again.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()


def test_the_database_refuses_a_flight_that_arrives_before_it_departs() -> None:
    with pytest.raises(IntegrityError, match="flight_arrives_later"):
        a_flight(departure=utc("2030-03-01T06:00"), arrival=utc("2030-03-01T05:00"))


def test_the_database_refuses_a_flight_that_goes_nowhere() -> None:
    with pytest.raises(IntegrityError, match="flight_goes_elsewhere"):
        a_flight(origin="CDG", to="CDG")


def test_a_flight_may_not_change_to_an_aircraft_that_lacks_its_seats() -> None:
    flight = a_flight()
    flight.layout = a_layout("smaller", SMALL.replace("1-3", "1-2"))
    with pytest.raises(ValidationError, match="it would lose 3A, 3B, 3C, 3D"):
        flight.full_clean()
    flight.layout = a_layout("larger", SMALL.replace("1-3", "1-4"))
    flight.full_clean()


def test_an_airport_is_served_once_a_flight_uses_it() -> None:
    an_airport("LHR")
    a_flight(origin="CDG", to="JFK")
    served = Airport.objects.filter(served=True).order_by("code")
    assert [airport.code for airport in served] == ["CDG", "JFK"]


def test_an_airport_needs_a_time_zone_that_exists() -> None:
    airport = an_airport("CDG")
    airport.time_zone = "Europe/Atlantis"
    with pytest.raises(ValidationError, match="Not a known time zone"):
        airport.full_clean()


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Zürich", "zurich"),
        ("São Paulo/Guarulhos", "sao paulo guarulhos"),
        ("Chicago O'Hare", "chicago ohare"),
        ("Łódź  Władysław-Reymont", "lodz wladyslaw reymont"),
        ("Tromsø", "tromso"),
        ("İstanbul", "istanbul"),
        ("%_\\", ""),
    ],
)
def test_words_are_folded_to_plain_letters(text: str, folded: str) -> None:
    assert fold(text) == folded
