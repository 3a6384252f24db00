"""The schedule's page: files in and out, copies, seasons; and who may."""

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from flights.admin import schedule
from flights.models import Flight, ScheduleImport
from tests.bookings.admin.flight_pages import somebody
from tests.bookings.admin.staff import a_supervisor
from tests.people import a_flight
from tests.running import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/admin/flights/flight/schedule/"
HEADER = "number,origin,destination,departure,arrival,layout,base_fare"
ROW = "FB{},CDG,JFK,2030-01-15 10:00,2030-01-15 13:00,test-320,129.50"


@pytest.fixture
def olga(transactional_db: None) -> Client:
    a_flight()
    return a_supervisor()


def send(client: Client, *rows: str, **more: Any) -> Any:
    file = SimpleUploadedFile("winter.csv", "".join(f"{row}\n" for row in [HEADER, *rows]).encode())
    data = {"do": "import", "import-file": file, **more}
    return client.post(PAGE, data, follow=True)


def test_a_file_is_looked_at_and_then_written(olga: Client) -> None:
    said = send(olga, ROW.format(1), ROW.format(2), "nonsense").content.decode()
    assert "Checked: nothing is written yet" in said
    assert "Write 2 new and 0 changed flights" in said
    assert '<th scope="row">4</th><td>it has 1 of the 7 values' in said
    assert "4 of 4 lines" in said
    assert not Flight.objects.filter(number="FB1").exists()
    one = ScheduleImport.objects.get()
    write = reverse("admin:flights_flight_import_write", args=[one.pk])
    assert "Written" in olga.post(write, follow=True).content.decode()
    assert Flight.objects.filter(number__in=["FB1", "FB2"]).count() == 2
    again = olga.post(write, follow=True).content.decode()
    assert "not waiting to be written" in again
    assert "winter.csv" in olga.get(PAGE).content.decode()
    assert olga.get(write).status_code == 405


def test_a_change_is_shown_before_it_is_made(olga: Client) -> None:
    send(olga, ROW.format(1))
    one = ScheduleImport.objects.get()
    olga.post(reverse("admin:flights_flight_import_write", args=[one.pk]))
    dearer = ROW.format(1).replace("129.50", "150")
    assert "--update would change it" in send(olga, dearer).content.decode()
    said = send(olga, dearer, **{"import-update": "on"}).content.decode()
    assert "<del>129.50 EUR</del> <ins>150.00 EUR</ins>" in said


def test_a_long_file_is_done_by_a_worker_while_one_looks_on(
    olga: Client, celery_workers: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "LINES_AT_ONCE", 1)
    send(olga, ROW.format(1), ROW.format(2))
    one = ScheduleImport.objects.get()
    part = reverse("admin:flights_flight_import", args=[one.pk])

    def is_at(stage: str) -> bool:
        one.refresh_from_db()
        return one.stage == stage

    wait_until(lambda: is_at("checked"), "the check")
    html = olga.get(part, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in html
    assert "every 1s" not in html
    olga.post(reverse("admin:flights_flight_import_write", args=[one.pk]))
    wait_until(lambda: is_at("done"), "the writing")
    assert Flight.objects.filter(number__in=["FB1", "FB2"]).count() == 2


def test_an_import_that_waits_is_polled_and_can_be_taken_up_again(
    olga: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(schedule, "LINES_AT_ONCE", 0)
        said = send(olga, ROW.format(1)).content.decode()
    assert "every 1s" in said
    assert "Being checked" in said
    one = ScheduleImport.objects.get()
    write = reverse("admin:flights_flight_import_write", args=[one.pk])
    assert "Checked" in olga.post(write, {"again": "1"}, follow=True).content.decode()


def test_a_day_is_copied_and_a_season_generated(olga: Client) -> None:
    flight = Flight.objects.get()
    day = flight.departure_date
    later = [day + dt.timedelta(days=n) for n in range(1, 8)]
    data = {"do": "copy", "copy-day": day, "copy-first": later[0], "copy-last": later[-1],
            "copy-weekdays": [later[2].weekday()]}  # fmt: skip
    assert ": 1 flights added." in olga.post(PAGE, data, follow=True).content.decode()
    assert Flight.objects.filter(departure_date=later[2]).exists()
    data = {"do": "season", "season-first": day, "season-last": day + dt.timedelta(days=30)}
    assert ": 7 flights added." in olga.post(PAGE, data, follow=True).content.decode()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"do": "copy", "copy-day": "x"}, "Enter a valid date"),
        (
            {"do": "season", "season-first": "2030-02-01", "season-last": "2030-01-01"},
            "comes before the first",
        ),
        (
            {"do": "season", "season-first": "2030-01-01", "season-last": "2033-01-01"},
            "A year at most",
        ),
        (
            {"do": "season", "season-first": "9999-12-31", "season-last": "9999-12-31"},
            "in the years 2000 to 2100",
        ),
        (
            {
                "do": "copy",
                "copy-day": "0001-01-01",
                "copy-first": "2030-01-01",
                "copy-last": "2030-01-01",
            },
            "in the years 2000 to 2100",
        ),
        (
            {
                "do": "copy",
                "copy-day": "2030-01-01",
                "copy-first": "2020-01-01",
                "copy-last": "2020-01-02",
            },
            "would be added on 2020-01-01; today is",
        ),
        (
            {"do": "season", "season-first": "2020-01-01", "season-last": "2020-03-01"},
            "would be added on 2020-01-08; today is",
        ),
        ({"do": "import"}, "This field is required"),
        ({"do": "nonsense"}, "Schedule"),
    ],
)
def test_what_makes_no_sense_is_said_in_its_form(
    olga: Client, data: dict[str, str], why: str
) -> None:
    answer = olga.post(PAGE, data)
    assert answer.status_code == 200
    assert why in answer.content.decode()
    assert Flight.objects.count() == 1


def test_an_import_that_is_not_there_is_not_taken_up(olga: Client) -> None:
    for number in (4711, 10**20):
        write = reverse("admin:flights_flight_import_write", args=[number])
        assert olga.post(write, {"again": "1"}).status_code == 404


def test_too_many_copies_at_once_are_refused(olga: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "MOST_COPIES", 1)
    day = Flight.objects.get().departure_date
    data = {"do": "season", "season-first": day, "season-last": day + dt.timedelta(days=30)}
    assert "at most 1 at once" in olga.post(PAGE, data, follow=True).content.decode()
    assert Flight.objects.count() == 1


def test_the_schedule_is_taken_along_and_comes_back_unchanged(olga: Client) -> None:
    flight = Flight.objects.get()
    query = {"export-first": str(flight.departure_date), "export-last": str(flight.departure_date)}
    answer = olga.get(reverse("admin:flights_flight_export"), query)
    content = answer.getvalue()
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    data = {"do": "import", "import-file": SimpleUploadedFile("x.csv", content)}
    # To the second, as a schedule is.
    Flight.objects.update(
        departure=flight.departure.replace(microsecond=0),
        arrival=flight.arrival.replace(microsecond=0),
    )
    assert "<b>1</b> as they are" in olga.post(PAGE, data, follow=True).content.decode()
    bad = olga.get(reverse("admin:flights_flight_export"), {"export-first": "x"}, follow=True)
    assert "Enter a valid date" in bad.content.decode()


def test_only_who_may_add_and_change_flights_may_do_this(olga: Client) -> None:
    vera = somebody("view_flight", "change_flight")
    one = ScheduleImport.objects.create(by="x", file_name="x", content=b"", lines=1)
    for address in (
        PAGE,
        reverse("admin:flights_flight_import", args=[one.pk]),
        reverse("admin:flights_flight_import_write", args=[one.pk]),
    ):
        assert vera.post(address).status_code == 403
    assert "/schedule/" not in vera.get("/admin/flights/flight/").content.decode()
    assert "/schedule/" in olga.get("/admin/flights/flight/").content.decode()


def test_a_second_number_of_an_aircraft_is_listed_before_and_after(olga: Client) -> None:
    said = send(olga, ROW.format(1), ROW.format("002")).content.decode()
    one = ScheduleImport.objects.get()
    written = olga.post(reverse("admin:flights_flight_import_write", args=[one.pk]), follow=True)
    for html in (said, written.content.decode()):
        assert '<b class="refusal">1</b> under a second number' in html
        assert '<th scope="row">3</th><td>FB2 leaves as FB1 does (line 2)' in html


def test_a_workbook_is_refused_in_words(olga: Client) -> None:
    file = SimpleUploadedFile("winter.xlsx", b"PK\x03\x04" + b"\0" * 99)
    said = olga.post(PAGE, {"do": "import", "import-file": file}, follow=True).content.decode()
    assert "This is a workbook, not CSV; open it, and save the schedule as CSV." in said
