"""The command import_flights, and files that cannot be read."""

import datetime as dt
import tracemalloc
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from flights.models import Flight
from flights.schedule.file import import_schedule
from tests.flights.schedule.rows import GOOD, HEADER

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("places")]


# Rows of a long file.
LONG = 8000


def run(file: Path, *options: str) -> tuple[int, str, str]:
    """Exit code and what was printed."""
    out, err = StringIO(), StringIO()
    try:
        call_command("import_flights", str(file), *options, stdout=out, stderr=err)
    except CommandError as error:
        return error.returncode, out.getvalue(), err.getvalue() + str(error)
    return 0, out.getvalue(), err.getvalue()


def test_the_command_ends_with_0_when_every_row_is_good(tmp_path: Path) -> None:
    file = tmp_path / "summer.csv"
    file.write_text(f"{HEADER}\n{GOOD}\n")
    assert run(file) == (0, "Flights: 1 new, 0 updated, 0 unchanged, 0 bad.\n", "")


def test_the_command_ends_with_1_when_a_row_is_bad(tmp_path: Path) -> None:
    file = tmp_path / "summer.csv"
    file.write_text(f"{HEADER}\n{GOOD}\nFB101,CDG\n")
    code, out, err = run(file)
    assert (code, out) == (1, "Flights: 1 new, 0 updated, 0 unchanged, 1 bad.\n")
    assert err == "line 3: it has 2 of the 7 values that the header names.\n1 bad row(s)."
    code, _, err = run(file, "--strict")
    assert (code, "Nothing was written." in err) == (1, True)


def test_the_command_ends_with_2_when_the_file_cannot_be_read(tmp_path: Path) -> None:
    assert run(tmp_path / "none.csv")[0] == 2
    file = tmp_path / "other.csv"
    file.write_text("a,b\n")
    assert run(file)[0] == 2


def test_a_file_without_lines_is_refused_and_what_came_before_is_not_written(
    tmp_path: Path,
) -> None:
    file = tmp_path / "summer.csv"
    file.write_bytes(f"{HEADER}\n{GOOD}\n".encode() + b"\0" * 100_000)
    code, _, err = run(file)
    assert (code, err) == (2, "Line 3 is longer than 65536 characters; is this a table?")
    assert not Flight.objects.exists()


def test_a_file_of_any_length_is_read_as_a_stream() -> None:
    """What is kept of a row is kept in Postgres, also to know a flight that comes twice."""
    days = [dt.date(2030, 1, 1) + dt.timedelta(days=n) for n in range(LONG // 1000)]
    rows = (
        f"FB{n},CDG,JFK,{day} 10:00,{day} 12:00,small,129.50\n"
        for day in days
        for n in range(1, 1001)
    )
    kept: list[int] = []

    class Watched(BytesIO):
        def readinto(self, buffer: Any) -> int:
            kept.append(tracemalloc.get_traced_memory()[0])
            return super().readinto(buffer)

    file = Watched("".join([f"{HEADER}\n", *rows]).encode())
    tracemalloc.start()
    try:
        result = import_schedule(file, tell=lambda number, reason: None)
    finally:
        tracemalloc.stop()
    assert (result.new, result.bad) == (LONG, 0)
    quarter = len(kept) // 4
    second, last = min(kept[quarter : 2 * quarter]), min(kept[3 * quarter :])
    # A set of the flights seen kept some 210; what else this process keeps is little beside it.
    assert (last - second) / (LONG / 2) < 60, "bytes for a row"


def test_a_file_that_is_not_there_is_named() -> None:
    said = r"^/nowhere\.csv cannot be read: No such file or directory\.$"
    with pytest.raises(CommandError, match=said) as caught:
        call_command("import_flights", "/nowhere.csv")
    assert caught.value.returncode == 2
