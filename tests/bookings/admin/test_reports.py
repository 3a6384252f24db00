"""What staff print: right, complete, and in as many queries for much as for little."""

import csv
import datetime as dt
from io import StringIO
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings import saga
from bookings.admin.reports.csv import as_csv
from bookings.admin.reports.pdf import as_pdf
from bookings.admin.reports.report import Report
from bookings.admin.reports.tables import day_report, manifest
from flights.models import Flight
from tests.bookings.admin.flight_pages import somebody
from tests.bookings.admin.staff import a_supervisor
from tests.people import a_confirmed_booking, a_flight, a_hold, settle
from tests.spreadsheet import needs_calc, opened

pytestmark = pytest.mark.django_db(transaction=True)


def named(flight: Flight, name: str, *seats: str) -> str:
    hold = a_hold(flight, *seats)
    email = "ada@example.org"
    settle(saga.start_payment(booking_id=hold.pk, code="00000", name=name, email=email))
    hold.refresh_from_db()
    return str(hold.record_locator)


def table(report: Report) -> list[list[str]]:
    text = b"".join(as_csv(report)).decode("utf-8-sig")
    return list(csv.reader(StringIO(text)))


def test_the_manifest_has_everybody_in_cabin_order(flight: Flight) -> None:
    locator = named(flight, "Ada Lovelace", "10B", "2A")
    hold = a_hold(flight, "3C")
    saga.block_seats(flight_id=flight.pk, seats=["1F"], by="operator:olga", reason="crew")
    saga.cancel(booking_id=a_hold(flight, "4A").pk)
    assert table(manifest(flight)) == [
        ["Seat", "Cabin", "Name", "Type", "Booking", "State", "Party"],
        ["1F", "economy", "", "", "", "blocked: crew", ""],
        ["2A", "economy", "Ada Lovelace", "", locator, "Confirmed", "2A 10B"],
        ["3C", "economy", "", "", str(hold.pk), "Seats Reserved", ""],
        ["10B", "economy", "Ada Lovelace", "", locator, "Confirmed", "2A 10B"],
    ]


def test_nobody_is_left_out_of_the_manifest_whatever_the_aircraft_is_said_to_have(
    flight: Flight,
) -> None:
    a_hold(flight, "30F")
    flight.layout.source = flight.layout.source.replace("1-30", "1-29")
    assert table(manifest(flight))[1][:2] == ["30F", "?"]


def test_the_day_report_counts_seats_and_money(flight: Flight) -> None:
    a_confirmed_booking(flight, "1A", "1B")
    a_hold(flight, "2A")
    saga.block_seats(flight_id=flight.pk, seats=["30A"], by="operator:olga", reason="crew")
    back = a_confirmed_booking(flight, "3A")
    saga.cancel_and_refund(booking_id=back.pk, by="operator:olga")
    due = a_confirmed_booking(flight, "4A")
    settle(back)
    given_back = a_confirmed_booking(flight, "5A")
    quote = saga.quote_cancellation(booking_id=given_back.pk)
    saga.cancel_as_quoted(booking_id=given_back.pk, quote_id=quote.id)
    saga.cancel_and_refund(booking_id=due.pk, by="operator:olga")
    a_flight("AF2", departure=flight.departure + dt.timedelta(days=5),
             arrival=flight.arrival + dt.timedelta(days=5))  # fmt: skip
    head, row = table(day_report(flight.departure_date))
    said = dict(zip(head, row, strict=True))
    assert said["Flight"] == "AF1234"
    assert [said[name] for name in ("Seats", "Sold", "Held", "Blocked", "Load")] == [
        "180", "2", "1", "1", "1 %",
    ]  # fmt: skip
    # The front rows cost more. Of what was given back last, 30 % is kept.
    money = [said[name] for name in ("Revenue", "Refunds due", "Refunded")]
    assert money == ["492.00 EUR", "340.00 EUR", "216.00 EUR"]
    assert said["State"] == "on sale"
    saga.cancel_flight(flight_id=flight.pk, by="operator:olga")
    assert table(day_report(flight.departure_date))[1][3] == "cancelled"


def test_reports_take_the_same_queries_for_much_as_for_little(flight: Flight) -> None:
    def queries() -> tuple[int, int]:
        found = Flight.objects.select_related("layout", "origin", "destination").get(pk=flight.pk)
        with CaptureQueriesContext(connection) as first:
            table(manifest(found))
        with CaptureQueriesContext(connection) as second:
            table(day_report(flight.departure_date))
        return len(first), len(second)

    a_hold(flight, "1A")
    few = queries()
    for row in range(2, 20):
        a_hold(flight, f"{row}A", f"{row}B")
    for number in range(3, 9):
        a_hold(a_flight(f"AF{number}"), "1A")
    assert queries() == few == (1, 4)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        (" +A1", "' +A1"),
        ("\uff1d1", "'\uff1d1"),
        ("Ada;=1+1; -2", "Ada;'=1+1;' -2"),
        ("Ada\t@SUM(1)", "Ada\t'@SUM(1)"),
        ("Anne-Marie; O'Neil", "Anne-Marie; O'Neil"),
    ],
)
def test_what_somebody_typed_is_no_formula(cell: str, written: str) -> None:
    assert table(Report("", "", ("Name",), [(cell,)]))[1] == [written]


@needs_calc
def test_a_report_is_opened_with_every_code_and_name_as_text(
    flight: Flight, tmp_path: Path
) -> None:
    Flight.objects.filter(pk=flight.pk).update(number="9E50")
    named(flight, "May 5", "12E")
    flight.refresh_from_db()
    row = opened(b"".join(as_csv(manifest(flight))), tmp_path)[1]
    assert [cell.text for cell in row[:3]] == ["12E", "economy", "May 5"]
    assert {cell.kind for cell in row} <= {"string", ""}
    row = opened(b"".join(as_csv(day_report(flight.departure_date))), tmp_path)[1]
    assert (row[0], row[4]) == (("string", "9E50"), ("float", "180"))


def test_a_pdf_is_made_of_any_name_and_of_many_rows() -> None:
    rows = [
        (str(n), "Łukasz 李 <b>&amp;", "A very long reason that needs more than one line & <i>")
        for n in range(400)
    ]
    report = Report("Passengers & more", "of <b>one</b> flight", ("No.", "Name", "Why"), rows)
    made = as_pdf(report)
    assert made.startswith(b"%PDF-")
    assert made.count(b"/Type /Page\n") > 5
    assert as_pdf(Report("Nothing", "", ("A",), [])).startswith(b"%PDF-")


def test_a_pdf_has_room_for_whatever_stands_in_a_row() -> None:
    words = ("क" * 200, "W" * 200, "山 " * 100, "\N{GRINNING FACE} " * 100)
    report = Report("W" * 300, "क" * 300, "ABCDEFGHIJKL", [words * 3])
    assert as_pdf(report).count(b"/Type /Page\n") > 1
    assert as_pdf(Report("", "", ("",), [("",)])).startswith(b"%PDF-")


def test_staff_take_the_reports_along(flight: Flight) -> None:
    olga = a_supervisor()
    a_confirmed_booking(flight, "1A")
    day = {"day": str(flight.departure_date)}
    for kind, type_ in (("csv", "text/csv; charset=utf-8"), ("pdf", "application/pdf")):
        of_flight = olga.get(reverse("admin:flights_flight_manifest", args=[flight.pk, kind]))
        of_day = olga.get(
            reverse("admin:flights_flight_day_file", args=[kind]),
            {"day": str(flight.departure_date)},
        )
        for answer in (of_flight, of_day):
            assert answer["Content-Type"] == type_
            assert "attachment" in answer["Content-Disposition"]
            assert "no-store" in answer["Cache-Control"]
            assert answer.getvalue()
    page = reverse("admin:flights_flight_day")
    assert "AF1234" in olga.get(page, day).content.decode()
    assert "No flights." in olga.get(page, {"day": "2001-01-01"}).content.decode()
    assert olga.get(page, {"day": "nonsense"}).status_code == 200
    assert page in olga.get("/admin/flights/flight/").content.decode()
    unknown = reverse("admin:flights_flight_manifest", args=[flight.pk, "doc"])
    assert olga.get(unknown).status_code == 404


def test_names_and_takings_are_for_those_who_may_see_bookings(flight: Flight) -> None:
    vera = somebody("view_flight")
    for address in (
        reverse("admin:flights_flight_manifest", args=[flight.pk, "csv"]),
        reverse("admin:flights_flight_day"),
        reverse("admin:flights_flight_day_file", args=["pdf"]),
    ):
        assert vera.get(address).status_code == 403
