"""Another aircraft for a flight that is booked: who keeps the seat, who moves where.

A plan and nothing else. Everybody sits in the same cabin as before or a better one; a seat
that the new aircraft has in the same cabin is kept by whoever has it; a party that sat side
by side does so again wherever that is possible. Better cabins are planned first, and nobody
sits there who does not have to, so somebody is left without a seat only if there are too few.
Whoever may not sit at an exit never does; and a child that sat beside an adult of its party does
so again, as long as there are such seats.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from flights.cabin.best_seats import Wishes, best_seats
from flights.cabin.lines import CABINS
from flights.cabin.making_room import make_room
from flights.cabin.seats import SUPPLEMENTS, Layout, Seat
from flights.cabin.side_by_side import are_side_by_side, are_with_adults, beside_adults, blocks
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
    # Of these, the seats of those who may not sit at an exit: children among them.
    not_at_exits: frozenset[str] = frozenset()
    children: frozenset[str] = frozenset()


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


def plan_swap(
    old: Layout, new: Layout, parties: Iterable[Party], blocked: Collection[str] = ()
) -> Plan:
    """The same plan for the same parties, in whatever order they come."""
    parties = list(parties)
    planner = _Planner(old, new, parties, blocked)
    groups = [group for party in parties for group in _groups(old, party)]
    waiting = [group for group in groups if not planner.keep_all(group)]
    for group in sorted(waiting, key=planner.turn):
        planner.seat(group)
    planner.make_room()
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
    """Gives seats away, one group after the other; what is given is taken back only from whoever
    can sit at an exit instead of somebody who cannot."""

    def __init__(
        self, old: Layout, new: Layout, parties: Iterable[Party], blocked: Collection[str]
    ) -> None:
        self._old, self._new = old, new
        self._free = new.seats.keys() - set(blocked)
        self._exits = new.exit_row_seats
        self._not_at_exits = {seat for party in parties for seat in party.not_at_exits}
        self._children = {seat for party in parties for seat in party.children}
        self._cared_for = {seat for party in parties if party.not_at_exits for seat in party.seats}
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
        if are_with_adults(group.seats, group.seats, self._children) and not are_with_adults(
            group.seats, same, self._children
        ):
            return False
        self._take(group.seats, same)
        return True

    def turn(self, group: Group) -> tuple[int, bool, bool, int, str]:
        """The best cabins first; children while there is most to choose from; who has a seat to
        keep before others want it; large parties, which are harder to seat, before small ones."""
        anywhere = not any(map(self._needs_care, group.seats))
        keeps_none = not any(map(self._stays, group.seats))
        return CABINS.index(group.cabin), anywhere, keeps_none, -len(group.seats), group.key

    def seat(self, group: Group) -> None:
        """Side by side as before, in a better cabin if need be; else as near as can be."""
        if group.is_side_by_side:
            for cabin in better_or_same(group.cabin):
                if seats := self._side_by_side(group.seats, cabin):
                    self._take(group.seats, seats)
                    return
        if len(group.seats) > 1 and any(map(self._needs_care, group.seats)):
            self._seat_with_care(group)
            return
        stay = [seat for seat in group.seats if self._stays(seat)]
        self._take(stay, stay)
        self._seat_near([seat for seat in group.seats if seat not in stay], group.cabin)

    def _seat_with_care(self, group: Group) -> None:
        """At no exit and each child beside an adult: all of them; or without some who may sit at
        an exit; or in two parts, until there is a place for each."""
        adults = [seat for seat in group.seats if seat.id not in self._children]
        adults.sort(key=lambda adult: not self._needs_care(adult))
        spare = [adult for adult in adults[1:] if not self._needs_care(adult)]
        for count in range(len(spare) + 1):
            others = spare[len(spare) - count :]
            some = [seat for seat in group.seats if seat not in others]
            for cabin in better_or_same(group.cabin):
                if seats := self._together(some, cabin):
                    self._take(some, beside_adults(some, seats, self._children))
                    if others:
                        self._seat_part(group, others)
                    return
        children = [seat for seat in group.seats if seat not in adults]
        if len(adults) > 1:
            self._seat_part(group, adults[::2] + children[::2])
            self._seat_part(group, adults[1::2] + children[1::2])
        else:
            *most, last = adults + children
            self._seat_part(group, most)
            self._seat_part(group, [last])

    def _seat_part(self, group: Group, part: Iterable[Seat]) -> None:
        self.seat(Group(group.key, group.cabin, tuple(sorted(part, key=_place))))

    def make_room(self) -> None:
        """For those without a seat: whoever can sit at an exit does, instead of others."""
        if not self._not_at_exits:
            return
        for name in [name for name in self._old.seats if name in self.unseated]:
            if gets := make_room(self.taken, name, self._kind, self._possible):
                self.taken |= gets
                self._free -= set(gets.values())
                self.unseated.remove(name)

    def _kind(self, name: str) -> tuple[str, bool]:
        """Who can sit in the same seats: the cabin, and whether exits are among them."""
        old = self._old.seats[name]
        return old.cabin, self._needs_care(old)

    def _possible(self, kind: tuple[str, bool]) -> list[str]:
        """Where these may sit, free or not; last, where somebody is whom a child needs."""
        cabin, needs_care = kind
        usable = self._free.union(self.taken.values()) - (self._exits if needs_care else set())
        needed = {new for one, new in self.taken.items() if one in self._cared_for}
        seats = [name for name in self._new.seats if name in usable]
        seats.sort(key=needed.__contains__)
        return [name for name in seats if self._new.seats[name].cabin in better_or_same(cabin)]

    def _seat_near(self, group: Sequence[Seat], cabin: str) -> None:
        """As many as can be in the same cabin, the others in better ones."""
        for name in better_or_same(cabin):
            room = sum(self._new.seats[seat].cabin == name for seat in self._free_for(group))
            some, group = group[:room], group[room:]
            if some:
                self._take(some, self._side_by_side(some, name) or self._together(some, name))
        self.unseated |= {seat.id for seat in group}

    def _side_by_side(self, group: Sequence[Seat], cabin: str) -> Sequence[Seat]:
        """The free neighbours that differ least from the group's seats; none if there are none."""
        return min(
            self._neighbours(len(group), cabin, self._free_for(group)),
            key=lambda seats: _differences(group, seats),
            default=(),
        )

    def _neighbours(self, count: int, cabin: str, free: Set[str]) -> Iterator[Sequence[Seat]]:
        for row in self._new.rows:
            if row.cabin.name == cabin:
                for block in row.groups:
                    for start in range(len(block) - count + 1):
                        seats = [seat for seat in block[start : start + count] if seat]
                        if len(seats) == count and all(seat.id in free for seat in seats):
                            yield seats

    def _together(self, group: Sequence[Seat], cabin: str) -> Sequence[Seat]:
        """In as few blocks as can be; where they sat before, unless that means one more. None if
        there are too few seats, or too few blocks of them would have an adult."""
        free = self._free_for(group)
        # Equally near ones by name: a set has another order in every process.
        near = sorted(free, key=lambda n: (abs(_from_nose(self._new, n, group[0])), n))
        ways = (self._best(group, cabin, free) for free in (near[:NEAR_SEATS], near))
        return min(filter(None, ways), key=lambda seats: len(blocks(seats)), default=())

    def _best(self, group: Sequence[Seat], cabin: str, free: Collection[str]) -> Sequence[Seat]:
        if sum(self._new.seats[name].cabin == cabin for name in free) < len(group):
            return ()
        children = sum(seat.id in self._children for seat in group)
        wishes, fare = Wishes(cabin=cabin), Money(0, "EUR")
        # Children whose adults are elsewhere need none.
        with_adults = children if children < len(group) else 0
        names = best_seats(self._new, free, len(group), wishes, fare=fare, children=with_adults)
        return sorted((self._new.seats[name] for name in names), key=_place)

    def _stays(self, seat: Seat) -> bool:
        """The new aircraft has it, in the same cabin: a better one is for those who need it."""
        same = self._new.seats.get(seat.id)
        is_free = seat.id in self._free_for([seat])
        return same is not None and same.cabin == seat.cabin and is_free

    def _needs_care(self, old: Seat) -> bool:
        return old.id in self._not_at_exits

    def _free_for(self, group: Iterable[Seat]) -> Set[str]:
        """Without the exits, if there is somebody who may not sit there."""
        return self._free - self._exits if any(map(self._needs_care, group)) else self._free

    def _take(self, group: Sequence[Seat], seats: Sequence[Seat]) -> None:
        for old, new in zip(group, seats, strict=True):
            self.taken[old.id] = new.id
            self._free.remove(new.id)


def _from_nose(layout: Layout, name: str, seat: Seat) -> int:
    """How much further back the seat of this name is, in cm."""
    return layout.seats[name].place[0] - seat.place[0]


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
