"""Who travels, as somebody says it: checked, and in the spelling that the columns keep."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from django.core.exceptions import ValidationError

from bookings.errors import InvalidContact, InvalidPassengers, Problem
from bookings.models import Booking, Passenger, Passengers, PassengerType
from bookings.models.contact import contact_words, looked_for
from flights.models import Flight

ADULT, CHILD, INFANT = PassengerType
# From this age on, in years on the day of departure, one is none any more.
GROWN = {CHILD: 12, INFANT: 2}
TOO_OLD = {
    CHILD: "Whoever is 12 or older on the day of departure travels as an adult.",
    INFANT: "Whoever is 2 or older on the day of departure has a seat, as a child.",
}
# Letters that a correction may change of a name, and of a short one no more than a third.
MOST_SLIPS = 3
OTHERS = (
    "After the payment only the spelling of a name can be corrected here, by a few letters. "
    "To change who travels, ask the airline."
)


@dataclass(frozen=True)
class Said:
    """A passenger as somebody says it. An infant's seat is that of its adult."""

    seat: str
    given: str = ""
    family: str = ""
    type: str = "adult"
    born: dt.date | None = None


def contact_of(names: Sequence[str], email: str) -> dict[str, object]:
    """The columns of a contact: the first name, the address, and what all of it is found by.

    Raises InvalidContact, with all reasons.
    """
    contact, reasons = {"name": names[0] if names else "", "email": email}, list[str]()
    for column, said in contact.items():
        try:
            contact[column] = _clean(column, said)
        except ValidationError as error:
            reasons += error.messages
    if reasons:
        raise InvalidContact(" ".join(reasons))
    words = contact_words([contact["name"], *names[1:]], contact["email"])
    return {**contact, "words": words or None}


def passengers_of(
    seats: Sequence[str], flight: Flight, said: Sequence[Said], today: dt.date
) -> Passengers:
    """The passengers in these seats of the flight, one in each. Raises InvalidPassengers."""
    problems = [
        Problem(place, *problem)
        for place, one in enumerate(said)
        for problem in _problems(one, flight, today)
    ]
    problems += _misplaced(seats, flight, said)
    if problems:
        raise InvalidPassengers(problems)
    laps = {one.seat: _passenger(one) for one in said if one.type == INFANT}
    seated = {one.seat: _passenger(one) for one in said if one.type != INFANT}
    return tuple(replace(seated[seat], infant=laps.get(seat)) for seat in seats)


def _problems(one: Said, flight: Flight, today: dt.date) -> Iterator[tuple[str, str]]:
    """What is wrong with one of them, whoever else travels."""
    try:
        if not _clean("name", f"{one.given} {one.family}"):
            yield "name", "Please give a name: the given name, the family name, or both."
    except ValidationError as error:
        yield "name", " ".join(error.messages)
    if one.type not in PassengerType.values:
        yield "type", "A passenger is an adult, a child or an infant."
    elif one.type != ADULT:
        if wrong := _wrong_birth(PassengerType(one.type), one.born, flight, today):
            yield "born", wrong
    elif one.born:
        yield "born", "A date of birth is only asked of a child or an infant."


def _wrong_birth(
    of: PassengerType, born: dt.date | None, flight: Flight, today: dt.date
) -> str | None:
    if born is None:
        return f"Please give the date of birth of the {of}."
    # Where they are it may be tomorrow already.
    if born > today + dt.timedelta(days=1):
        return "This date of birth has not come yet."
    leaves = flight.departure_date
    age = leaves.year - born.year - ((leaves.month, leaves.day) < (born.month, born.day))
    return TOO_OLD[of] if age >= GROWN[of] else None


def _misplaced(seats: Sequence[str], flight: Flight, said: Sequence[Said]) -> Iterator[Problem]:
    """What is wrong with where they sit and who sits with whom."""
    in_seats = Counter(one.seat for one in said if one.type != INFANT)
    on_laps = Counter(one.seat for one in said if one.type == INFANT)
    adults = {one.seat for one in said if one.type == ADULT}
    exits = flight.layout.parsed.exit_row_seats
    for place, one in enumerate(said):
        if one.seat not in seats:
            yield Problem(place, "seat", f"Seat {one.seat[:10]} is not of this booking.")
        elif (on_laps if one.type == INFANT else in_seats)[one.seat] > 1:
            yield Problem(place, "seat", f"There is one {_who(one)} too many in {one.seat}.")
        elif one.type == INFANT and one.seat not in adults:
            yield Problem(place, "seat", f"An infant needs the lap of an adult in {one.seat}.")
        elif one.type != ADULT and one.seat in exits:
            exit_ = f"Seat {one.seat} is at an emergency exit"
            yield Problem(place, "seat", f"{exit_}, where no child and no infant may sit.")
    for seat in seats:
        if seat not in in_seats:
            yield Problem(None, "seat", f"Nobody is named for seat {seat}.")
    if not adults:
        yield Problem(None, "type", "At least one adult must travel on the booking.")


def _who(one: Said) -> str:
    return "infant" if one.type == INFANT else "passenger"


def _passenger(said: Said) -> Passenger:
    given, family = (str(_clean("name", part)) for part in (said.given, said.family))
    return Passenger(given, family, PassengerType(said.type), said.born)


def _clean(column: str, said: str) -> str:
    return Booking._meta.get_field(column).clean(said, None)  # type: ignore[union-attr, no-any-return]


def with_slips_only(before: Passengers, after: Passengers) -> Passengers:
    """Those who paid, spelt otherwise. Raises InvalidPassengers where somebody else would travel.

    Nobody was named: whoever is. A slip is compared with the name that was paid for, so that many
    small ones make no other person.
    """
    if not before:
        return after
    pairs = [
        pair
        for old, new in zip(before, after, strict=True)
        for pair in ((old, new), (old and old.infant, new and new.infant))
    ]
    if any(_is_another(old, new) for old, new in pairs):
        raise InvalidPassengers([Problem(None, "name", OTHERS)])
    return tuple(
        new and old and replace(_paid(old, new), infant=_paid(old.infant, new.infant))
        for old, new in zip(before, after, strict=True)
    )


def _paid[P: (Passenger, Passenger | None)](old: P, new: P) -> P:
    """The new spelling, with the name that was paid for."""
    if not (old and new):
        return new
    paid = old.paid_name or old.name
    return replace(new, paid_name=paid if new.name != paid else "")


def _is_another(old: Passenger | None, new: Passenger | None) -> bool:
    if old is None or new is None:
        return old is not new
    if (old.type, old.born) != (new.type, new.born):
        return True
    paid = "".join(looked_for(old.paid_name or old.name))
    spelt = ("".join(looked_for(f"{a} {b}")) for a, b in permutations((new.given, new.family)))
    return min(letters_apart(paid, name) for name in spelt) > min(MOST_SLIPS, len(paid) // 3)


def letters_apart(one: str, other: str) -> int:
    """How many letters to add, leave out, change, or swap with a neighbour (optimal alignment)."""
    above, row = list[int](), list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        two_above, above, row = above, row, [i]
        for j, said in enumerate(other, 1):
            costs = [above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != said)]
            if i > 1 < j and (letter, one[i - 2]) == (other[j - 2], said):
                costs.append(two_above[j - 2] + 1)
            row.append(min(costs))
    return row[-1]


def named(passengers: Iterable[Passenger], first: Passenger | None) -> list[str]:
    """Their names, that of `first` before the others."""
    names = [one.name for one in passengers if one is not first]
    return [first.name, *names] if first else names
