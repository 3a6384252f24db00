"""What a seat costs, and which seats are near."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flights.cabin.seats import nearest_free, price_bands, price_cents
from flights.cabin.text import parse
from flights.money import Money

LAYOUT = parse("""
aircraft Test
range 3000 km
speed 800 km/h
cabin business AC DF fare 3.2
1-2 AC DF extra legroom
cabin premium AC DF fare 1.7
skip 3-4
5-9 AC DF
cabin economy ABC DEF fare 1
10-13 ABC DEF
14 ABC DEF exit
15 ABC DEF exit, extra legroom
16-20 ABC DEF
""")


def euros(cents: int) -> Money:
    return Money(cents, "EUR")


@pytest.mark.parametrize(
    ("seat", "fare", "price"),
    [
        ("16B", euros(10_000), 10_000),
        ("16B", euros(12_349), 12_300),  # Whole units,
        ("16B", euros(12_350), 12_400),  # half up.
        ("9A", euros(10_000), 17_000),
        ("1A", euros(10_000), 32_000),  # Business has no supplements.
        ("15A", euros(50_000), 60_000),  # Extra legroom: 20 per cent,
        ("15A", euros(5_000), 7_000),  # at least 20.
        ("14A", euros(50_000), 56_000),  # An exit row: 12 per cent.
        ("10A", euros(50_000), 54_000),  # The front: 8 per cent,
        ("5A", euros(50_000), 89_000),  # in premium too, of the base fare.
        # A yen is whole by itself, a dinar is a thousand of its parts.
        ("16B", Money(12_349, "JPY"), 12_349),
        ("9A", Money(12_345, "JPY"), 20_987),
        ("15A", Money(50, "JPY"), 70),
        ("16B", Money(49_499, "KWD"), 49_000),
        ("15A", Money(50_500, "KWD"), 71_000),
    ],
)
def test_a_price_is_the_cabins_fare_and_the_dearest_supplement(
    seat: str, fare: Money, price: int
) -> None:
    assert price_cents(LAYOUT.seats[seat], fare) == price


@given(
    st.builds(Money, st.integers(0, 2_000_000), st.sampled_from(["EUR", "JPY", "KWD", "CLF"])),
    st.sampled_from(list(LAYOUT.seats)),
)
def test_prices_are_whole_units_and_never_below_the_cheapest_seat(fare: Money, seat: str) -> None:
    price = price_cents(LAYOUT.seats[seat], fare)
    assert price % fare.unit == 0
    assert price >= price_cents(LAYOUT.seats["16B"], fare)


def test_a_cabin_has_one_price_for_each_thing_that_is_paid_for() -> None:
    bands = {cabin.name: price_bands(LAYOUT, cabin, euros(50_000)) for cabin in LAYOUT.cabins}
    assert bands["business"] == {"": 160_000}
    assert list(bands["economy"].items()) == [
        ("", 50_000),
        ("front", 54_000),
        ("exit_row", 56_000),
        ("extra_legroom", 60_000),
    ]


def test_the_seat_beside_is_nearer_than_the_row_behind() -> None:
    assert nearest_free(LAYOUT, ["16A"], LAYOUT.seats.keys(), 3) == ["16B", "15A", "17A"]


def test_the_other_side_of_the_aisle_is_further_than_the_seat_beside() -> None:
    assert nearest_free(LAYOUT, ["16C"], {"16D", "16B"}, 2) == ["16B", "16D"]


def test_a_seat_of_the_same_cabin_comes_first_however_far() -> None:
    assert nearest_free(LAYOUT, ["10A"], {"9A", "20F"}, 2) == ["20F", "9A"]


def test_rows_are_counted_where_they_stand_and_not_by_their_numbers() -> None:
    # Row 5 stands right behind row 2.
    assert nearest_free(LAYOUT, ["5A"], {"2A", "10A"}, 1) == ["2A"]


def test_nothing_near_an_unknown_seat_is_offered() -> None:
    assert nearest_free(LAYOUT, ["99Z"], LAYOUT.seats.keys()) == []


@given(
    st.sets(st.sampled_from(list(LAYOUT.seats)), min_size=1, max_size=9),
    st.sets(st.sampled_from(list(LAYOUT.seats))),
    st.integers(0, 12),
)
def test_only_free_seats_are_offered_and_never_the_lost_ones(
    wanted: set[str], free: set[str], count: int
) -> None:
    offered = nearest_free(LAYOUT, wanted, free, count)
    assert len(offered) == len(set(offered)) == min(count, len(free - wanted))
    assert set(offered) <= free - wanted
