"""Single lines of a layout file: what they may say. The format is told in flights/cabin/text.py."""

import re

from flights.cabin.seats import Cabin, Fixtures

LETTERS = "ABCDEFGHJKL"  # No I: it reads like a 1.
CABINS = ("business", "premium", "economy")
FIXTURES = ("door", "galley", "lavatory", "closet", "wall", "curtain", "crew")
# What may stand behind a row, and the feature of a seat that it means.
MARKS = {
    "exit": "exit_row",
    "wing": "over_wing",
    "extra legroom": "extra_legroom",
    "no window": "no_window",
    "no recline": "no_recline",
    "limited recline": "limited_recline",
    "narrow": "narrow",
    "bassinet": "bassinet",
}
SIDES = ("left", "right")

# What each mark of a row holds for: letters, or sides for `exit`.
type Marks = dict[str, frozenset[str]]


class Mistake(Exception):
    """What is wrong with the line being read, or with an earlier one."""

    def __init__(self, message: str, line_number: int = 0) -> None:
        self.line_number = line_number
        super().__init__(message)


def measure(text: str, unit: str, low: int, high: int) -> int:
    """A whole number and its unit: "6150 km"."""
    match = re.fullmatch(r"([0-9]{1,6}) ?(\S+)", text)
    if not match or match[2] != unit:
        raise Mistake(f"`{text}` should be a whole number of {unit}, like `{low} {unit}`.")
    if not low <= int(match[1]) <= high:
        raise Mistake(f"{match[1]} {unit} is not plausible; expected {low} to {high}.")
    return int(match[1])


def row_numbers(text: str) -> tuple[int, int]:
    """First and last of "12" or "2-12"."""
    match = re.fullmatch(r"([0-9]{1,2})(?:-([0-9]{1,2}))?", text)
    if not match:
        raise Mistake(f"`{text}` should be a row number from 1 to 99, or two like `2-12`.")
    first, last = int(match[1]), int(match[2] or match[1])
    if not 1 <= first <= last:
        raise Mistake(f"`{text}` should run upwards from 1.")
    return first, last


def read_cabin(name: str, text: str) -> tuple[Cabin, int | None]:
    """A cabin, and how many seats it says it has, from "ABC DEF fare 1, pitch 74 cm"."""
    blocks, words = _split_drawing(text)
    _check_letters("".join(blocks))
    facts = _cabin_facts(words)
    if "fare" not in facts:
        raise Mistake("the cabin's `fare` is missing, like `fare 1`.")
    cabin = Cabin(
        name=name,
        blocks=blocks,
        fare_percent=facts["fare"],
        pitch_cm=facts.get("pitch"),
        recline_cm=facts.get("recline"),
        flat_bed="flat bed" in facts,
    )
    return cabin, facts.get("seats")


def _cabin_facts(words: list[str]) -> dict[str, int]:
    facts: dict[str, int] = {}
    for word in words:
        name, value = _cabin_fact(word)
        if name in facts:
            raise Mistake(f"`{name}` is given twice.")
        facts[name] = value
    return facts


def _cabin_fact(word: str) -> tuple[str, int]:
    if word == "flat bed":
        return word, 1
    if match := re.fullmatch(r"([0-9]{1,4}) seats?", word):
        return "seats", int(match[1])
    if match := re.fullmatch(r"fare ([0-9]{1,2})(?:\.([0-9]{1,2}))?", word):
        return "fare", int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    name, _, value = word.partition(" ")
    if name in ("pitch", "recline"):
        return name, measure(value, "cm", 1, 300)
    raise Mistake(
        f"`{word}` is not known; a cabin has `fare 1.7`, `pitch 74 cm`, `recline 8 cm`, "
        "`flat bed` and `176 seats`."
    )


def read_fixtures(text: str, blocks: int) -> Fixtures:
    """What stands between two rows, from "lavatory | galley" or "door"."""
    line = tuple(tuple(part.replace(".", " ").split()) for part in text.split("|"))
    for word in (word for part in line for word in part):
        if word not in FIXTURES:
            raise Mistake(f"`{word}` is not known; there are {', '.join(FIXTURES)}.")
    if not any(line):
        raise Mistake(f"say what stands here: {', '.join(FIXTURES)}.")
    if len(line) not in (1, blocks):
        raise Mistake(f"draw 1 part for the whole width, or {blocks} with `|` between them.")
    return line


def read_row(text: str, cabin: Cabin) -> tuple[tuple[str, ...], Marks]:
    """A row's blocks as drawn, and its marks, from "AB. DEF exit, no window (A)"."""
    blocks, words = _split_drawing(text)
    _check_blocks(blocks, cabin)
    letters = "".join(blocks).replace(".", "")
    marks: Marks = {}
    for word in words:
        feature, holds_for = _read_mark(word, letters)
        if feature in marks:
            raise Mistake(f"`{word}` is said twice for this row.")
        marks[feature] = holds_for
    return blocks, marks


def _split_drawing(text: str) -> tuple[tuple[str, ...], list[str]]:
    """The drawn blocks in front, and the words behind them that commas separate."""
    match = re.match(r"[A-Z.]+(?: [A-Z.]+)*(?= |$)", text)
    if not match:
        raise Mistake("draw the seats as capital letters with a space for an aisle: `ABC DEF`.")
    words = text[match.end() :].strip()
    return tuple(match[0].split()), re.split(r" ?, ?", words) if words else []


def _check_letters(letters: str) -> None:
    for letter in letters:
        if letter not in LETTERS:
            raise Mistake(f"`{letter}` is not a seat letter; there are {LETTERS}.")
        if letters.count(letter) > 1:
            raise Mistake(f"the letter {letter} is drawn twice.")
    if letters != "".join(sorted(letters)):
        raise Mistake("the letters must run from A at the left to the last at the right.")


def _check_blocks(blocks: tuple[str, ...], cabin: Cabin) -> None:
    full = " ".join(cabin.blocks)
    drawn = " ".join(blocks)
    for letter in drawn.replace(" ", "").replace(".", ""):
        if letter not in full:
            raise Mistake(f"the {cabin.name} cabin has no letter {letter}; it is `{full}`.")
        if drawn.count(letter) > 1:
            raise Mistake(f"the seat {letter} is drawn twice.")
    fits = all(a == b or a == "." != b for a, b in zip(drawn, full, strict=False) if b != " ")
    if len(drawn) != len(full) or [*map(len, blocks)] != [*map(len, cabin.blocks)] or not fits:
        raise Mistake(f"draw it like `{full}`, each letter in its place, `.` for a missing seat.")
    if not drawn.replace(".", "").strip():
        raise Mistake("this row has no seats; write `skip` instead.")


def _read_mark(word: str, letters: str) -> tuple[str, frozenset[str]]:
    match = re.fullmatch(r"([a-z ]+?) ?(?:\(([A-Za-z ]*)\))?", word)
    if not match or match[1] not in MARKS:
        raise Mistake(f"`{word}` is not known; a row may be {', '.join(MARKS)}.")
    allowed = SIDES if match[1] == "exit" else (*letters,)
    named = allowed if match[2] is None else (*match[2].split(),)
    for name in named:
        if name not in allowed:
            raise Mistake(f"`{word}`: {name} is not in this row, which has {' '.join(allowed)}.")
    if not named:
        raise Mistake(f"`{word}`: name the seats in the brackets, like `({' '.join(allowed)})`.")
    return MARKS[match[1]], frozenset(named)
