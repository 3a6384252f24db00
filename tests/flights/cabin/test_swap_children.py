"""Another aircraft for those with children: at no exit, and beside an adult of theirs."""

from collections.abc import Collection
from dataclasses import replace
from itertools import product
from random import Random
from time import perf_counter

from hypothesis import event, given, settings
from hypothesis import strategies as st

from flights.cabin.lines import CABINS
from flights.cabin.room import Room
from flights.cabin.seats import Layout
from flights.cabin.side_by_side import are_with_adults
from flights.cabin.swap import Party, Plan, better_or_same, plan_swap
from flights.cabin.text import parse
from tests.flights.cabin.test_swap import BIG, HEAD, LAYOUTS, groups_of, neighbours, swaps

type Swap = tuple[Layout, Layout, list[Party], set[str]]
ALL_EXITS = parse(HEAD + "cabin economy ABC DEF fare 1\n1-9 ABC DEF exit\n10 ABC DEF\n")


def with_children(party: Party, who: str) -> Party:
    """As many letters as seats: an adult, an infant's adult, a child."""
    said = dict(zip(party.seats, who, strict=True))
    return replace(
        party,
        not_at_exits=frozenset(seat for seat, one in said.items() if one in "ic"),
        children=frozenset(seat for seat, one in said.items() if one == "c"),
    )


@st.composite
def swaps_of_families(draw: st.DrawFn) -> Swap:
    old, new, parties, blocked = draw(swaps())
    new = draw(st.sampled_from([new, ALL_EXITS, BIG]))
    dice = draw(st.randoms(use_true_random=False))
    kinds = draw(st.sampled_from(["aaaaaaac", "aaic", "ac", "ccca"]))
    named = [
        with_children(each, "".join(dice.choices(kinds, k=len(each.seats)))) for each in parties
    ]
    return old, new, named, blocked


def lacking(old: Layout, new: Layout, parties: list[Party], blocked: Collection[str]) -> int:
    """How many cannot have a seat, by Hall's theorem: some kinds of people have too few."""
    usable = [seat for name, seat in new.seats.items() if name not in blocked]
    people = [(old.seats[s].cabin, s in each.not_at_exits) for each in parties for s in each.seats]
    most = 0
    for worst, worst_off in product(range(-1, len(CABINS)), repeat=2):
        anywhere, off = CABINS[: worst + 1], CABINS[: worst_off + 1]
        wanted = sum(cabin in (off if is_off else anywhere) for cabin, is_off in people)
        seats = sum(
            seat.cabin in anywhere or (seat.cabin in off and "exit_row" not in seat.features)
            for seat in usable
        )
        most = max(most, wanted - seats)
    return most


@given(swaps_of_families())
@settings(max_examples=300, deadline=None)
def test_no_child_is_at_an_exit_and_none_is_parted_without_need(swap: Swap) -> None:
    old, new, parties, blocked = swap
    plan = plan_swap(old, new, parties, blocked)
    children = {seat for party in parties for seat in party.children}

    assert sorted([*plan.seats, *plan.unseated]) == sorted(s for p in parties for s in p.seats)
    assert len({*plan.seats.values()}) == len(plan.seats)
    assert not blocked & {*plan.seats.values()}
    for party in parties:
        assert not {plan.seats.get(seat) for seat in party.not_at_exits} & new.exit_row_seats
        assert all(
            new.seats[plan.seats[seat]].cabin in better_or_same(old.seats[seat].cabin)
            for seat in party.seats
            if seat in plan.seats
        )
    lacks = lacking(old, new, parties, blocked)
    event(f"too few seats: {lacks > 0}")
    assert len(plan.unseated) == lacks

    free = new.seats.keys() - blocked - {*plan.seats.values()} - new.exit_row_seats
    for group in groups_of(old, parties):
        names = {seat.id for seat in group.seats}
        if not names & children or names <= children or names & {*plan.unseated}:
            continue
        if all(plan.seats[name] == name for name in names):
            # Where they chose to sit.
            continue
        order = sorted(group.seats, key=lambda seat: list(new.seats).index(plan.seats[seat.id]))
        if not are_with_adults(order, [new.seats[plan.seats[s.id]] for s in order], children):
            event("a child without an adult")
            assert not neighbours(new, free, len(names), better_or_same(group.cabin))


@given(swaps_of_families(), st.randoms())
@settings(max_examples=50, deadline=None)
def test_the_same_families_make_the_same_plan(swap: Swap, dice: Random) -> None:
    old, new, parties, blocked = swap
    shuffled = list(parties)
    dice.shuffle(shuffled)
    assert plan_swap(old, new, shuffled, blocked) == plan_swap(old, new, parties, blocked)


@given(swaps_of_families())
@settings(max_examples=100, deadline=None)
def test_whoever_a_room_lets_in_has_a_seat_in_the_plan(swap: Swap) -> None:
    old, new, parties, blocked = swap
    room, admitted = Room(new, blocked), list[Party]()
    for party in parties:
        off = [old.seats[seat].cabin for seat in party.not_at_exits]
        anywhere = [old.seats[s].cabin for s in party.seats if s not in party.not_at_exits]
        if room.admit(anywhere, off):
            admitted.append(party)
        else:
            assert lacking(old, new, [*admitted, party], blocked)
    assert not plan_swap(old, new, admitted, blocked).unseated


def planned(new: Layout, *parties: tuple[str, str], blocked: Collection[str] = ()) -> Plan:
    """The plan for parties written as "6A 6B", "ac"."""
    seated = [
        with_children(Party(str(index), tuple(seats.split())), who)
        for index, (seats, who) in enumerate(parties)
    ]
    return plan_swap(BIG, new, seated, blocked)


ROWS_6_AND_7 = HEAD + "cabin economy ABC DEF fare 1\nskip 1-5\n6 ABC DEF exit\n7 ABC DEF\n"


def test_a_seat_of_the_same_name_at_an_exit_is_not_kept_by_a_child() -> None:
    plan = planned(parse(ROWS_6_AND_7), ("6A 6B", "ac"), ("6E", "i"), ("6D", "a"))
    assert plan.seats == {"6A": "7A", "6B": "7B", "6E": "7E", "6D": "6D"}


def test_an_adult_of_the_party_sits_at_the_exit_where_somebody_must() -> None:
    plan = planned(parse(ROWS_6_AND_7), ("6A 6B 6C", "aac"), blocked=["7C", "7D", "7E", "7F"])
    assert plan.seats["6C"] in ("7A", "7B")
    assert len({*plan.seats.values()} & {"7A", "7B"}) == 2
    assert not plan.unseated


def test_others_go_to_the_exits_if_a_child_has_no_other_seat() -> None:
    others = [(f"7{letter}", "a") for letter in "ABCDEF"]
    plan = planned(parse(ROWS_6_AND_7), ("6A 6B", "ac"), *others)
    assert not plan.unseated
    assert plan.seats["6B"].startswith("7")
    assert sum(old != new for old, new in plan.seats.items()) == 2


def test_a_child_that_fits_at_exits_only_has_no_seat() -> None:
    plan = planned(parse(ROWS_6_AND_7), ("6A 6B 6C 7A 7B 7C 7D 7E 8A", "acccccccc"))
    assert len(plan.unseated) == 2
    assert {*plan.unseated} < {"6B", "6C", "7A", "7B", "7C", "7D", "7E", "8A"}


def are_beside_adults(plan: Plan, new: Layout, children: str) -> bool:
    """Each child has an adult of the only party in its block."""
    order = list(new.seats)
    people = sorted(plan.seats, key=lambda seat: order.index(plan.seats[seat]))
    seats = [new.seats[plan.seats[seat]] for seat in people]
    return are_with_adults([BIG.seats[seat] for seat in people], seats, set(children.split()))


def test_an_adult_sits_in_each_part_of_a_family() -> None:
    pairs = parse(HEAD + "cabin economy AB DE fare 1\n1-9 AB DE\n")
    for who, children in (("aacc", "6C 6D"), ("acca", "6B 6C"), ("ccaa", "6A 6B")):
        plan = planned(pairs, ("6A 6B 6C 6D", who))
        assert are_beside_adults(plan, pairs, children)


def test_no_child_stays_where_its_adult_cannot() -> None:
    assert are_beside_adults(planned(LAYOUTS["less"], ("6B 6C", "ca")), LAYOUTS["less"], "6B")


def test_seats_that_an_aisle_parts_now_are_not_kept_with_a_child() -> None:
    parted = parse(HEAD + "cabin economy A BCD fare 1\n1-9 A BCD\n")
    plan = planned(parted, ("6A 6B 8C", "aca"))
    assert are_beside_adults(plan, parted, "6B")
    # Adults alone keep theirs, as ever.
    assert planned(parted, ("6A 6B 8C", "aaa")).moved == {}


def test_people_who_need_too_much_are_named_within_a_second() -> None:
    old, new = LAYOUTS["a320"], LAYOUTS["tiny"]
    parties = [Party(seat, (seat,)) for seat in old.seats]
    parties[:20] = [with_children(party, "c") for party in parties[:20]]
    before = perf_counter()
    assert len(plan_swap(old, new, parties).unseated) == len(old.seats) - len(new.seats)
    assert perf_counter() - before < 1
