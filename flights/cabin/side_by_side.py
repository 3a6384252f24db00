"""Neighbours: which seats are side by side, and children who sit beside an adult of theirs."""

from collections.abc import Sequence, Set

from flights.cabin.seats import Seat


def are_side_by_side(seats: Sequence[Seat]) -> bool:
    """No aisle and nobody else in between; they are in cabin order."""
    first = seats[0]
    return all(
        seat.row == first.row and seat.column == first.column + index
        for index, seat in enumerate(seats)
    )


def blocks(seats: Sequence[Seat]) -> list[list[Seat]]:
    """The blocks of neighbours that these are, in cabin order."""
    found: list[list[Seat]] = []
    for seat in seats:
        if found and are_side_by_side([found[-1][-1], seat]):
            found[-1].append(seat)
        else:
            found.append([seat])
    return found


def are_with_adults(group: Sequence[Seat], seats: Sequence[Seat], children: Set[str]) -> bool:
    """No block is of children only, if those of the group's seats sit in these."""
    who = {new: old.id for old, new in zip(group, seats, strict=True)}
    return not any({who[seat] for seat in block} <= children for block in blocks(seats))


def beside_adults(
    group: Sequence[Seat], seats: Sequence[Seat], children: Set[str]
) -> Sequence[Seat]:
    """Which of the seats each one gets: in their order, unless a block would have no adult."""
    if are_with_adults(group, seats, children):
        return seats
    firsts = [block[0] for block in blocks(seats)]
    adults = [seat for seat in group if seat.id not in children][: len(firsts)]
    people = adults + [seat for seat in group if seat not in adults]
    places = firsts + [seat for seat in seats if seat not in firsts]
    seat_of = dict(zip(people, places, strict=True))
    return [seat_of[seat] for seat in group]
