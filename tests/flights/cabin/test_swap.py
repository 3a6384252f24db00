"""Another aircraft: nobody lost, nobody twice, nobody worse, parties together when possible."""

import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from flights.cabin.lines import CABINS
from flights.cabin.seats import Layout, Seat
from flights.cabin.side_by_side import are_side_by_side
from flights.cabin.swap import (
    Group,
    Party,
    Plan,
    _groups,
    better_or_same,
    plan_swap,
)
from flights.cabin.text import parse
from flights.layout_files import FOLDER

HEAD = "aircraft Test\nrange 3000 km\nspeed 800 km/h\n"
BIG = parse(
    HEAD
    + "cabin business AC DF fare 3\n1-3 AC DF\n"
    + "cabin premium ABC DEF fare 2\n4-5 ABC DEF\n"
    + "cabin economy ABC DEF fare 1\n6-12 ABC DEF\n13 ABC DEF exit, extra legroom\n"
)
LAYOUTS = {
    "big": BIG,
    "less": parse(
        HEAD
        + "cabin business A DF fare 3\n1-2 A DF\n"
        + "cabin economy AB DEF fare 1\n3-10 AB DEF\n11 AB .EF\n12 .. DEF\n"
    ),
    "tiny": parse(HEAD + "cabin economy A C fare 1\nskip 1-5\n6-9 A C\n"),
    "all premium": parse(HEAD + "cabin premium ABC DEF fare 1\n1-13 ABC DEF\n"),
    "e190": parse((FOLDER / "e190.txt").read_text()),
    "a320": parse((FOLDER / "a320.txt").read_text()),
}


def _names(group: Sequence[Seat | None]) -> tuple[str, ...]:
    return tuple(seat.id for seat in group if seat)


@st.composite
def parties_anywhere(draw: st.DrawFn, seats: list[str]) -> list[Party]:
    if draw(st.booleans()):
        seats = draw(st.permutations(seats))
    first = draw(st.integers(0, len(seats)))
    most = draw(st.one_of(st.integers(0, 9), st.integers(0, len(seats))))
    seats = seats[first : first + most]
    parties: list[Party] = []
    while seats:
        size = draw(st.integers(1, 6))
        parties.append(Party(f"{draw(st.integers(0, 99)):02}-{len(parties)}", tuple(seats[:size])))
        seats = seats[size:]
    return parties


@st.composite
def swaps(draw: st.DrawFn) -> tuple[Layout, Layout, list[Party], set[str]]:
    """Two aircraft, parties on the first, side by side or all over it, and blocked seats."""
    old = LAYOUTS[draw(st.sampled_from(["big", "less", "e190"]))]
    new = LAYOUTS[draw(st.sampled_from(sorted(LAYOUTS)))]
    if draw(st.booleans()):
        blocks = [block for row in old.rows for group in row.groups if (block := _names(group))]
        chosen = draw(st.lists(st.sampled_from(blocks), unique=True, max_size=30))
        parties = [Party(f"{draw(st.integers(0, 99)):02}-{block[0]}", block) for block in chosen]
    else:
        parties = draw(parties_anywhere(list(old.seats)))
    taken = {seat for party in parties for seat in party.seats}
    free = sorted(old.seats.keys() - taken)
    blocked = set(draw(st.lists(st.sampled_from(free), max_size=5))) if free else set()
    return old, new, parties, blocked


def groups_of(old: Layout, parties: list[Party]) -> Iterator[Group]:
    for party in parties:
        yield from _groups(old, party)


def neighbours(layout: Layout, free: Collection[str], count: int, cabins: Collection[str]) -> bool:
    """Whether so many free seats are side by side in one of these cabins."""
    for row in layout.rows:
        if row.cabin.name in cabins:
            for block in row.groups:
                drawn = "".join("x" if seat and seat.id in free else "." for seat in block)
                if "x" * count in drawn:
                    return True
    return False


@given(swaps())
@settings(max_examples=300, deadline=None)
def test_whatever_is_swapped_the_plan_is_just(
    swap: tuple[Layout, Layout, list[Party], set[str]],
) -> None:
    old, new, parties, blocked = swap
    plan = plan_swap(old, new, parties, blocked)
    travelling = [seat for party in parties for seat in party.seats]

    # Nobody is lost and nobody is there twice.
    assert sorted([*plan.seats, *plan.unseated]) == sorted(travelling)
    assert len({*plan.seats.values()}) == len(plan.seats)
    assert new.seats.keys() >= {*plan.seats.values()}
    assert not blocked & {*plan.seats.values()}
    assert {*plan.lost_blocks} == blocked - new.seats.keys()

    # Nobody sits worse than before.
    for seat, now in plan.seats.items():
        assert new.seats[now].cabin in better_or_same(old.seats[seat].cabin)

    # Whoever is left without a seat is so because there are too few for that cabin or better.
    usable = [seat for name, seat in new.seats.items() if name not in blocked]
    lacking = 0
    for rank in range(len(CABINS)):
        best = CABINS[: rank + 1]
        wanted = sum(old.seats[seat].cabin in best for seat in travelling)
        lacking = max(lacking, wanted - sum(seat.cabin in best for seat in usable))
    event(f"too few seats: {lacking > 0}")
    assert len(plan.unseated) == lacking

    # Who sat side by side does so again, unless no such seats are left at all.
    free = {seat.id for seat in usable} - {*plan.seats.values()}
    for group in groups_of(old, parties):
        names = [seat.id for seat in group.seats]
        if not group.is_side_by_side or any(name in plan.unseated for name in names):
            continue
        if not are_side_by_side([new.seats[plan.seats[name]] for name in names]):
            event("a party is apart")
            assert not neighbours(new, free, len(names), better_or_same(group.cabin))

    # Whole parties whose seats are there keep them, unless that parts them.
    for group in groups_of(old, parties):
        same = [new.seats.get(seat.id) for seat in group.seats]
        there = [seat for seat in same if seat and seat.cabin == group.cabin]
        if len(there) < len(same) or blocked & {seat.id for seat in there}:
            continue
        if are_side_by_side(there) or not group.is_side_by_side:
            assert all(plan.seats[seat.id] == seat.id for seat in there)


@given(swaps(), st.randoms())
@settings(max_examples=50, deadline=None)
def test_the_same_parties_make_the_same_plan(
    swap: tuple[Layout, Layout, list[Party], set[str]], dice: object
) -> None:
    old, new, parties, blocked = swap
    shuffled = list(parties)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert plan_swap(old, new, shuffled, blocked) == plan_swap(old, new, parties, blocked)


def planned(new: str, *parties: str, blocked: Collection[str] = ()) -> Plan:
    """The plan for parties written as "6A 6B"."""
    seats = [Party(str(index), tuple(party.split())) for index, party in enumerate(parties)]
    return plan_swap(BIG, LAYOUTS[new], seats, blocked)


def test_the_same_aircraft_moves_nobody() -> None:
    assert planned("big", "1A 1C", "4A", "6A 6B 6C 7A").moved == {}


def test_a_party_moves_together_to_where_it_is_most_like_before() -> None:
    # Three side by side are on the other side only; the row is as far behind the nose.
    assert planned("less", "6A 6B 6C").seats == {"6A": "5D", "6B": "5E", "6C": "5F"}


def test_a_party_that_cannot_sit_side_by_side_sits_near() -> None:
    plan = planned("less", "6A 6B 6C 6D")
    assert not plan.unseated
    assert {seat[:-1] for seat in plan.seats.values()} <= {"5", "6", "7"}


def test_who_sat_apart_stays_and_only_the_others_move() -> None:
    plan = planned("less", "6A 9C")
    assert plan.seats["6A"] == "6A"
    assert plan.seats["9C"] in ("9B", "9D")


def test_a_cabin_that_is_gone_is_replaced_by_a_better_one() -> None:
    assert LAYOUTS["less"].seats[planned("less", "4A").seats["4A"]].cabin == "business"
    # Whoever booked business has no seat where there is none.
    assert planned("all premium", "1A", "6A").unseated == ("1A",)


def test_business_is_seated_before_others_are_upgraded() -> None:
    business = [f"{row}{letter}" for row in (1, 2) for letter in "ADF"]
    premium = [f"4{letter}" for letter in "ABC"]
    plan = planned("less", *business, *premium)
    assert not {*plan.unseated} & {*business}
    assert {*plan.unseated} == {*premium}


def test_what_was_paid_for_is_kept_where_it_can_be() -> None:
    new = parse(
        HEAD
        + "cabin economy ABC DEF fare 1\n1-5 ABC DEF\nskip 6-19\n20 ABC DEF exit, extra legroom\n"
    )
    plan = plan_swap(BIG, new, [Party("a", ("13A",)), Party("b", ("12C",))], ())
    assert plan.seats["13A"] == "20A"
    # Nobody is put at an exit who did not choose it.
    assert plan.seats["12C"] == "5C"


def test_blocked_seats_stay_blocked_and_those_that_are_gone_are_named() -> None:
    plan = planned("less", "6C", blocked=["6B", "6D", "13A"])
    assert plan.seats["6C"] not in ("6B", "6D")
    assert plan.lost_blocks == ("13A",)


@pytest.mark.parametrize("count", [1, 3])
def test_too_many_people_are_named(count: int) -> None:
    seats = [f"{row}{letter}" for row in range(6, 13) for letter in "ABCDEF"][: 8 + count]
    plan = planned("tiny", *seats)
    assert len(plan.unseated) == count


# Parties all over one aircraft, planned for another.
ANYWHERE = """
from pathlib import Path
from flights.cabin.swap import Party, plan_swap
from flights.cabin.text import parse
old, new = (parse(Path(f"flights/layouts/{name}.txt").read_text()) for name in ("e190", "a320"))
seats = sorted(old.seats, key=lambda seat: (seat[-1], seat))
parties = [Party(seats[n], tuple(seats[n : n + 4])) for n in range(0, 88, 4)]
print(plan_swap(old, new, parties).seats)
"""


def test_every_process_makes_the_same_plan() -> None:
    plans = {
        subprocess.check_output([sys.executable, "-c", ANYWHERE], env={"PYTHONHASHSEED": seed})
        for seed in "1234"
    }
    assert len(plans) == 1
