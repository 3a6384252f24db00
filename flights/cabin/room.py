"""Whether people still fit on an aircraft, counted by cabin: a better one will do for anybody.

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
        free = Counter(seat.cabin for name, seat in layout.seats.items() if name not in taken)
        # The people of a cabin and of all better ones need the seats of those.
        self._seats = list(accumulate(free[cabin] for cabin in CABINS))
        self._people: Counter[str] = Counter()

    def admit(self, cabins: Iterable[str]) -> bool:
        """Let a party in, each of them booked in a cabin: all of it, or nobody."""
        people = self._people + Counter(cabins)
        needed = accumulate(people[cabin] for cabin in CABINS)
        fits = all(need <= seats for need, seats in zip(needed, self._seats, strict=True))
        if fits:
            self._people = people
        return fits

    @property
    def left(self) -> int:
        """How many more there are seats for, whatever their cabin."""
        return self._seats[-1] - self._people.total()
