"""Texts that stay texts in a spreadsheet."""

import csv
from itertools import product
from pathlib import Path
from string import ascii_uppercase, digits

import pytest

from flights.csv_lines import csv_lines, kept_text
from tests.spreadsheet import needs_calc, opened

CODES = [
    *map("".join, product(digits, ascii_uppercase, ("5", "50", "1234"))),
    *map("".join, product(ascii_uppercase, digits, ("5", "50", "1234"))),
    *(f"{month}{day}" for month in ("JAN", "MAR", "MAY", "SEP", "DEC") for day in (1, 12, 2026)),
    *("2345E6", "234567", "2E3456", "22DEC2", "MARCH2", "0012", "320", "787", "1e5"),
    *(f"{row}{letter}" for row in (1, 9, 12, 60) for letter in "ABCDEFGHJK"),
]
# Names, above all.
TEXTS = [
    *("007", "1-2", "12-24", "1/2", "3/4/26", "8:15", "8:15 pm", "5AM", "12 a", "5%", "$5", "5 €"),
    *(
        "1,234",
        "1.234,56",
        "1 000",
        "1'000",
        "(5)",
        "+44 20 7946",
        "-5",
        ".5",
        "5.",
        "1E+5",
        "-1e-5",
    ),
    *("May 5", "5 May", "Dec. 24", "12 DEC 26", "March 2026", "TRUE", "false", "１２"),
    *("Ada Lovelace", "Anne-Marie", "O'Neil", "May", "Sunday", "", "E5", "blocked: 3 crew", "A-1"),
]


@needs_calc
def test_every_code_and_name_comes_back_as_the_text_it_is(tmp_path: Path) -> None:
    content = b"".join(csv_lines([text, "x"] for text in CODES + TEXTS))
    texts = [row[0] for row in opened(content, tmp_path)]
    assert [cell.text for cell in texts[: len(CODES + TEXTS)]] == CODES + TEXTS
    assert {cell.kind for cell in texts} <= {"string", ""}


@needs_calc
@pytest.mark.parametrize(
    ("language", "names"),
    [(1040, ["Vero", "Falso"]), (1030, ["Sand", "Falsk"]), (1035, ["Tosi"]), (1036, ["Faux"])],
)
def test_so_does_a_name_that_is_a_truth_elsewhere(
    tmp_path: Path, language: int, names: list[str]
) -> None:
    content = b"".join(csv_lines([name, "x"] for name in [*names, *CODES]))
    texts = [row[0] for row in opened(content, tmp_path, language=language)]
    assert [cell.text for cell in texts[: len(names) + len(CODES)]] == names + CODES
    assert {cell.kind for cell in texts} <= {"string", ""}


@needs_calc
def test_it_would_be_something_else_without_that(tmp_path: Path) -> None:
    content = b"9E50,0012,2345E6,12/24,TRUE,5AM\n"
    assert "string" not in {cell.kind for cell in opened(content, tmp_path)[0]}


@needs_calc
def test_numbers_stay_numbers_and_formulas_are_not_run(tmp_path: Path) -> None:
    rows = [("=1+1", "129.50"), ("@SUM(1)", "180"), ("\t=1+1", "-5"), ("+A1", "0")]
    shown = opened(b"".join(csv_lines(rows, numbers={1})), tmp_path)
    assert [row[0].kind for row in shown[:4]] == ["string"] * 4
    assert [row[0].text.lstrip("'\t") for row in shown[:4]] == ["=1+1", "@SUM(1)", "=1+1", "+A1"]
    assert [row[1].kind for row in shown[:4]] == ["float"] * 4


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("9E50", '="9E50"'),
        ("0012", '="0012"'),
        ("1-2", '="1-2"'),
        ("May 5", '="May 5"'),
        ("True", '="True"'),
        ("Vero", '="Vero"'),
        ("=1+1", "'=1+1"),
        ("@x", "'@x"),
        ("AF1234", "AF1234"),
        ("12E", "12E"),
        ("Maya", "Maya"),
        ("2030-01-15 10:00", "2030-01-15 10:00"),
        ("9E50A", "9E50A"),
    ],
)
def test_what_looks_like_something_else_says_that_it_is_text(text: str, cell: str) -> None:
    [line] = csv_lines([[text]])
    assert next(csv.reader([line.decode()])) == [cell]
    assert kept_text(cell) == text


def test_a_column_of_numbers_is_written_as_it_is() -> None:
    assert [*csv_lines([("5E2", "129.50")], numbers={1})] == [b'"=""5E2""",129.50\r\n']
