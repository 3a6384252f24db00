"""Money: read and written by the decimals that each currency has."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from flights.money import DECIMALS, MOST_CENTS, Money, read

monies = st.builds(
    Money, st.integers(1, MOST_CENTS), st.sampled_from(["EUR", "CHF", "INR", *DECIMALS])
)


@pytest.mark.parametrize(
    ("money", "price", "staff"),
    [
        (Money(14_500, "EUR"), "€145", "145.00 EUR"),
        (Money(14_550, "EUR"), "€145.50", "145.50 EUR"),
        (Money(5, "USD"), "$0.05", "0.05 USD"),
        (Money(1_234_567, "JPY"), "¥1,234,567", "1,234,567 JPY"),
        (Money(99, "KRW"), "KRW\u00a099", "99 KRW"),
        (Money(12_345, "KWD"), "KWD\u00a012.345", "12.345 KWD"),
        (Money(12_000, "BHD"), "BHD\u00a012", "12.000 BHD"),
        (Money(12_340, "TND"), "TND\u00a012.340", "12.340 TND"),
        (Money(12_345, "CLF"), "CLF\u00a01.2345", "1.2345 CLF"),
        (Money(0, "EUR"), "€0", "0.00 EUR"),
        (Money(-14_550, "EUR"), "€-145.50", "-145.50 EUR"),
        (Money(1, "UYW"), "UYW\u00a00.0001", "0.0001 UYW"),
    ],
)
def test_money_is_written_as_its_currency_is(money: Money, price: str, staff: str) -> None:
    assert (money.price, str(money)) == (price, staff)


@pytest.mark.parametrize(
    ("text", "currency", "cents"),
    [
        ("129", "EUR", 12_900),
        ("129.5", "EUR", 12_950),
        ("129.50", "EUR", 12_950),
        ("0.01", "EUR", 1),
        ("12345", "JPY", 12_345),
        ("12.345", "KWD", 12_345),
        ("12.3", "BHD", 12_300),
        ("007", "EUR", 700),
        ("1.2345", "CLF", 12_345),
    ],
)
def test_a_fare_is_read_as_its_currency_is(text: str, currency: str, cents: int) -> None:
    assert read(text, currency) == Money(cents, currency)


@pytest.mark.parametrize(
    ("text", "currency", "why"),
    [
        ("12345.67", "JPY", "JPY has no decimals."),
        ("12345.0", "JPY", "JPY has no decimals."),
        ("129.505", "EUR", "EUR has 2 decimals."),
        ("1.2345", "KWD", "KWD has 3 decimals."),
        ("0", "EUR", "a sum above 0"),
        ("0.00", "EUR", "a sum above 0"),
        ("", "EUR", "a sum above 0"),
        (".5", "EUR", "a sum above 0"),
        ("5.", "EUR", "a sum above 0"),
        ("-5", "EUR", "a sum above 0"),
        ("1e3", "EUR", "a sum above 0"),
        ("1,234", "EUR", "a sum above 0"),
        ("١٢", "EUR", "a sum above 0"),
        ("129\n", "EUR", "a sum above 0"),
        ("99999999", "EUR", "at most 21,474,836.47 EUR"),
        ("9999999", "KWD", "at most 2,147,483.647 KWD"),
    ],
)
def test_what_is_no_fare_is_refused_with_the_reason(text: str, currency: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        read(text, currency)


@given(monies)
def test_what_is_written_to_a_file_is_read_again(money: Money) -> None:
    assert read(str(money.amount), money.currency) == money
