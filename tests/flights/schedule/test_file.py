"""An airline's own schedule as a CSV file."""

import datetime as dt
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flights.models import Airport, Flight
from flights.schedule.file import Imported, import_schedule
from flights.schedule.table import FileRefused
from tests.flights.places import SMALL, a_layout, utc
from tests.flights.schedule.rows import GOOD, HEADER, changed, load

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("places")]


def test_a_row_becomes_a_flight() -> None:
    result, told = load(GOOD)
    flight = Flight.objects.get()
    assert (result, told) == (Imported(new=1), {})
    assert (flight.number, flight.origin_id, flight.destination_id) == ("FB100", "CDG", "JFK")
    assert (flight.base_fare_cents, flight.currency, flight.on_sale) == (12_950, "EUR", True)
    assert flight.layout_id == "small"


def test_times_are_local_to_each_airport() -> None:
    load(GOOD)
    flight = Flight.objects.get()
    assert flight.departure == utc("2030-01-15T09:00")
    assert flight.arrival == utc("2030-01-15T17:00")


def test_the_date_of_a_flight_is_local_to_its_origin() -> None:
    load("FB1,HND,CDG,2030-01-15 00:30,2030-01-15 06:00,small,500")
    assert Flight.objects.get().departure_date == dt.date(2030, 1, 15)
    assert Flight.objects.get().departure == utc("2030-01-14T15:30")


def test_a_time_may_bring_its_own_offset() -> None:
    load("FB1,CDG,JFK,2030-01-15T09:00Z,2030-01-15T12:00-05:00,small,500")
    flight = Flight.objects.get()
    assert (flight.departure, flight.arrival) == (utc("2030-01-15T09:00"), utc("2030-01-15T17:00"))


def test_a_time_that_comes_twice_is_the_first_unless_it_has_an_offset() -> None:
    """In Paris, 02:30 on 27 October 2030 comes at 00:30 UTC and again at 01:30 UTC."""
    load(
        "FB1,CDG,JFK,2030-10-27 02:30,2030-10-27 06:00,small,500",
        "FB2,CDG,JFK,2030-10-27T02:30+01:00,2030-10-27 06:00,small,500",
    )
    first, second = Flight.objects.order_by("number")
    assert first.departure == utc("2030-10-27T00:30")
    assert second.departure == utc("2030-10-27T01:30")


def test_columns_come_in_any_order_and_optional_ones_are_read() -> None:
    header = "currency,on_sale,base_fare,layout,arrival,departure,destination,origin,number"
    load("USD,no,99,small,2030-01-15 12:00,2030-01-15 10:00,JFK,CDG,fb 100", header=header)
    flight = Flight.objects.get()
    assert (flight.number, flight.currency, flight.on_sale) == ("FB100", "USD", False)


def test_airports_of_imported_flights_are_served() -> None:
    load(GOOD)
    assert {*Airport.objects.filter(served=True).values_list("code", flat=True)} == {"CDG", "JFK"}


BAD = {
    "an unknown airport": (changed(origin="XXX"), "origin 'XXX': no such airport"),
    "an unknown layout": (changed(layout="a380"), "no such layout; there are small"),
    "a wrong number": (changed(number="AIRX 1"), "number 'AIRX 1': A flight number is"),
    "a date that does not exist": (changed(departure="2030-02-30 10:00"), "not a date and time"),
    "a date without a time": (changed(departure="2030-01-15"), "not a date and time"),
    "a date of another country": (changed(departure="15/01/2030 10:00"), "not a date and time"),
    "a year out of reach": (changed(departure="0001-01-01 00:00"), "not a date and time"),
    "a time that clocks jump over": (
        changed(departure="2030-03-31 02:30", arrival="2030-03-31 08:00"),
        "clocks in Europe/Paris go forward over this time",
    ),
    "an arrival before the departure": (changed(arrival="2030-01-15 03:00"), "it would take -1:00"),
    "a flight of two days": (changed(arrival="2030-01-17 12:00"), "it would take 56:00 hours"),
    "a flight to nowhere": (changed(destination="CDG"), "it ends in CDG, where it starts"),
    "a fare of nothing": (changed(base_fare="0"), "the fare is a sum above 0"),
    "a negative fare": (changed(base_fare="-5"), "the fare is a sum above 0"),
    "a fare with a currency": (changed(base_fare="129 EUR"), "the fare is a sum above 0"),
    "more decimals than the euro has": (changed(base_fare="129.505"), "EUR has 2 decimals."),
    "a value too many": (GOOD + ",more", "column 8 has 'more', and no name in the header"),
    "a value missing": ("FB100,CDG,JFK", "it has 3 of the 7 values"),
    "a quote left open": ('FB100,"CDG,JFK', "a quote is left open"),
    "bytes of another encoding": (GOOD.encode() + "é".encode("latin-1"), "base_fare '129.50é'"),
    "a NUL": (changed(layout="\0"), "no such layout"),
}


@pytest.mark.parametrize(("row", "reason"), BAD.values(), ids=BAD.keys())
def test_a_bad_row_is_told_with_its_line_and_the_good_ones_go_in(
    row: str | bytes, reason: str
) -> None:
    before, after = changed(number="FB1"), changed(number="FB2", departure="2030-01-15 09:00")
    result, told = load(before, row, after)
    assert result == Imported(new=2, bad=1)
    assert list(told) == [3]
    assert reason in told[3]


@pytest.mark.parametrize(("row", "reason"), BAD.values(), ids=BAD.keys())
def test_with_strict_one_bad_row_keeps_all_out(row: str | bytes, reason: str) -> None:
    result, told = load(changed(number="FB1"), row, strict=True)
    assert result == Imported(bad=1)
    assert reason in told[3]
    assert not Flight.objects.exists()


def test_everything_wrong_with_a_row_is_told_at_once() -> None:
    _, told = load(changed(origin="XXX", layout="a380", base_fare="free"))
    assert all(word in told[2] for word in ("origin", "layout", "base_fare"))


def test_a_flight_twice_in_the_file_is_told_with_both_lines() -> None:
    result, told = load(GOOD, changed(departure="2030-01-15 11:00"))
    assert (result.new, told) == (1, {3: "FB100 departs that day in line 2 already."})


def test_a_flight_is_the_same_in_every_spelling_of_its_number() -> None:
    result, told = load(*(changed(number=number) for number in ("ZZ0012", "ZZ12", "ZZ 012")))
    assert (result, Flight.objects.get().number) == (Imported(new=1, bad=2), "ZZ12")
    assert told[4] == "ZZ12 departs that day in line 2 already."


def test_importing_the_same_file_again_changes_nothing() -> None:
    load(GOOD)
    result, _ = load(GOOD)
    assert result == Imported(unchanged=1)


def test_a_flight_that_is_there_with_other_data_is_told() -> None:
    load(GOOD)
    result, told = load(changed(base_fare="99", departure="2030-01-15 09:30"))
    assert result == Imported(bad=1)
    assert told[2].startswith("FB100 on 2030-01-15 is there with another departure, base_fare;")
    assert Flight.objects.get().base_fare_cents == 12_950


def test_with_update_a_flight_that_is_there_is_changed() -> None:
    load(GOOD)
    pk = Flight.objects.get().pk
    result, _ = load(changed(base_fare="99", departure="2030-01-15 09:30"), update=True)
    flight = Flight.objects.get()
    assert result == Imported(updated=1)
    assert (flight.pk, flight.base_fare_cents) == (pk, 9_900)
    assert flight.departure == utc("2030-01-15T08:30")


def test_update_leaves_alone_what_the_file_does_not_say() -> None:
    load(GOOD)
    Flight.objects.update(on_sale=False, currency="USD")
    load(changed(base_fare="99"), update=True)
    flight = Flight.objects.get()
    assert (flight.on_sale, flight.currency, flight.base_fare_cents) == (False, "USD", 9_900)


def test_a_fare_without_its_currency_is_no_fare_of_a_flight_with_other_decimals() -> None:
    load(GOOD)
    Flight.objects.update(currency="JPY", base_fare_cents=15_000)
    _, told = load(changed(base_fare="99"), update=True)
    assert "FB100 on 2030-01-15 is sold in JPY; give the column currency." in told[2]
    assert Flight.objects.get().base_fare_cents == 15_000
    load(changed(base_fare="16000") + ",JPY", header=f"{HEADER},currency", update=True)
    assert Flight.objects.get().base_fare_cents == 16_000


def test_update_does_not_send_a_flight_elsewhere() -> None:
    load(GOOD)
    _, told = load(changed(destination="HND", arrival="2030-01-16 08:00"), update=True)
    assert "FB100 on 2030-01-15 flies CDG-JFK" in told[2]


def test_update_does_not_take_seats_away() -> None:
    a_layout("smaller", SMALL.replace("1-3", "1-2"))
    load(GOOD)
    _, told = load(changed(layout="smaller"), update=True)
    assert "with smaller it would lose 3A, 3B, 3C, 3D" in told[2]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("", "the header lacks number"),
        ("number|origin|destination", "the header lacks number"),
        (HEADER.removesuffix(",base_fare"), "the header lacks base_fare"),
        (HEADER + ",colour", "the header does not know colour"),
        (HEADER + ",origin", "the header repeats origin"),
        ('"number', "a quote is left open"),
    ],
)
def test_a_header_that_cannot_be_read_is_refused(header: str, message: str) -> None:
    with pytest.raises(FileRefused, match=message):
        load(GOOD, header=header)


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(FileRefused, match="the header lacks"):
        import_schedule(BytesIO(), tell=lambda number, reason: None)


def test_more_rows_than_one_batch_go_in() -> None:
    result, _ = load(*(changed(number=f"FB{n}") for n in range(1, 2_502)))
    assert result.new == Flight.objects.count() == 2_501


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None
)
@given(st.lists(st.binary(max_size=80) | st.sampled_from([b",", b'"', GOOD.encode()]), max_size=5))
def test_whatever_a_line_has_it_is_told_or_goes_in(pieces: list[bytes]) -> None:
    row = b"".join(pieces).translate(None, b"\r\n")
    result, told = load(row, strict=True)
    assert result.bad == len(told) <= 1
