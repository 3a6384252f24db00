"""The layout files that come with the project, against what is known of the aircraft."""

from collections import Counter

import pytest

from flights.cabin.seats import Layout
from flights.cabin.text import parse
from flights.layout_files import FOLDER

KNOWN = {
    "a320": {"economy": 176},
    "a320neo": {"business": 28, "economy": 138},
    "b737-800": {"economy": 162},
    "e190": {"business": 12, "economy": 84},
    "a350-900": {"business": 48, "premium": 21, "economy": 224},
    "b787-9": {"business": 48, "premium": 21, "economy": 188},
}


def aircraft(code: str) -> Layout:
    return parse((FOLDER / f"{code}.txt").read_text())


def letters(layout: Layout, number: int) -> str:
    return "".join(seat.letter for seat in layout.seats.values() if seat.row == number)


def numbers(layout: Layout, cabin: str) -> list[int]:
    return [row.number for row in layout.rows if row.cabin.name == cabin]


def test_every_file_is_of_a_known_aircraft() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == KNOWN.keys()


@pytest.mark.parametrize("code", KNOWN)
def test_an_aircraft_has_the_seats_it_is_known_to_have(code: str) -> None:
    seats = aircraft(code).seats.values()
    assert Counter(seat.cabin for seat in seats) == KNOWN[code]


def test_the_a320_has_its_rows_letters_and_exits() -> None:
    layout = aircraft("a320")
    assert numbers(layout, "economy") == [*range(1, 13), *range(14, 32)]
    assert letters(layout, 1) == "DEF"
    assert letters(layout, 31) == "ABDEF"
    assert all(letters(layout, n) == "ABCDEF" for n in range(2, 31) if n != 13)
    assert [row.number for row in layout.rows if row.exits] == [12, 14]


def test_the_a320neo_has_its_rows_and_letters() -> None:
    layout = aircraft("a320neo")
    assert numbers(layout, "business") == [*range(1, 8)]
    assert numbers(layout, "economy") == [*range(8, 31)]
    assert (letters(layout, 1), letters(layout, 8)) == ("ACDF", "ABCDEF")


def test_the_737_has_its_rows_and_exits() -> None:
    layout = aircraft("b737-800")
    assert numbers(layout, "economy") == [*range(4, 13), *range(15, 33)]
    assert [row.number for row in layout.rows if row.exits] == [12, 15]


def test_the_e190_has_its_rows_letters_and_exit() -> None:
    layout = aircraft("e190")
    assert numbers(layout, "economy") == [11, 12, *range(14, 33)]
    assert {letters(layout, n) for n in numbers(layout, "economy")} == {"ACGJ"}
    assert [row.number for row in layout.rows if row.exits] == [18]


def test_the_a350_has_its_cabins_in_their_rows() -> None:
    layout = aircraft("a350-900")
    assert numbers(layout, "business") == [*range(1, 9)]
    assert set(numbers(layout, "premium")) < {*range(12, 16)}
    assert (numbers(layout, "economy")[0], numbers(layout, "economy")[-1]) == (16, 42)


def test_the_787_has_its_rows_and_letters() -> None:
    layout = aircraft("b787-9")
    drawn = {row.number: letters(layout, row.number) for row in layout.rows}
    assert drawn == {
        **dict.fromkeys(range(1, 13), "ADFL"),
        **dict.fromkeys(range(20, 23), "ACDEFJL"),
        **dict.fromkeys([*range(30, 36), *range(44, 56)], "ABCDEFJKL"),
        **dict.fromkeys((42, 43), "ABCJKL"),
        **dict.fromkeys((56, 57), "BCDEFJK"),
    }
