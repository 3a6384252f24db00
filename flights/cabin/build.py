"""From drawn rows to seats: what follows from where a seat stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from flights.cabin.lines import SIDES, Marks
from flights.cabin.seats import COLUMN_CM, FEATURES, ROW_CM, Cabin, Fixtures, Row, Seat

FRONT_ROWS = 3
WALLS = {"wall", "galley", "lavatory", "closet", "crew"}


@dataclass(frozen=True)
class DrawnRow:
    """A row as its line in the layout says it."""

    number: int
    line_number: int
    cabin: Cabin
    blocks: tuple[str, ...]
    marks: Marks
    before: tuple[Fixtures, ...]

    @property
    def letters(self) -> str:
        return "".join(self.blocks).replace(".", "")

    @property
    def wing(self) -> bool:
        return "over_wing" in self.marks


def build_rows(drawn: Sequence[DrawnRow], after: tuple[Fixtures, ...]) -> tuple[Row, ...]:
    """Rows with their seats; `after` stands behind the last row."""
    behind = [*(row.before for row in drawn[1:]), after]
    return tuple(
        Row(
            number=row.number,
            cabin=row.cabin,
            groups=_groups(row, behind[index], index, front=_is_front(drawn, index)),
            exits=tuple(side for side in SIDES if side in row.marks.get("exit_row", ())),
            over_wing=row.wing,
            before=row.before,
            after=after if index == len(drawn) - 1 else (),
        )
        for index, row in enumerate(drawn)
    )


def _is_front(drawn: Sequence[DrawnRow], index: int) -> bool:
    """Among the first rows of its cabin."""
    ahead = index - FRONT_ROWS
    return ahead < 0 or drawn[ahead].cabin != drawn[index].cabin


def _groups(
    row: DrawnRow, behind: tuple[Fixtures, ...], index: int, *, front: bool
) -> tuple[tuple[Seat | None, ...], ...]:
    columns = row.cabin.columns
    middle = (1 + max(columns.values())) / 2

    def seat(block: int, letter: str) -> Seat:
        features = {
            *_by_position(row, block, letter),
            *_by_fixtures(row.before, behind, block),
            *_by_marks(row, letter),
            *(["front"] if front else []),
        }
        if "no_window" in features:
            features.discard("window")
        return Seat(
            id=f"{row.number}{letter}",
            row=row.number,
            letter=letter,
            column=columns[letter],
            cabin=row.cabin.name,
            features=tuple(feature for feature in FEATURES if feature in features),
            fare_percent=row.cabin.fare_percent,
            place=(index * ROW_CM, round((columns[letter] - middle) * COLUMN_CM)),
        )

    return tuple(
        tuple(None if letter == "." else seat(block, letter) for letter in letters)
        for block, letters in enumerate(row.blocks)
    )


def _by_position(row: DrawnRow, block: int, letter: str) -> set[str]:
    """Beside a wall, an aisle, both, or neither. A gap puts nobody in between."""
    seats = row.blocks[block].replace(".", "")
    last = len(row.blocks) - 1
    left, right = letter == seats[0], letter == seats[-1]
    window = (left and block == 0) or (right and block == last)
    aisle = (left and block > 0) or (right and block < last)
    if window or aisle:
        return {name for name, true in (("window", window), ("aisle", aisle)) if true}
    return {"middle"}


def _by_fixtures(
    before: tuple[Fixtures, ...], behind: tuple[Fixtures, ...], block: int
) -> set[str]:
    ahead, back = _next_to(before[::-1], block), _next_to(behind, block)
    near = {f"near_{kind}" for kind in ("lavatory", "galley") if kind in ahead | back}
    return near | ({"bulkhead"} if ahead & WALLS else set())


def _next_to(fixtures: tuple[Fixtures, ...], block: int) -> set[str]:
    """What stands next to a block of seats, given the lines from there on. Curtains are thin."""
    for line in fixtures:
        if line != (("curtain",),):
            return set(line[block] if len(line) > 1 else line[0])
    return set()


def _by_marks(row: DrawnRow, letter: str) -> set[str]:
    """Marks hold for letters; an exit or a wing is felt in the whole row."""
    whole = {"exit_row", "over_wing"}
    return {name for name, letters in row.marks.items() if name in whole or letter in letters}
