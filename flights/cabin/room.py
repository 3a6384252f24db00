"""Whether people still fit on an aircraft, counted by cabin: a better one will do for anybody,
but no seat at an exit for those who may not sit there.

`plan_swap` finds a seat for all whom a Room has let in, and this is quick enough to be asked
for each of some hundred parties.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from itertools import accumulate

from flights.cabin.lines import CABINS
from flights.cabin.seats import Layout


class Room:
    """The seats that are not taken, and who was let in."""

    def __init__(self, layout: Layout, taken: Collection[str] = ()) -> None:
        free = layout.seats.keys() - set(taken)
        exits = layout.exit_row_seats
        self._exits = Counter(layout.seats[name].cabin for name in free & exits)
        self._others = Counter(layout.seats[name].cabin for name in free - exits)
        # Those who may sit at an exit, and those who may not, by the cabin they booked.
        self._anywhere: Counter[str] = Counter()
        self._off_exits: Counter[str] = Counter()

    def admit(self, anywhere: Iterable[str], off_exits: Iterable[str] = ()) -> bool:
        """Let a party in, each of them booked in a cabin, those who may not sit at an exit by
        themselves: all of it, or nobody."""
        free, all_off_exits = (
            self._anywhere + Counter(anywhere),
            self._off_exits + Counter(off_exits),
        )
        fits = _fit(free, all_off_exits, self._exits, self._others)
        if fits:
            self._anywhere, self._off_exits = free, all_off_exits
        return fits

    @property
    def left(self) -> int:
        """How many more there are seats for, whatever their cabin."""
        seats, people = self._exits + self._others, self._anywhere + self._off_exits
        return seats.total() - people.total()


def _fit(
    anywhere: Counter[str], off_exits: Counter[str], exits: Counter[str], others: Counter[str]
) -> bool:
    """Everybody has a seat if for each cabin, those who booked it or a better one have enough;
    and also those off the exits together with those who may go to the exits of better cabins
    only (Hall's theorem: the sets of people who want the fewest seats)."""
    counts = (anywhere, off_exits, exits, others)
    a, o, e, r = (list(accumulate((each[c] for c in CABINS), initial=0)) for each in counts)
    return all(o[i] + a[j] <= r[i] + e[j] for i in range(len(o)) for j in range(i + 1))
