"""Seats together: never a taken one, never apart without need, no single seat left for nothing."""

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flights.cabin.best_seats import DRAWBACKS, Wishes, best_seats
from flights.cabin.seats import Seat, price_cents
from flights.cabin.text import parse
from flights.money import Money

LAYOUT = parse("""
aircraft Test
range 3000 km
speed 800 km/h
cabin business AC DF fare 3
1-2 AC DF
cabin economy ABC DEF fare 1
skip 3-9
10-12 ABC DEF
13 ABC DEF exit, extra legroom
14 ABC DE.
15-16 ABC DEF
17 .BC DEF
""")
FARE = Money(10_000, "EUR")
ECONOMY = {seat.id for seat in LAYOUT.seats.values() if seat.cabin == "economy"}

some_free = st.sets(st.sampled_from(sorted(LAYOUT.seats)))
parties = st.integers(1, 9)
wishes = st.builds(
    Wishes,
    cabin=st.sampled_from(["", "business", "economy"]),
    window=st.booleans(),
    aisle=st.booleans(),
    front=st.booleans(),
    extra_legroom=st.booleans(),
)


def best(
    free: set[str], party: int, asked: Wishes | None = None, *, children: int = 0
) -> list[str]:
    return best_seats(LAYOUT, free, party, asked or Wishes(), fare=FARE, children=children)


def free_in_rows(first: int, last: int) -> set[str]:
    return {seat for seat in ECONOMY if first <= int(seat[:-1]) <= last}


def runs(free: set[str]) -> list[list[Seat]]:
    """Every stretch of free neighbours, found in another way than the code under test does."""
    found = []
    for row in LAYOUT.rows:
        for group in row.groups:
            for is_free, seats in groupby(group, key=lambda seat: seat and seat.id in free):
                if is_free:
                    found.append([seat for seat in seats if seat])
    return found


def blocks(free: set[str], cabin: str, party: int) -> list[list[str]]:
    """Every block of so many free neighbours."""
    return [
        [seat.id for seat in run[start : start + party]]
        for run in runs(free)
        if run[0].cabin == cabin
        for start in range(len(run) - party + 1)
    ]


def orphans(free: set[str], taken: list[str]) -> int:
    """The single seats that are left when these are taken, and were not single before."""
    alone = [run[0].id for run in runs(free - set(taken)) if len(run) == 1]
    return sum(seat not in {run[0].id for run in runs(free) if len(run) == 1} for seat in alone)


def price(seats: list[str]) -> int:
    return sum(price_cents(LAYOUT.seats[seat], FARE) for seat in seats)


def drawbacks(seats: list[str]) -> int:
    return sum(len(DRAWBACKS.intersection(LAYOUT.seats[seat].features)) for seat in seats)


@given(some_free, parties, wishes)
def test_the_whole_party_sits_on_free_seats_of_one_cabin_or_nobody_does(
    free: set[str], party: int, asked: Wishes
) -> None:
    cabin = asked.cabin or "economy"
    in_cabin = {seat for seat in free if LAYOUT.seats[seat].cabin == cabin}
    found = best(free, party, asked)
    assert len(found) == len(set(found)) == (party if len(in_cabin) >= party else 0)
    assert set(found) <= in_cabin


@given(some_free, parties, wishes)
def test_a_party_is_never_split_while_one_block_has_room(
    free: set[str], party: int, asked: Wishes
) -> None:
    whole = blocks(free, asked.cabin or "economy", party)
    if whole:
        assert best(free, party, asked) in whole


@given(some_free, parties, wishes)
def test_a_party_that_must_split_has_as_few_parts_as_can_be(
    free: set[str], party: int, asked: Wishes
) -> None:
    found = set(best(free, party, asked))
    cabin = asked.cabin or "economy"
    lengths = sorted((len(run) for run in runs(free) if run[0].cabin == cabin), reverse=True)
    fewest = next((n for n in range(10) if sum(lengths[:n]) >= party), 0)
    assert len(runs(found)) == (fewest if found else 0)


@given(some_free, parties)
def test_no_single_seat_is_left_where_that_costs_nothing(free: set[str], party: int) -> None:
    found = best(free, party)
    for other in blocks(free, "economy", party):
        if (price(other), drawbacks(other)) <= (price(found), drawbacks(found)):
            assert orphans(free, found) <= orphans(free, other)


@given(some_free, parties, wishes)
def test_a_wish_that_can_be_met_in_one_block_is_met(
    free: set[str], party: int, asked: Wishes
) -> None:
    wanted = [name for name in ("window", "aisle") if getattr(asked, name)]

    def unmet(seats: list[str]) -> int:
        known = [LAYOUT.seats[seat].features for seat in seats]
        missing = sum(not any(name in features for features in known) for name in wanted)
        cramped = sum("extra_legroom" not in features for features in known)
        return missing + (cramped if asked.extra_legroom else 0)

    whole = blocks(free, asked.cabin or "economy", party)
    if whole:
        assert unmet(best(free, party, asked)) == min(map(unmet, whole))


@given(some_free, parties, st.integers(1, 9), wishes)
def test_with_children_every_block_has_room_for_an_adult_and_none_is_at_an_exit(
    free: set[str], party: int, children: int, asked: Wishes
) -> None:
    found = best(free, party, asked, children=children)
    away = {seat for seat in free if "exit_row" not in LAYOUT.seats[seat].features}
    without = best(away, party, asked)
    # The same as for adults, who may sit anywhere else; or else there were too few of them.
    assert found in (without, [])
    assert bool(found) == bool(without and len(runs(set(without))) <= party - children)
    assert set(found) <= away


def test_a_child_sits_in_the_block_of_an_adult_or_nowhere() -> None:
    apart = {"15A", "15B", "16D", "16E"}
    assert best(apart, 4, children=2) == ["15A", "15B", "16D", "16E"]
    assert best(apart, 4, children=3) == []
    # 13 is an exit row, whatever is wished for.
    assert best(free_in_rows(13, 14), 2, Wishes(extra_legroom=True), children=1) == ["14D", "14E"]
    assert best(free_in_rows(13, 13), 2, children=1) == []


def test_nobody_is_offered_a_dearer_cabin_or_a_supplement_unasked() -> None:
    # The front and the exit row cost more, and 14F is not there: nobody is left alone.
    assert best(set(LAYOUT.seats), 2) == ["14D", "14E"]
    assert best(set(LAYOUT.seats), 2, Wishes(extra_legroom=True)) == ["13A", "13B"]
    assert best(set(LAYOUT.seats), 2, Wishes(front=True)) == ["10A", "10B"]
    assert best(set(LAYOUT.seats), 2, Wishes(cabin="business")) == ["1A", "1C"]


def test_four_sit_across_the_aisle_two_and_two() -> None:
    assert best(free_in_rows(15, 16), 4) == ["15B", "15C", "15D", "15E"]


def test_behind_each_other_is_nearer_than_at_opposite_walls() -> None:
    assert best({"15A", "15B", "15E", "15F", "16A", "16B"}, 4) == ["15A", "15B", "16A", "16B"]


def test_across_the_aisle_is_nearer_than_behind_each_other() -> None:
    assert best({"14B", "14C", "15B", "15C", "15D", "15E"}, 4) == ["15B", "15C", "15D", "15E"]


def test_nobody_sits_alone_if_the_party_can_part_evenly() -> None:
    # Not 12ABC and 13A.
    assert best(free_in_rows(12, 13) - {"12D", "12E", "12F", "13D", "13E", "13F"}, 4) in (
        ["12A", "12B", "13A", "13B"],
        ["12B", "12C", "13B", "13C"],
    )


def test_a_wish_counts_more_than_that_nobody_sits_alone_across_the_aisle() -> None:
    found = best(free_in_rows(15, 15), 4, Wishes(window=True))
    assert found in (["15A", "15B", "15C", "15D"], ["15C", "15D", "15E", "15F"])


def test_of_two_free_blocks_the_one_that_fits_is_taken() -> None:
    # 15A would be left alone, and 16 has just two.
    assert best({"15A", "15B", "15C", "16B", "16C"}, 2) == ["16B", "16C"]


def test_a_gap_puts_nobody_in_between() -> None:
    # 17A is not there: 17B is at the wall.
    assert best({"16B", "17B"}, 1, Wishes(window=True)) == ["17B"]


@pytest.mark.parametrize("party", range(1, 10))
def test_a_wide_empty_cabin_seats_every_party_in_one_or_two_rows(party: int) -> None:
    found = best(ECONOMY, party)
    assert len(found) == party
    assert len({LAYOUT.seats[seat].row for seat in found}) == (1 if party <= 6 else 2)
