"""A seat for one more, where others go elsewhere for it: an augmenting path of a matching.

Nobody loses a seat, and if no such way is found there is none: as many have seats as can.
"""

from collections.abc import Callable, Iterable, Mapping


def make_room[Kind](
    seat_of: Mapping[str, str],
    one: str,
    kind: Callable[[str], Kind],
    possible: Callable[[Kind], Iterable[str]],
) -> dict[str, str]:
    """Who gets another seat so that this one has one, as few people as can be; nobody if there
    is no way. `possible` are the seats for a kind of people, also those of others, best first."""
    holders = {seat: holder for holder, seat in seat_of.items()}
    wanted_by: dict[str, str] = {}
    people, asked = [one], set[Kind]()
    for person in people:
        # Others of its kind want no other seats than it.
        seats = possible(kind(person)) if kind(person) not in asked else ()
        asked.add(kind(person))
        for seat in seats:
            if seat not in wanted_by:
                wanted_by[seat] = person
                if seat not in holders:
                    return _passed_on(seat, wanted_by, seat_of)
                people.append(holders[seat])
    return {}


def _passed_on(
    free: str, wanted_by: Mapping[str, str], seat_of: Mapping[str, str]
) -> dict[str, str]:
    gets: dict[str, str] = {}
    seat: str | None = free
    while seat:
        person = wanted_by[seat]
        gets[person] = seat
        seat = seat_of.get(person)
    return gets
