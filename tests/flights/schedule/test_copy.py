"""A day's flights on other days, and weeks again and again."""

import datetime as dt
from io import BytesIO
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from flights.csv_lines import csv_lines
from flights.models import Flight
from flights.schedule.copy import NUMBERS, copy_day, copy_week, schedule_rows
from flights.schedule.file import Imported, import_schedule
from tests.flights.places import a_flight, a_layout, utc
from tests.spreadsheet import needs_calc, saved_again

pytestmark = pytest.mark.django_db

DAY = dt.date(2030, 3, 29)  # A Friday; on Sunday clocks in Europe go forward.


def days(*numbers: int) -> list[dt.date]:
    return [DAY + dt.timedelta(days=n) for n in numbers]


def flying(day: dt.date) -> list[str]:
    flights = Flight.objects.filter(departure_date=day)
    return list(flights.order_by("number").values_list("number", flat=True))


def test_a_days_flights_are_there_on_other_days_at_the_same_local_times() -> None:
    a_flight("FB1", departure=utc("2030-03-29T09:00"), arrival=utc("2030-03-29T17:00"),
             base_fare_cents=12_300, currency="CHF")  # fmt: skip
    assert list(copy_day(DAY, days(1, 3))) == [(days(1)[0], 1), (days(3)[0], 1)]
    winter, summer = (Flight.objects.get(departure_date=day) for day in days(1, 3))
    assert winter.departure == utc("2030-03-30T09:00")
    # 10:00 in Paris is an hour earlier by then, and the flight as long.
    assert (summer.departure, summer.arrival) == (utc("2030-04-01T08:00"), utc("2030-04-01T16:00"))
    assert (summer.base_fare_cents, summer.currency, summer.on_sale) == (12_300, "CHF", True)


def test_a_number_that_flies_there_already_stays_as_it_is() -> None:
    a_flight("FB1", departure=utc("2030-03-29T09:00"))
    a_flight("FB2", departure=utc("2030-03-29T10:00"))
    there = a_flight("FB1", departure=utc("2030-03-30T20:00"))
    assert list(copy_day(DAY, days(1))) == [(days(1)[0], 1)]
    assert flying(days(1)[0]) == ["FB1", "FB2"]
    there.refresh_from_db()
    assert there.departure == utc("2030-03-30T20:00")
    assert list(copy_day(DAY, days(1))) == [(days(1)[0], 0)]


def test_cancelled_flights_are_left_out_and_closed_ones_are_sold_again() -> None:
    a_flight("FB1", departure=utc("2030-03-29T09:00"), on_sale=False)
    a_flight("FB2", departure=utc("2030-03-29T09:00"), on_sale=False, cancelled_at=timezone.now())
    list(copy_day(DAY, days(7)))
    assert [(f.number, f.on_sale) for f in Flight.objects.filter(departure_date=days(7)[0])] == [
        ("FB1", True)
    ]


def test_a_delay_is_not_copied_nor_exported() -> None:
    flight = a_flight("FB1", departure=utc("2030-03-29T21:00"))
    for minutes in (90, 45):
        flight.events.create(
            at=timezone.now(), name="delayed", by="test", changes={"minutes": minutes}
        )
        late = dt.timedelta(minutes=minutes)
        flight.departure, flight.arrival = flight.departure + late, flight.arrival + late
        flight.save()
    list(copy_day(DAY, days(1)))
    assert Flight.objects.get(departure_date=days(1)[0]).departure == utc("2030-03-30T21:00")
    assert list(schedule_rows(Flight.objects.filter(pk=flight.pk)))[1][3].startswith(
        "2030-03-29T22:00"
    )


def test_a_season_repeats_every_weekday_on_its_own_day() -> None:
    a_flight("FB1", departure=utc("2030-03-29T09:00"))
    a_flight("FB2", departure=utc("2030-03-31T09:00"))
    added = sum(count for _, count in copy_week(DAY, DAY + dt.timedelta(days=23)))
    assert added == 3 + 3
    assert [flying(day) for day in days(7, 8, 9, 14, 16, 21, 23)] == [
        ["FB1"], [], ["FB2"], ["FB1"], ["FB2"], ["FB1"], ["FB2"],
    ]  # fmt: skip


def test_what_is_exported_is_imported_as_it_was() -> None:
    a_flight("FB1", departure=utc("2030-03-29T09:00"), base_fare_cents=12_345)
    a_flight("FB2", departure=utc("2030-03-29T23:30"), on_sale=False)
    file = BytesIO(b"".join(csv_lines(schedule_rows(Flight.objects.all()), numbers=NUMBERS)))
    told: list[str] = []
    result = import_schedule(file, tell=lambda _, reason: told.append(reason))
    assert (result, told) == (Imported(unchanged=2), [])


@needs_calc
def test_what_is_exported_comes_back_from_a_spreadsheet_as_it_was(tmp_path: Path) -> None:
    for number, layout in (("9E50", "320"), ("DEC12", "a350-900"), ("2E5", "1-2"), ("FB1", "5e2")):
        a_flight(number, departure=utc("2030-03-29T09:00"), layout=a_layout(layout))
    content = b"".join(csv_lines(schedule_rows(Flight.objects.all()), numbers=NUMBERS))
    told: list[str] = []
    file = BytesIO(saved_again(content, tmp_path))
    result = import_schedule(file, tell=lambda _, reason: told.append(reason))
    assert (result, told) == (Imported(unchanged=4), [])


def test_a_day_takes_the_same_queries_for_many_flights_as_for_one() -> None:
    def queries(to: dt.date) -> int:
        with CaptureQueriesContext(connection) as captured:
            list(copy_day(DAY, [to]))
        return len(captured)

    a_flight("FB1", departure=utc("2030-03-29T09:00"))
    one = queries(days(1)[0])
    for number in range(2, 40):
        a_flight(f"FB{number}", departure=utc("2030-03-29T09:00"))
    assert queries(days(2)[0]) == one
