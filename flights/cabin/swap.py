"""Another aircraft for a flight that is booked: who keeps the seat, who moves where.

A plan and nothing else. Everybody sits in the same cabin as before or a better one; a seat
that the new aircraft has in the same cabin is kept by whoever has it; a party that sat side
by side does so again wherever that is possible. Better cabins are planned first, and nobody
sits there who does not have to, so somebody is left without a seat only if there are too few.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from flights.cabin.best_seats import Wishes, best_seats
from flights.cabin.lines import CABINS
from flights.cabin.seats import SUPPLEMENTS, Layout, Seat
from flights.money import Money

# What somebody chose, though it cost nothing.
POSITIONS = ("window", "aisle")
# So many free seats around where a party sat are where it would like to sit.
NEAR_SEATS = 40


@dataclass(frozen=True)
class Party:
    """Who travels together, by their seats."""

    key: str
    seats: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Where everybody goes."""

    # The new seat of each old one, also where it is the same.
    seats: dict[str, str]
    # Old seats whose passengers have none on the new aircraft.
    unseated: tuple[str, ...]
    # Blocked seats that the new aircraft does not have.
    lost_blocks: tuple[str, ...]

    @cached_property
    def moved(self) -> dict[str, str]:
        return {old: new for old, new in self.seats.items() if old != new}


@dataclass(frozen=True)
class Group:
    """Those of a party who sit in one cabin, in cabin order."""

    key: str
    cabin: str
    seats: tuple[Seat, ...]

    @property
    def is_side_by_side(self) -> bool:
        return are_side_by_side(self.seats)


def are_side_by_side(seats: Sequence[Seat]) -> bool:
    """No aisle and nobody else in between; they are in cabin order."""
    first = seats[0]
    return all(
        seat.row == first.row and seat.column == first.column + index
        for index, seat in enumerate(seats)
    )


def plan_swap(
    old: Layout, new: Layout, parties: Iterable[Party], blocked: Collection[str] = ()
) -> Plan:
    """The same plan for the same parties, in whatever order they come."""
    planner = _Planner(new, blocked)
    groups = [group for party in parties for group in _groups(old, party)]
    waiting = [group for group in groups if not planner.keep_all(group)]
    for group in sorted(waiting, key=planner.turn):
        planner.seat(group)
    return Plan(
        seats={seat: planner.taken[seat] for seat in old.seats if seat in planner.taken},
        unseated=tuple(seat for seat in old.seats if seat in planner.unseated),
        lost_blocks=tuple(sorted(set(blocked) - new.seats.keys())),
    )


def better_or_same(cabin: str) -> tuple[str, ...]:
    """The cabins for whoever booked this one, the same first, the best last."""
    return CABINS[CABINS.index(cabin) :: -1]


def _groups(old: Layout, party: Party) -> Iterator[Group]:
    by_cabin = defaultdict(list)
    for seat in sorted((old.seats[name] for name in party.seats), key=_place):
        by_cabin[seat.cabin].append(seat)
    for cabin, seats in by_cabin.items():
        yield Group(party.key, cabin, tuple(seats))


class _Planner:
    """Gives seats away, one group after the other; what is given is never taken back."""

    def __init__(self, new: Layout, blocked: Collection[str]) -> None:
        self._new = new
        self._cabins = {cabin.name for cabin in new.cabins}
        self._free = new.seats.keys() - set(blocked)
        self.taken: dict[str, str] = {}
        self.unseated: set[str] = set()

    def keep_all(self, group: Group) -> bool:
        """Let all of them sit where they do, if they can and it does not part them."""
        if not all(map(self._stays, group.seats)):
            return False
        # The letters between them may be other ones than before.
        same = [self._new.seats[seat.id] for seat in group.seats]
        if group.is_side_by_side and not are_side_by_side(same):
            return False
        self._take(group.seats, same)
        return True

    def turn(self, group: Group) -> tuple[int, bool, int, str]:
        """The best cabins first; who has a seat to keep before others want it; large parties,
        which are harder to seat, before small ones."""
        keeps_none = not any(map(self._stays, group.seats))
        return CABINS.index(group.cabin), keeps_none, -len(group.seats), group.key

    def seat(self, group: Group) -> None:
        """Side by side as before, in a better cabin if need be; else as near as can be."""
        if group.is_side_by_side:
            for cabin in better_or_same(group.cabin):
                if seats := self._side_by_side(group.seats, cabin):
                    self._take(group.seats, seats)
                    return
        stay = [seat for seat in group.seats if self._stays(seat)]
        self._take(stay, stay)
        self._seat_near([seat for seat in group.seats if seat not in stay], group.cabin)

    def _seat_near(self, group: Sequence[Seat], cabin: str) -> None:
        """As many as can be in the same cabin, the others in better ones."""
        for name in better_or_same(cabin):
            room = sum(self._new.seats[seat].cabin == name for seat in self._free)
            some, group = group[:room], group[room:]
            if some:
                self._take(some, self._side_by_side(some, name) or self._together(some, name))
        self.unseated |= {seat.id for seat in group}

    def _side_by_side(self, group: Sequence[Seat], cabin: str) -> Sequence[Seat]:
        """The free neighbours that differ least from the group's seats; none if there are none."""
        return min(
            self._neighbours(len(group), cabin),
            key=lambda seats: _differences(group, seats),
            default=(),
        )

    def _neighbours(self, count: int, cabin: str) -> Iterator[Sequence[Seat]]:
        for row in self._new.rows:
            if row.cabin.name == cabin:
                for block in row.groups:
                    for start in range(len(block) - count + 1):
                        seats = [seat for seat in block[start : start + count] if seat]
                        if len(seats) == count and all(seat.id in self._free for seat in seats):
                            yield seats

    def _together(self, group: Sequence[Seat], cabin: str) -> Sequence[Seat]:
        """In as few blocks as can be; where they sat before, unless that means one more."""
        # Equally near ones by name: a set has another order in every process.
        near = sorted(self._free, key=lambda n: (abs(_from_nose(self._new, n, group[0])), n))
        ways = [
            self._best(len(group), cabin, free)
            for free in (near[:NEAR_SEATS], near)
            if sum(self._new.seats[name].cabin == cabin for name in free) >= len(group)
        ]
        return min(ways, key=_blocks)

    def _best(self, count: int, cabin: str, free: Collection[str]) -> Sequence[Seat]:
        names = best_seats(self._new, free, count, Wishes(cabin=cabin), fare=Money(0, "EUR"))
        return sorted((self._new.seats[name] for name in names), key=_place)

    def _stays(self, seat: Seat) -> bool:
        """The new aircraft has it, in the same cabin: a better one is for those who need it."""
        same = self._new.seats.get(seat.id)
        return same is not None and same.cabin == seat.cabin and seat.id in self._free

    def _take(self, group: Sequence[Seat], seats: Sequence[Seat]) -> None:
        for old, new in zip(group, seats, strict=True):
            self.taken[old.id] = new.id
            self._free.remove(new.id)


def _from_nose(layout: Layout, name: str, seat: Seat) -> int:
    """How much further back the seat of this name is, in cm."""
    return layout.seats[name].place[0] - seat.place[0]


def _blocks(seats: Sequence[Seat]) -> int:
    """How many blocks of neighbours these are."""
    return 1 + sum(not are_side_by_side(pair) for pair in pairwise(seats))


def _place(seat: Seat) -> tuple[int, int]:
    return seat.row, seat.column


def _differences(group: Sequence[Seat], seats: Sequence[Seat]) -> tuple[int, ...]:
    """What the group loses by moving, the worst first: what it paid for; sitting at no exit,
    where not everybody may sit; its seats; window or aisle; and how far it is, in cm."""
    pairs = list(zip(group, seats, strict=True))
    upgraded = group[0].cabin != seats[0].cabin
    return (
        0 if upgraded else sum(_lost(old, new, SUPPLEMENTS) for old, new in pairs),
        sum(_lost(new, old, ("exit_row",)) for old, new in pairs),
        sum(old.id != new.id for old, new in pairs),
        sum(_lost(old, new, POSITIONS) for old, new in pairs),
        sum(
            abs(old.place[0] - new.place[0]) + abs(old.place[1] - new.place[1])
            for old, new in pairs
        ),
    )


def _lost(old: Seat, new: Seat, features: Iterable[str]) -> int:
    return sum(feature in old.features and feature not in new.features for feature in features)
