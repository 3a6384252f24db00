"""The layout of an aircraft's cabin as text: a drawing that people read and `parse` refuses.

    aircraft Airbus A320            # a comment runs to the end of its line
    range 6150 km
    speed 830 km/h

    cabin economy  ABC DEF  fare 1, pitch 74 cm, recline 8 cm, 27 seats
    -- door                         # between rows: across the whole aircraft
    -- lavatory | galley            # or one part for each block of seats, "." for nothing
    1     ... DEF
    2-3   ABC DEF  no window (A F)
    skip 4                          # this number does not exist
    5     ABC DEF  exit, wing, extra legroom, no recline
    6     ABC DEF  wing
    -- galley

A cabin line draws the letters of a full row: a space is an aisle. A row repeats that
drawing with a dot for every seat that is not there. Behind it stand marks for the whole
row, or for the letters in brackets: `exit` (or `exit (left)`), `wing` and those of
`lines.MARKS`.
Behind a cabin line stand its facts: `fare` (times the flight's base fare; the cheapest
cabin has 1), and, where known, `pitch`, `recline` or `flat bed`, and the number of `seats`,
which is then checked. Between rows stand the words of FIXTURES.

What follows from the drawing is not written: windows, aisles, middles, walls in front,
lavatories and galleys nearby, the front rows.
"""

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

from flights.cabin import lines
from flights.cabin.build import DrawnRow, build_rows
from flights.cabin.lines import Mistake
from flights.cabin.seats import (
    Cabin,
    Fixtures,
    Layout,
)


class LayoutError(ValueError):
    """A layout has a mistake: in which line (from 1), what it says, and what is wrong with it."""

    def __init__(self, line_number: int, message: str, line: str = "") -> None:
        self.line_number, self.message, self.line = line_number, message, line.strip()
        super().__init__(f"Line {line_number} ({self.line or 'empty'}): {message}")


@lru_cache(maxsize=256)
def parse(text: str) -> Layout:
    """Read a layout. Raises LayoutError with the line that is wrong."""
    all_lines = text.rstrip().split("\n")
    reader = _Reader()
    try:
        for reader.line_number, line in enumerate(all_lines, 1):
            if "\0" in line:
                raise Mistake("it has a character without a meaning (NUL); remove it.")
            if content := " ".join(line.partition("#")[0].split()):
                reader.read(content)
        reader.finish()
    except Mistake as mistake:
        number = mistake.line_number or reader.line_number
        raise LayoutError(number, str(mistake), all_lines[number - 1]) from None
    return reader.layout()


class _Reader:
    """Reads line by line; `finish` checks what only the whole can tell."""

    def __init__(self) -> None:
        self.line_number = 0
        self.aircraft = ""
        # Range in km, speed in km/h.
        self.numbers: dict[str, int] = {}
        self.cabins: list[Cabin] = []
        # Of each cabin: the line it starts in, and the number of seats it says it has.
        self.promised: dict[str, tuple[int, int | None]] = {}
        self.rows: list[DrawnRow] = []
        # Read since the last row: they stand before the next one.
        self.fixtures: list[Fixtures] = []
        self.last_number = 0

    def read(self, content: str) -> None:
        word, _, rest = content.partition(" ")
        readers: dict[str, Callable[[str], None]] = {
            "aircraft": self._aircraft,
            "range": self._range,
            "speed": self._speed,
            "cabin": self._cabin,
            "skip": self._skip,
            "--": self._fixtures,
        }
        if word in readers:
            readers[word](rest)
        elif word[0].isdigit():
            self._rows(word, rest)
        else:
            raise Mistake(
                f"`{word}` is not known; a line starts with a row number or one of "
                f"{', '.join(readers)}."
            )

    def _aircraft(self, rest: str) -> None:
        if self.aircraft:
            raise Mistake("the aircraft has been given before; remove one of the two lines.")
        if not 1 <= len(rest) <= 60:
            raise Mistake("name the aircraft in 1 to 60 characters: `aircraft Airbus A320`.")
        self.aircraft = rest

    def _range(self, rest: str) -> None:
        self._number("range", lines.measure(rest, "km", 100, 20_000))

    def _speed(self, rest: str) -> None:
        self._number("speed", lines.measure(rest, "km/h", 100, 2_500))

    def _number(self, name: str, value: int) -> None:
        if name in self.numbers:
            raise Mistake(f"the {name} has been given before; remove one of the two lines.")
        self.numbers[name] = value

    def _cabin(self, rest: str) -> None:
        name, _, rest = rest.partition(" ")
        if name not in lines.CABINS:
            raise Mistake(f"the cabin `{name}` is not known; there are {', '.join(lines.CABINS)}.")
        if name in self.promised:
            raise Mistake(f"the {name} cabin is there already; all its rows stand together.")
        self._refuse_cabin_without_rows()
        cabin, seats = lines.read_cabin(name, rest)
        if self.cabins and len(self.cabins[0].blocks) != len(cabin.blocks):
            aisles = len(self.cabins[0].blocks) - 1
            raise Mistake(f"the cabin in front has {aisles} aisle(s), and so must this one.")
        self.cabins.append(cabin)
        self.promised[name] = (self.line_number, seats)

    def _refuse_cabin_without_rows(self) -> None:
        if self.cabins and (not self.rows or self.rows[-1].cabin != self.cabins[-1]):
            name = self.cabins[-1].name
            raise Mistake(f"the {name} cabin has no rows; draw them.", self.promised[name][0])

    def _skip(self, rest: str) -> None:
        first, last = lines.row_numbers(rest)
        if first != self.last_number + 1:
            raise Mistake(f"the next row number is {self.last_number + 1}; skip from there.")
        self.last_number = last

    def _fixtures(self, rest: str) -> None:
        if not self.cabins:
            raise Mistake("put the first `cabin` line before this one.")
        self.fixtures.append(lines.read_fixtures(rest, len(self.cabins[-1].blocks)))

    def _rows(self, numbers: str, rest: str) -> None:
        first, last = lines.row_numbers(numbers)
        if not self.cabins:
            raise Mistake("put a `cabin` line before the first row.")
        blocks, marks = lines.read_row(rest, self.cabins[-1])
        self._check_next(first)
        for number in range(first, last + 1):
            self.rows.append(
                DrawnRow(
                    number=number,
                    line_number=self.line_number,
                    cabin=self.cabins[-1],
                    blocks=blocks,
                    marks=marks,
                    before=tuple(self.fixtures),
                )
            )
            self.fixtures = []
        self.last_number = last

    def _check_next(self, number: int) -> None:
        following = self.last_number + 1
        if number < following:
            raise Mistake(f"row {number} is there already or too late; {following} comes next.")
        if number > following:
            gap = str(following) if number == following + 1 else f"{following}-{number - 1}"
            raise Mistake(f"row {gap} is missing; draw it, or write `skip {gap}` before this line.")

    def finish(self) -> None:
        given = {"aircraft": self.aircraft, **self.numbers}
        for name in ("aircraft", "range", "speed"):
            if not given.get(name):
                raise Mistake(f"the {name} is missing; add a line `{name} …` at the top.")
        if not self.cabins:
            raise Mistake("there are no seats; add a `cabin` line and rows.")
        self._refuse_cabin_without_rows()
        if self.last_number != self.rows[-1].number:
            raise Mistake("no row comes after the last `skip`; remove it.")
        self._check_cabins()
        self._check_wing()

    def _check_cabins(self) -> None:
        cheapest = min(self.cabins, key=lambda cabin: cabin.fare_percent)
        if cheapest.fare_percent != 100:
            raise Mistake("the cheapest cabin must have `fare 1`.", self.promised[cheapest.name][0])
        for name, (line_number, promised) in self.promised.items():
            drawn = sum(len(row.letters) for row in self.rows if row.cabin.name == name)
            if promised not in (None, drawn):
                raise Mistake(f"its rows have {drawn} seats, not {promised}.", line_number)

    def _check_wing(self) -> None:
        begun: DrawnRow | None = None
        for ahead, row in pairwise([None, *self.rows]):
            if row and row.wing and not (ahead and ahead.wing):
                if begun:
                    message = f"the wing of row {begun.number} has ended; mark rows without a gap."
                    raise Mistake(message, row.line_number)
                begun = row

    def layout(self) -> Layout:
        rows = build_rows(self.rows, after=tuple(self.fixtures))
        return Layout(
            aircraft=self.aircraft,
            range_km=self.numbers["range"],
            speed_kmh=self.numbers["speed"],
            cabins=tuple(self.cabins),
            rows=rows,
            seats={seat.id: seat for row in rows for seat in row.seats},
        )
