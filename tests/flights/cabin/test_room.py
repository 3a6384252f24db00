"""Who fits on an aircraft, counted by cabin, and that the plan then has a seat for each."""

from random import Random

import pytest

from flights.cabin.room import Room
from flights.cabin.seats import Layout
from flights.cabin.swap import Party, plan_swap
from flights.cabin.text import parse

LAYOUT = """
aircraft Test
range 6150 km
speed 830 km/h
cabin business AB CD fare 3
1-{} AB CD
cabin premium AB CD fare 2
{}-{} AB CD
cabin economy ABC DEF fare 1
{}-{} ABC DEF
"""


def an_aircraft(business: int, premium: int, economy: int) -> Layout:
    """With so many rows of each cabin."""
    last = business + premium
    rows = business, business + 1, last, last + 1, last + economy
    return parse(LAYOUT.format(*rows))


OLD = an_aircraft(4, 4, 11)


def test_a_better_cabin_will_do_and_a_worse_one_will_not() -> None:
    room = Room(an_aircraft(1, 1, 1))
    assert room.left == 4 + 4 + 6
    assert room.admit(["economy"] * 7)
    assert not room.admit(["business"] * 5)
    assert room.admit(["business"] * 4)
    assert room.left == 3
    assert not room.admit(["economy"] * 4)
    assert room.admit(["economy", "premium", "premium"])
    assert not room.admit(["economy"])


def test_seats_that_are_taken_are_not_there() -> None:
    layout = an_aircraft(1, 1, 1)
    assert Room(layout, layout.seats.keys() - {"1A"}).left == 1


@pytest.mark.parametrize("seed", range(20))
def test_whoever_was_let_in_has_a_seat_in_the_plan(seed: int) -> None:
    random = Random(seed)
    new = an_aircraft(random.randint(1, 4), 2, 3)
    seats = random.sample(list(OLD.seats), 90)
    blocked = set(random.sample(list(new.seats), 4))
    room, parties = Room(new, blocked), list[Party]()
    while seats:
        party = tuple(seats.pop() for _ in range(min(len(seats), random.randint(1, 5))))
        if room.admit(OLD.seats[seat].cabin for seat in party):
            parties.append(Party(str(len(parties)), party))
    plan = plan_swap(OLD, new, parties, blocked)
    assert not plan.unseated
    assert len(plan.seats) == sum(len(party.seats) for party in parties)
