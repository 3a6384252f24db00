"""One spelling of each flight number, whoever writes it."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from flights.models import Flight, flight_number, number_words, read_number
from tests.flights.places import a_flight

SPELLINGS = {
    "ZZ12": ["ZZ12", "ZZ0012", "ZZ012", "ZZ 012", "zz 12", " ZZ-12 ", "ZZ\u00a012", "Z\u200bZ12",
             "\uff3a\uff3a\uff11\uff12", "ZZ\u20130012", "\ufeffZZ12"],
    "U28A": ["U28A", "u2 0008a", "U2008A"],
    "9E50": ["9E50", "9E 0050", "9e050"],
    "AFR7": ["AFR7", "afr 007"],
    "AF9999": ["AF9999", "AF 09999"],
}  # fmt: skip
NONE = [
    "",
    "1",
    "AIRX1",
    "AF",
    "AF12345",
    "AF0",
    "AF 000",
    "12345",
    "AF12AB",
    "AF1.2",
    "-12",
    "ÀF12",
]


@pytest.mark.parametrize(
    ("typed", "number"), [(typed, number) for number, all_ in SPELLINGS.items() for typed in all_]
)
def test_a_number_has_one_spelling_however_it_is_typed(typed: str, number: str) -> None:
    assert read_number(typed) == number


@pytest.mark.parametrize("typed", NONE)
def test_what_is_no_number_is_none(typed: str) -> None:
    assert read_number(typed) is None


@given(st.from_regex(r"[A-Z0-9 -]{2,10}", fullmatch=True))
def test_what_is_read_is_legal_and_reads_as_itself(typed: str) -> None:
    if number := read_number(typed):
        flight_number(number)
        assert read_number(number) == number


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("zz 012 2030-01-15", ["ZZ012", "2030-01-15"]),
        ("zz\u00a012", ["ZZ12"]),
        ("ＺＺ\u3000０１２ ２０３０－０１－１５", ["ZZ012", "2030-01-15"]),
        ("\u200ezz\u202f12\u00ad", ["ZZ12"]),
        ("AF 1234 12A", ["AF1234", "12A"]),
        ("Li 12A", ["LI", "12A"]),
        ("CDG-JFK 12", ["CDG-JFK", "12"]),
        ("AF 2030-01-15", ["AF", "2030-01-15"]),
        ("Ada Lovelace", ["ADA", "LOVELACE"]),
        ("Flann O´Brien", ["FLANN", "O\u0301BRIEN"]),
    ],
)
def test_a_search_for_a_number_in_two_words_is_for_one(typed: str, words: list[str]) -> None:
    assert number_words(typed) == words


@pytest.mark.django_db
def test_a_flight_is_written_and_found_in_the_one_spelling() -> None:
    flight = a_flight("zz 0012")
    flight.refresh_from_db()
    assert flight.number == "ZZ12"
    assert Flight.objects.get(number="ZZ012") == Flight.objects.get(number__in=["zz 12"]) == flight


@pytest.mark.django_db
@pytest.mark.parametrize("number", NONE)
def test_a_flight_has_a_number_that_is_one(number: str) -> None:
    flight = a_flight()
    flight.number = number
    with pytest.raises(ValidationError, match="number"):
        flight.full_clean()


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["ZZ012", "ZZ 12", "zz12", "ZZ0", "ZZ12\n", "1234"])
def test_the_database_refuses_another_spelling(number: str) -> None:
    flight = a_flight("ZZ12")
    with (
        pytest.raises(IntegrityError, match="flight_number_has_one_spelling"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE flights_flight SET number = %s WHERE id = %s", [number, flight.pk])
