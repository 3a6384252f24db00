"""The layout format: what a drawing means, and how a mistake in it is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flights.cabin.seats import Layout
from flights.cabin.text import LayoutError, parse
from flights.layout_files import FOLDER

HEAD = "aircraft Test\nrange 3000 km\nspeed 800 km/h\n"
ECONOMY = "cabin economy ABC DEF fare 1\n"


def features(layout: Layout, seat: str) -> set[str]:
    return set(layout.seats[seat].features)


def test_a_layout_says_what_the_aircraft_is() -> None:
    layout = parse(HEAD + ECONOMY + "1 ABC DEF")
    assert (layout.aircraft, layout.range_km, layout.speed_kmh) == ("Test", 3000, 800)


def test_seats_come_from_the_nose_to_the_tail_and_from_left_to_right() -> None:
    layout = parse(HEAD + ECONOMY + "1 ABC ...\nskip 2\n3-4 A.. DEF")
    assert list(layout.seats) == ["1A", "1B", "1C", "3A", "3D", "3E", "3F", "4A", "4D", "4E", "4F"]


def test_a_letter_keeps_its_column_whatever_is_missing_in_the_row() -> None:
    layout = parse(HEAD + ECONOMY + "1 ABC DEF\n2 ..C .E.")
    assert [layout.seats[seat].column for seat in ("1A", "1C", "1D", "1F")] == [1, 3, 5, 7]
    assert [layout.seats[seat].column for seat in ("2C", "2E")] == [3, 6]
    assert [[bool(seat) for seat in group] for group in layout.rows[1].groups] == [
        [False, False, True],
        [False, True, False],
    ]


def test_windows_aisles_and_middles_follow_from_the_drawing() -> None:
    layout = parse(HEAD + "cabin economy ABC DEF JKL fare 1\n1 ABC DEF JKL\n2 .BC D.F JK.")
    kinds = {"window", "aisle", "middle"}
    row = {seat.id: set(seat.features) & kinds for seat in layout.seats.values()}
    assert [row[f"1{letter}"] for letter in "ABCDEFJKL"] == [
        {"window"}, {"middle"}, {"aisle"}, {"aisle"}, {"middle"}, {"aisle"}, {"aisle"},
        {"middle"}, {"window"},
    ]  # fmt: skip
    assert [row[f"2{letter}"] for letter in "BCDFJK"] == [
        {"window"}, {"aisle"}, {"aisle"}, {"aisle"}, {"aisle"}, {"window"},
    ]  # fmt: skip


def test_a_lone_seat_at_the_wall_is_at_the_aisle_too() -> None:
    layout = parse(HEAD + "cabin business A DF L fare 1\n1 A DF L")
    assert {"window", "aisle"} <= features(layout, "1A")
    assert features(layout, "1D") & {"window", "aisle", "middle"} == {"aisle"}


def test_a_staggered_cabin_is_drawn_with_gaps() -> None:
    layout = parse(HEAD + "cabin business AB DE FG JK fare 1\n1 A. D. .G .K\n2 .B .E F. J.")
    assert list(layout.seats) == ["1A", "1D", "1G", "1K", "2B", "2E", "2F", "2J"]


def test_marks_hold_for_the_row_or_for_the_letters_in_brackets() -> None:
    layout = parse(HEAD + ECONOMY + "1 ABC DEF extra legroom, no window (A F), no recline (B)")
    assert {"extra_legroom", "no_window"} <= features(layout, "1A")
    assert "window" not in features(layout, "1A")
    assert {"extra_legroom", "no_recline"} <= features(layout, "1B")
    assert "no_recline" not in features(layout, "1C")


def test_exits_and_wings_belong_to_rows() -> None:
    layout = parse(
        HEAD + ECONOMY + "1 ABC DEF\n2 ABC DEF wing, exit\n3 ABC DEF wing, exit (left)\n"
    )
    assert [row.exits for row in layout.rows] == [(), ("left", "right"), ("left",)]
    assert [row.over_wing for row in layout.rows] == [False, True, True]
    assert {"exit_row", "over_wing"} <= features(layout, "3F")


def test_what_stands_between_rows_is_felt_by_its_neighbours() -> None:
    layout = parse(
        HEAD + ECONOMY + "-- door\n-- galley | .\n1 ABC DEF\n2 ABC DEF\n-- . | lavatory\n"
        "-- curtain\n3 ABC DEF\n-- galley"
    )
    assert layout.rows[0].before == ((("door",),), (("galley",), ()))
    assert layout.rows[2].after == ((("galley",),),)
    assert {"bulkhead", "near_galley"} <= features(layout, "1A")
    assert features(layout, "1D").isdisjoint({"bulkhead", "near_galley"})
    assert "near_lavatory" in features(layout, "2D")
    assert {"near_lavatory", "bulkhead", "near_galley"} <= features(layout, "3D")
    assert "near_lavatory" not in features(layout, "2A")


def test_the_first_three_rows_of_a_cabin_are_its_front() -> None:
    layout = parse(
        HEAD + "cabin business AC DF fare 3\n1-2 AC DF\n" + ECONOMY + "skip 3-9\n10-14 ABC DEF"
    )
    front = {seat.row for seat in layout.seats.values() if "front" in seat.features}
    assert front == {1, 2, 10, 11, 12}


def test_a_cabin_has_its_measures() -> None:
    layout = parse(
        HEAD + "cabin business A DF L fare 3.25, pitch 190 cm, flat bed, 4 seats\n1 A DF L\n"
        "cabin economy ABC DEF JKL fare 1, pitch 74 cm, recline 8 cm\n2 ABC DEF JKL"
    )
    business, economy = layout.cabins
    assert (business.fare_percent, business.pitch_cm, business.flat_bed) == (325, 190, True)
    assert (economy.fare_percent, economy.recline_cm, economy.flat_bed) == (100, 8, False)
    assert [[row.number for row in rows] for _, rows in layout.cabin_rows()] == [[1], [2]]


def test_a_seat_can_be_read_aloud() -> None:
    layout = parse(HEAD + ECONOMY + "1-9 ABC DEF\n10 ABC DEF exit, extra legroom")
    assert layout.seats["10A"].label == "Seat 10A, economy, window, exit row, extra legroom"


def test_comments_blank_lines_and_line_ends_of_another_system_do_not_matter() -> None:
    text = HEAD + ECONOMY + "\n1 ABC DEF # the only row\n"
    assert parse(text.replace("\n", "\r\n")).seats == parse(text).seats


# Lines 1 to 3 are HEAD, line 4 is ECONOMY; the wrong line is the one that begins with ">".
MISTAKES = {
    "an unknown word": "> rwo 1 ABC DEF",
    "a second aircraft": "> aircraft Other",
    "a character that a database cannot keep": "> # \0",
    "a nameless aircraft": "> aircraft",
    "a second range": "> range 5 km",
    "a range in miles": "> range 3000 mi",
    "a speed beyond belief": "> speed 9000 km/h",
    "a speed without a unit": "> speed 800",
    "an unknown cabin": "> cabin royal ABC DEF fare 1",
    "a cabin twice": "1 ABC DEF\n> cabin economy ABC DEF fare 1",
    "a cabin without a drawing": "1 ABC DEF\n> cabin premium fare 2",
    "a cabin without a fare": "1 ABC DEF\n> cabin premium AB DE pitch 90 cm",
    "a fare twice": "1 ABC DEF\n> cabin premium AB DE fare 2, fare 3",
    "an unknown fact of a cabin": "1 ABC DEF\n> cabin premium AB DE fare 2, champagne",
    "a letter twice in a cabin": "1 ABC DEF\n> cabin premium AB BD fare 2",
    "the letter I": "1 ABC DEF\n> cabin premium AB HI fare 2",
    "a letter after L": "1 ABC DEF\n> cabin premium AB LM fare 2",
    "letters from right to left": "1 ABC DEF\n> cabin premium AC BD fare 2",
    "a gap in a full row": "1 ABC DEF\n> cabin premium A. DF fare 2",
    "another number of aisles": "1 ABC DEF\n> cabin premium AC DF GH fare 2",
    "a cabin with no rows": "1 ABC DEF\n> cabin premium A D fare 2\ncabin business A D fare 2",
    "a cabin without rows at the end": "1 ABC DEF\n> cabin premium AC DF fare 2",
    "a wrong number of seats": "1 ABC DEF\n> cabin premium AC DF fare 2, 5 seats\n2 AC DF",
    "row 0": "> 0 ABC DEF",
    "row 100": "> 100 ABC DEF",
    "rows backwards": "> 9-2 ABC DEF",
    "rows with a long dash": "> 1\N{EN DASH}2 ABC DEF",
    "a row twice": "1-2 ABC DEF\n> 2 ABC DEF",
    "a row too early": "1-2 ABC DEF\n> 1 ABC DEF",
    "a row missing": "1 ABC DEF\n> 3 ABC DEF",
    "rows missing": "1 ABC DEF\n> 9 ABC DEF",
    "a row without seats": "> 1 ... ...",
    "a row that is not drawn": "> 1",
    "a row in small letters": "> 1 abc def",
    "a letter that the cabin lacks": "> 1 ABC DEG",
    "a seat twice": "> 1 ABB DEF",
    "a letter in another place": "> 1 ACB DEF",
    "a missing aisle": "> 1 ABCDEF",
    "an aisle in another place": "> 1 AB CDEF",
    "a missing seat without a dot": "> 1 AB DEF",
    "half a row": "> 1 ABC",
    "an unknown mark": "> 1 ABC DEF comfy",
    "a mark twice": "> 1 ABC DEF exit, exit",
    "a mark for a seat that is not there": "> 1 .BC DEF no window (A)",
    "a mark for nobody": "> 1 ABC DEF no window ()",
    "an exit in the ceiling": "> 1 ABC DEF exit (top)",
    "a comma too many": "> 1 ABC DEF exit,",
    "two wings": "1 ABC DEF wing\n2 ABC DEF\n> 3 ABC DEF wing",
    "a skip of a row that is there": "1-2 ABC DEF\n> skip 2",
    "a skip that jumps": "1 ABC DEF\n> skip 3",
    "a skip of nothing": "> skip",
    "a skip at the end": "1 ABC DEF\n> skip 2",
    "an unknown fixture": "> -- bar | galley",
    "an empty fixture": "> --",
    "too many parts of a fixture": "> -- galley | galley | galley",
}


@pytest.mark.parametrize("text", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_with_its_line(text: str) -> None:
    lines = (HEAD + ECONOMY + text).split("\n")
    wrong = next(number for number, line in enumerate(lines, 1) if line.startswith("> "))
    lines[wrong - 1] = lines[wrong - 1].removeprefix("> ")
    with pytest.raises(LayoutError) as caught:
        parse("\n".join(lines))
    assert caught.value.line_number == wrong
    assert caught.value.line == lines[wrong - 1].strip()
    assert str(caught.value) == f"Line {wrong} ({caught.value.line}): {caught.value.message}"


@pytest.mark.parametrize(
    ("text", "line_number", "message"),
    [
        ("", 1, "the aircraft is missing"),
        (
            "aircraft A\nspeed 800 km/h\ncabin economy A D fare 1\n1 A D\n",
            4,
            "the range is missing",
        ),
        (HEAD, 3, "there are no seats"),
        (HEAD + "1 ABC DEF", 4, "put a `cabin` line before the first row"),
        (HEAD + "-- door", 4, "put the first `cabin` line before this one"),
        (HEAD + ECONOMY, 4, "the economy cabin has no rows"),
        (HEAD + "cabin economy A D fare 1.1\n1 A D", 4, "the cheapest cabin must have `fare 1`"),
        (HEAD + "cabin economy A D fare 1, 3 seats\n1 A D", 4, "its rows have 2 seats, not 3"),
    ],
)
def test_what_is_missing_is_told_with_the_line_it_is_missed_in(
    text: str, line_number: int, message: str
) -> None:
    with pytest.raises(LayoutError, match=message) as caught:
        parse(text)
    assert caught.value.line_number == line_number


REAL = [path.read_text() for path in sorted(FOLDER.glob("*.txt"))]


@given(st.sampled_from(REAL), st.data())
def test_a_line_spoiled_anywhere_is_read_or_told_but_never_crashes(
    text: str, data: st.DataObject
) -> None:
    lines = text.split("\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    words = st.sampled_from(
        [*"ABCDEFL.|,()-", "exit", "12", "cabin", "skip", "km", "economy", "\0"]
    )
    pieces = st.one_of(words, st.text(max_size=5), st.just(lines[at]))
    lines[at] = " ".join(data.draw(st.lists(pieces, max_size=5)))
    outcome = outcome_of("\n".join(lines))
    if isinstance(outcome, LayoutError):
        assert 1 <= outcome.line_number <= len("\n".join(lines).split("\n"))
    else:
        assert outcome.seats


def outcome_of(text: str) -> Layout | LayoutError:
    try:
        return parse(text)
    except LayoutError as error:
        return error


@given(st.lists(st.sets(st.sampled_from("ABCDEF"), min_size=1), min_size=1, max_size=40))
def test_exactly_the_seats_that_are_drawn_exist(rows: list[set[str]]) -> None:
    drawn = [
        f"{number} " + "".join(c if c in {*letters, " "} else "." for c in "ABC DEF")
        for number, letters in enumerate(rows, 1)
    ]
    layout = parse(HEAD + ECONOMY + "\n".join(drawn))
    assert list(layout.seats) == [
        f"{number}{letter}" for number, letters in enumerate(rows, 1) for letter in sorted(letters)
    ]
