"""Seats for a party that wants to sit together.

Together comes first: one block of neighbours if there is one, else as few blocks as there
must be, as near to each other as can be. Among those, what was wished for counts, then that nobody
sits in a block alone, then the price, then drawbacks; and where all of that is equal, no
single free seat is left behind between others. With children, no block is without an adult and
nobody sits in an exit row.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import islice, product
from math import inf
from operator import itemgetter
from typing import NamedTuple

from flights.cabin.seats import Cabin, Layout, Seat, price_cents
from flights.money import Money

# How far apart two blocks are, in steps: an aisle in between, each row, each stranger.
AISLE, ROW, STRANGER = 1, 2, 2
# What nobody asks for, though it costs the same.
DRAWBACKS = {
    "middle",
    "no_window",
    "no_recline",
    "limited_recline",
    "narrow",
    "near_lavatory",
    "near_galley",
}

# A party torn into many pieces has very many ways to sit; only so many are looked at.
MOST_CHOICES = 600


@dataclass(frozen=True)
class Wishes:
    """What a party would like: a cabin ("" is the cheapest), and any of these."""

    cabin: str = ""
    # One of them at a window; one at an aisle.
    window: bool = False
    aisle: bool = False
    # As near to the front of the cabin as can be.
    front: bool = False
    # For as many of them as can be.
    extra_legroom: bool = False


class Run(NamedTuple):
    """Free seats side by side: no aisle and nobody in between. `row` counts from the front."""

    row: int
    seats: tuple[Seat, ...]


class Piece(NamedTuple):
    """The part of a run that is taken."""

    run: Run
    start: int
    end: int

    @property
    def seats(self) -> tuple[Seat, ...]:
        return self.run.seats[self.start : self.end]


# One way to seat the party.
type Way = tuple[Piece, ...]


def best_seats(
    layout: Layout,
    free: Collection[str],
    party: int,
    wishes: Wishes,
    *,
    fare: Money,
    children: int = 0,
) -> list[str]:
    """The best free seats for `party` people, so many of them children, in cabin order; none if
    the cabin has too few, or too few blocks of them would have an adult."""
    cabin = _cabin(layout, wishes.cabin)
    if children:
        free = {seat for seat in free if may_be_a_childs(layout.seats[seat])}
    rows = [list(_runs(index, groups, free)) for index, groups in enumerate(_rows(layout, cabin))]
    judge = Judge(cabin, wishes, fare)
    choices = _choices(rows, party, most=party - children)
    best = min(judge.nearest(choices, party), key=judge.cost, default=())
    return [seat.id for piece in best for seat in piece.seats]


def may_be_a_childs(seat: Seat) -> bool:
    """Whoever sits at an exit must be able to open it: no child, nobody with an infant."""
    return "exit_row" not in seat.features


def _cabin(layout: Layout, name: str) -> Cabin:
    """The cabin of that name, or the cheapest."""
    named = (cabin for cabin in layout.cabins if cabin.name == name)
    return next(named, min(layout.cabins, key=lambda cabin: cabin.fare_percent))


def _rows(layout: Layout, cabin: Cabin) -> list[tuple[tuple[Seat | None, ...], ...]]:
    return [row.groups for row in layout.rows if row.cabin == cabin]


def _runs(
    row: int, groups: Sequence[Sequence[Seat | None]], free: Collection[str]
) -> Iterator[Run]:
    for group in groups:
        run: list[Seat] = []
        for seat in (*group, None):
            if seat and seat.id in free:
                run.append(seat)
            elif run:
                yield Run(row, tuple(run))
                run = []


def _choices(rows: list[list[Run]], party: int, most: int) -> Iterator[tuple[Run, ...]]:
    """As few runs as can seat the party, in few rows that follow each other; none if they are
    more than `most`.

    Over as few rows as possible, or one more: two blocks behind each other are nearer than two
    at opposite walls.
    """
    lengths = sorted((len(run.seats) for row in rows for run in row), reverse=True)
    count = next((n for n in range(1, len(lengths) + 1) if sum(lengths[:n]) >= party), 0)
    if not 0 < count <= most:
        return
    tall = _fewest_rows(rows, party, count) + (count > 1)
    for first, row in enumerate(rows):
        behind = [run for other in rows[first + 1 : first + tall] for run in other]
        for index, run in enumerate(row):
            others = [*row[index + 1 :], *behind]
            for more in _enough(others, count - 1, party - len(run.seats)):
                yield (run, *more)


def _enough(runs: Sequence[Run], count: int, party: int) -> Iterator[tuple[Run, ...]]:
    """Every choice of so many of these runs that seats the party. None is begun in vain."""
    if count == 0 and party <= 0:
        yield ()
    if count == 0 or sum(nlargest(count, map(_length, runs))) < party:
        return
    for index, run in enumerate(runs):
        for more in _enough(runs[index + 1 :], count - 1, party - len(run.seats)):
            yield (run, *more)


def _length(run: Run) -> int:
    return len(run.seats)


def _fewest_rows(rows: list[list[Run]], party: int, count: int) -> int:
    """How many rows, one behind the other, have so many runs with enough seats together."""

    def is_enough(window: list[list[Run]]) -> bool:
        lengths = sorted((len(run.seats) for row in window for run in row), reverse=True)
        return sum(lengths[:count]) >= party

    return next(
        tall
        for tall in range(1, len(rows) + 1)
        if any(is_enough(rows[first : first + tall]) for first in range(len(rows) - tall + 1))
    )


def _whole(runs: Sequence[Run]) -> Way:
    return tuple(Piece(run, 0, len(run.seats)) for run in runs)


def _parts(runs: Sequence[Run], party: int) -> Iterator[Way]:
    """Every way to seat the party on all of these runs."""
    if len(runs) == 1:
        lengths: Iterator[tuple[int, ...]] = iter([(party,)])
    else:
        choices = product(*(range(1, len(run.seats) + 1) for run in runs))
        lengths = (choice for choice in choices if sum(choice) == party)
    for choice in lengths:
        starts = (range(len(run.seats) - n + 1) for run, n in zip(runs, choice, strict=True))
        for where in product(*starts):
            yield tuple(
                Piece(run, start, start + n)
                for run, start, n in zip(runs, where, choice, strict=True)
            )


class Judge:
    """Compares ways to seat a party: first by how far apart they are, then by `cost`."""

    def __init__(self, cabin: Cabin, wishes: Wishes, fare: Money) -> None:
        self._wishes, self._fare = wishes, fare
        self._seat_columns = set(cabin.columns.values())
        self._prices: dict[str, int] = {}

    def nearest(self, choices: Iterator[tuple[Run, ...]], party: int) -> list[Way]:
        """The ways to seat the party on one of these choices that are the least apart."""
        best, ways = inf, list[Way]()
        # Parts of runs are never nearer to each other than the whole runs.
        bounds = sorted(
            ((self._apart(_whole(runs)), runs) for runs in islice(choices, MOST_CHOICES)),
            key=itemgetter(0),
        )
        for bound, runs in bounds:
            if bound > best:
                break
            for way in _parts(runs, party):
                apart = self._apart(way)
                if apart < best:
                    best, ways = apart, []
                if apart == best:
                    ways.append(way)
        return ways

    def cost(self, way: Way) -> tuple[int, ...]:
        """Less is better, and what comes first counts more than all the rest."""
        seats = [seat for piece in way for seat in piece.seats]
        front = way[0].run.row
        return (
            self._unmet(seats),
            sum(len(piece.seats) == 1 for piece in way) if len(way) > 1 else 0,
            front if self._wishes.front else 0,
            sum(map(self._price, seats)),
            sum(len(DRAWBACKS.intersection(seat.features)) for seat in seats),
            sum(map(_orphans, way)),
            front,
            seats[0].column,
        )

    def _apart(self, way: Way) -> int:
        """The steps that join all blocks to one, each by the shortest way."""
        far = {n: self._steps(way[0], other) for n, other in enumerate(way) if n}
        steps = 0
        while far:
            joined = min(far, key=lambda n: far[n])
            steps += far.pop(joined)
            far = {n: min(d, self._steps(way[joined], way[n])) for n, d in far.items()}
        return steps

    def _steps(self, one: Piece, other: Piece) -> int:
        left, right = sorted((one, other), key=lambda piece: piece.seats[0].column)
        between = range(left.seats[-1].column + 1, right.seats[0].column)
        across = sum(STRANGER if column in self._seat_columns else AISLE for column in between)
        return across + ROW * abs(one.run.row - other.run.row)

    def _unmet(self, seats: Sequence[Seat]) -> int:
        wishes = self._wishes
        unmet = sum(
            wanted and not any(feature in seat.features for seat in seats)
            for feature, wanted in (("window", wishes.window), ("aisle", wishes.aisle))
        )
        if wishes.extra_legroom:
            unmet += sum("extra_legroom" not in seat.features for seat in seats)
        return unmet

    def _price(self, seat: Seat) -> int:
        if seat.id not in self._prices:
            self._prices[seat.id] = price_cents(seat, self._fare)
        return self._prices[seat.id]


def _orphans(piece: Piece) -> int:
    """How many single free seats this leaves beside it."""
    return (piece.start == 1) + (len(piece.run.seats) - piece.end == 1)
