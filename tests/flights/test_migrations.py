"""What migrations make of flights that are there."""

from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from flights.models import Flight
from tests.flights.places import a_layout, an_airport

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def before() -> Iterator[None]:
    """As flights were before they had one spelling."""
    migrate("0002_rules")
    yield
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM flights_flight f WHERE NOT EXISTS"
            " (SELECT FROM flights_flightevent e WHERE e.flight_id = f.id)"
        )
    migrate()


def migrate(*to: str) -> None:
    """Flights to one of their migrations, with what is built on it; or everything to the last."""
    flights = ("flights", *to) if to else ()
    call_command("migrate", *flights, interactive=False, verbosity=0)


INSERT = """
INSERT INTO flights_flight (number, origin_id, destination_id, departure, arrival,
    departure_date, layout_id, base_fare_cents, currency, on_sale)
VALUES (%s, %s, %s, %s, %s, %s, %s, 10000, 'EUR', true)
RETURNING id
"""


def spelled(number: str, day: int = 1) -> int:
    """A flight that has its number in this spelling, in the columns that there were then."""
    there, back, layout = an_airport("CDG").pk, an_airport("JFK").pk, a_layout().pk
    times = (f"2030-03-0{day}T08:00Z", f"2030-03-0{day}T10:00Z", f"2030-03-0{day}")
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [number, there, back, *times, layout])
        pk: int = cursor.fetchone()[0]
    return pk


def numbers() -> dict[int, str]:
    return dict(Flight.objects.values_list("pk", "number"))


def test_numbers_get_their_one_spelling(before: None) -> None:
    padded, other_day, good = spelled("ZZ0012"), spelled("ZZ012", day=2), spelled("ZZ120")
    migrate()
    assert numbers() == {padded: "ZZ12", other_day: "ZZ12", good: "ZZ120"}


def test_two_that_would_be_one_stay_two_and_it_is_told(
    before: None, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = spelled("ZZ0012"), spelled("ZZ012")
    third, lettered, taken = spelled("ZZ12"), spelled("ZZ012B"), spelled("ZZ12B")
    migrate()
    assert numbers() == {
        third: "ZZ12", first: "ZZ12A", second: "ZZ12C", taken: "ZZ12B", lettered: "ZZ12D",
    }  # fmt: skip
    event = Flight.objects.get(pk=second).events.get()
    assert (event.name, event.by, event.changes) == ("renumbered", "migration", {"number": "ZZ12C"})
    assert event.reason == "Was ZZ012, and another flight of 2030-03-01 had its number."
    assert f"Flight {second} of 2030-03-01 is ZZ12C now" in caplog.text


def test_what_is_no_number_is_named_and_nothing_is_changed(before: None) -> None:
    none, good = spelled("ZZ000"), spelled("ZZ012")
    with pytest.raises(CommandError, match=f"ZZ000, id {none}"):
        migrate()
    assert numbers() == {none: "ZZ000", good: "ZZ012"}
