"""What Excel, LibreOffice and Numbers leave in a CSV file is understood, or named."""

import csv
from io import BytesIO, StringIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flights.models import Flight
from flights.schedule.file import Imported, import_schedule
from flights.schedule.table import FileRefused, count_lines
from tests.flights.places import a_layout, utc
from tests.flights.schedule.rows import GOOD, HEADER, changed, load

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("places")]

TABLE = [HEADER.split(","), changed(number="FB1").split(","),
         changed(number="FB2", departure="2030-01-15 09:00").split(",")]  # fmt: skip


def saved(content: bytes) -> tuple[Imported, dict[int, str]]:
    told: dict[int, str] = {}
    return import_schedule(BytesIO(content), tell=told.__setitem__), told


@pytest.mark.parametrize(
    "content",
    {
        "Excel, CSV UTF-8": "\ufeff" + f"{HEADER}\r\n{GOOD}\r\n",
        "a separator of the locale": f"{HEADER}\r\n{GOOD}\r\n".replace(",", ";"),
        "a decimal comma": f"{HEADER},{GOOD}\n".replace(",FB", "\nFB").replace(",", ";")
        .replace("129.50", "129,50"),
        "tabs": f"{HEADER}\n{GOOD}\n".replace(",", "\t"),
        "a separator that is said": f"sep=;\r\n{HEADER}\r\n{GOOD}\r\n".replace(",", ";"),
        "an old Mac": f"{HEADER}\r{GOOD}\r",
        "line ends of several systems": f"{HEADER}\r\n{GOOD}\r\r\n\n",
        "no line end at the end": f"{HEADER}\n{GOOD}",
        "rows of commas": f"{HEADER}\n,,,,,,\n{GOOD}\n,,,,,,\n,,,,,,,,,\n",
        "rows of blanks": f'{HEADER}\n \n{GOOD}\n"","",,"  ",,,\n\u00a0,\u200b,,,,,\n',
        "rows above the table": f"\n,,,\n{HEADER}\n{GOOD}\n",
        "empty columns behind": f"{HEADER},,\n{GOOD},,\n",
        "rows longer than the header": f"{HEADER}\n{GOOD},,,\n",
        "an empty column before and between": f",{HEADER.replace(',layout', ',,layout')}\n"
        f",{GOOD.replace(',small', ',,small')}\n",
        "quotes around all": '"' + f'{HEADER}"\n"{GOOD}"\n'.replace(",", '","'),
        "blanks behind the commas": f"{HEADER}\n{GOOD}\n".replace(",", ", "),
        "a header for people": f"{HEADER}\n{GOOD}\n".replace("base_fare", "Base fare"),
        "cells that are kept as text": f'{HEADER}\n="FB100",\'CDG,"=""JFK"""{GOOD[13:]}\n',
    }.items(),
    ids=lambda content: content[0],
)  # fmt: skip
def test_a_table_is_understood_as_it_was_saved(content: tuple[str, str]) -> None:
    assert saved(content[1].encode()) == (Imported(new=1), {})
    flight = Flight.objects.get()
    assert (flight.number, flight.destination_id, flight.base_fare_cents) == ("FB100", "JFK", 12950)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_every_unicode_is_understood(encoding: str) -> None:
    content = f"{HEADER}\r\n{GOOD}\r\n".replace(",", "\t").encode(encoding)
    assert saved(content) == (Imported(new=1), {})


def test_windows_encoding_is_understood() -> None:
    assert saved(f"{HEADER}\n\u00a0{GOOD}\u00a0\n".encode("cp1252")) == (Imported(new=1), {})


@pytest.mark.parametrize(
    "cells",
    [
        {"number": "FB\u00a0100"},
        {"number": "ＦＢ１００"},
        {"origin": "cdg\u00a0", "destination": "\u200bJFK"},
        {"origin": "ＣＤＧ"},
        {"layout": "SMALL"},
        {"layout": "\u202fsmall"},
        {"base_fare": "129.5"},
        {"base_fare": '"129,50"'},
        {"base_fare": "１２９.５０"},
        {"departure": "2030-01-15 10:00:00"},
        {"departure": "2030-01-15T10:00:00.000"},
        {"departure": "2030/1/15 10:00"},
        {"departure": "2030–01–15\u00a010:00"},
        {"departure": "2030-01-15T10:00+0100"},
        {"departure": "2030-01-15 10:00 +01"},
        {"departure": "2030-01-15t09:00z"},
        {"departure": "2030-01-15 9:00 UTC"},
        {"arrival": "2030-01-15 12:00:00 \u221205:00"},
    ],
)  # fmt: skip
def test_a_cell_means_the_same_however_it_is_written(cells: dict[str, str]) -> None:
    assert load(changed(**cells)) == (Imported(new=1), {})
    flight = Flight.objects.get()
    assert (flight.number, flight.origin_id, flight.layout_id) == ("FB100", "CDG", "small")
    assert (flight.departure, flight.arrival) == (utc("2030-01-15T09:00"), utc("2030-01-15T17:00"))
    assert flight.base_fare_cents == 12_950


def test_a_layout_is_found_in_its_own_letters_first() -> None:
    a_layout("a350-900")
    a_layout("A350-900")
    load(changed(layout="A350-900"), changed(number="FB1", layout="a350-900"))
    assert [f.layout_id for f in Flight.objects.order_by("number")] == ["a350-900", "A350-900"]


@pytest.mark.parametrize(
    ("rows", "line", "words"),
    [
        ([GOOD, changed(number="FB1") + ",x"], 3, "column 8 has 'x', and no name in the header"),
        ([",,,", "FB1,CDG"], 3, "it has 2 of the 7 values that the header names."),
        (['FB1,"CDG'], 2, "a quote is left open"),
        (['"FB1"x,CDG'], 2, "something follows one"),
        ([changed(departure="15/01/2030 10:00")], 2, "like 2026-12-01 08:15, the year first"),
        ([changed(departure="47498.4166666667")], 2, "departure '47498.4166666667': not a date"),
        ([changed(departure="2030-01-15 10:00 +25:00")], 2, "not a date and time"),
        ([changed(base_fare="1.3E+02")], 2, "base_fare '1.3E+02': the fare is a sum"),
        ([changed(base_fare='"1,295"')], 2, "base_fare '1,295': the fare is a sum"),
        ([changed(number="9E+50")], 2, "number '9E+50': A flight number is"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_named(rows: list[str], line: int, words: str) -> None:
    told = load(*rows)[1]
    assert list(told) == [line]
    assert words in told[line]


@pytest.mark.parametrize("magic", [b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")])
def test_a_workbook_is_named(magic: bytes) -> None:
    with pytest.raises(FileRefused, match="a workbook, not CSV"):
        saved(magic + b"\0" * 99)


def test_a_column_without_a_name_may_say_nothing() -> None:
    with pytest.raises(FileRefused, match="Line 2: the header does not know colour"):
        saved(f",\n{HEADER},,colour\n{GOOD},,red\n".encode())
    _, told = load(GOOD + ",,red", header=f"{HEADER},,")
    assert told == {2: "column 9 has 'red', and no name in the header."}


@pytest.mark.parametrize(
    ("content", "lines"),
    [(b"a\nb\n", 2), (b"a\nb", 2), (b"a\rb\r", 2), (b"a\r\nb\r\n", 2), (b"", 0), (b"\n\n\n", 3),
     ("a\r\nb\r\n".encode("utf-16"), 2)],
)  # fmt: skip
def test_lines_are_counted_as_they_are_read(content: bytes, lines: int) -> None:
    assert count_lines(BytesIO(content)) == lines


AROUND = st.text(" \u00a0\u202f\u200b\ufeff", max_size=2)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"]),
    separator=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    empty_rows=st.lists(st.integers(0, 3), max_size=3),
    empty_cells=st.integers(0, 3),
    around=AROUND,
    capitals=st.booleans(),
)
def test_a_table_means_the_same_however_it_was_saved(
    encoding: str, separator: str, end: str, quoting: int, empty_rows: list[int],
    empty_cells: int, around: str, capitals: bool,
) -> None:  # fmt: skip
    rows = [[around + cell + around for cell in row] + [""] * empty_cells for row in TABLE]
    for place in empty_rows:
        rows.insert(place, [""] * empty_cells)
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows(rows)
    content = text.getvalue().upper() if capitals else text.getvalue()
    Flight.objects.all().delete()
    assert saved(content.encode(encoding)) == (Imported(new=2), {})


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None
)
@given(st.lists(st.binary(max_size=30) | st.sampled_from(
    [HEADER.encode(), GOOD.encode(), b"\n", b"\r", b",", b";", b'"', b"'", b"\xff\xfe", b"\0", b"="]
), max_size=12))  # fmt: skip
def test_whatever_a_file_has_it_is_refused_or_told(pieces: list[bytes]) -> None:
    try:
        result, told = saved(b"".join(pieces))
    except FileRefused as error:
        result, told = Imported(bad=1), {1: str(error)}
    assert result.bad + result.codeshares == len(told)
    assert all(words.isprintable() for words in told.values())
