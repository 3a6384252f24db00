"""Every name can be printed: by a font that has its letters, or by their numbers."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfbase.pdfmetrics import getFont

from bookings.admin.reports.pdf import as_pdf
from bookings.admin.reports.report import Report
from bookings.documents.letters import (
    BASE,
    BORROWED,
    BORROWED_NOTE,
    CODED_NOTE,
    Run,
    runs,
    wrapped,
)
from bookings.documents.paper import fitted
from tests.pdf import needs_poppler, read

ARABIC, THAI = "NotoSansArabic", "NotoSansThai"
LATIN_AND_LIKE = [
    "Łukasz Żółć",
    "Yıldız Çağlar",
    "José Núñez",
    "O’Brien",
    "Nguyễn Thị Hương",
    "Þórður Ægisson",
    "Ọlájùmọ̀kẹ́",
    "Владимир Ґалаґан",
    "Γιώργος Ψωμᾶς",
    "Նարեկ Գաբրիելյան",
    "გიორგი ბერიძე",
]


def fonts(text: str) -> list[str]:
    return [run.font for run in runs(text)]


@pytest.mark.parametrize("name", LATIN_AND_LIKE)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_is_drawn_as_it_is_written_however_its_accents_are_typed(
    name: str, form: str
) -> None:
    assert runs(unicodedata.normalize(form, name)) == [Run(BASE, name)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        # What is joined has other letters, and the last of the name comes first.
        ("محمد", "ﺪﻤﺤﻣ"),
        # A joiner that parts is not drawn; the letters beside it are not joined.
        ("علی‌رضا", "ﺎﺿﺭﯽﻠﻋ"),
        ("لا", "ﻻ"),
        ("שלום", "םולש"),
        ("Ada (שלום) 12", "Ada (םולש) 12"),
    ],
)
def test_what_is_written_from_right_to_left_is_turned_round(name: str, drawn: str) -> None:
    assert "".join(run.text for run in runs(name)) == drawn
    assert {run.note for run in runs(name)} == {""}


def test_every_letter_of_arabic_and_its_neighbours_has_a_font_wherever_it_stands() -> None:
    letters = [chr(code) for code in (*range(0x620, 0x6D4), *range(0x750, 0x780))]
    for letter in letters:
        for word in (letter, f"{letter}ب", f"ب{letter}ب", f"ب{letter}"):
            assert all(run.note == "" for run in runs(word)), f"U+{ord(letter):04X}"


@pytest.mark.parametrize(
    ("name", "font"),
    [
        ("山田太郎", "HeiseiKakuGo-W5"),
        ("やまだ", "HeiseiKakuGo-W5"),
        # By one font as a whole, though the first of them has some of it.
        ("王小明们", "STSong-Light"),
        ("김철수", "HYSMyeongJo-Medium"),
    ],
)
def test_letters_that_are_too_many_to_embed_are_left_to_the_reader(name: str, font: str) -> None:
    assert runs(name) == [Run(font, name, BORROWED_NOTE)]


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Ada 😀", "[U+1F600]"),
        ("ශ්‍රී", "[U+0DC1][U+0DCA][U+0DBB][U+0DD3]"),
        ("𠮷", "[U+20BB7]"),
        ("\ue000", "[U+E000]"),
        ("a\x07", "[U+0007]"),
    ],
)
def test_what_no_font_has_is_shown_by_its_number(text: str, drawn: str) -> None:
    assert runs(text)[-1] == Run(BASE, drawn, CODED_NOTE)


def test_what_has_no_look_is_not_drawn() -> None:
    assert runs("A\u202eB\u200d\ufe0f\U000e0100") == [Run(BASE, "AB")]
    assert fonts("สมชาย") == [THAI]
    assert fonts("محمد") == [ARABIC]


@given(st.text())
def test_whatever_is_drawn_its_font_has(text: str) -> None:
    for run in runs(text):
        if run.font in BORROWED:
            assert run.text.encode(BORROWED[run.font])
        else:
            glyphs = getFont(run.font).face.charToGlyph
            assert all(ord(letter) in glyphs for letter in run.text)


@given(st.text(st.characters(categories=["L", "N"])), st.integers(10, 60))
def test_no_letter_is_lost_between_two_lines(text: str, room: int) -> None:
    lines = wrapped(text, room)
    assert "".join(lines) == unicodedata.normalize("NFC", text)


@given(st.text(), st.integers(80, 400))
def test_lines_are_as_wide_as_there_is_room(text: str, room: int) -> None:
    for said in (text, f"{text} {'W' * 30} {'i' * 90}"):
        assert fitted(said, room, size=10).width <= room


def test_words_are_torn_only_where_they_must() -> None:
    assert wrapped("Ada Lovelace, Countess", 13) == ["Ada Lovelace,", "Countess"]
    assert wrapped("Donaudampfschiff ab", 10) == ["Donaudampf", "schiff ab"]
    assert wrapped("山田太郎山田太郎", 10) == ["山田太郎山", "田太郎"]


@needs_poppler
@pytest.mark.parametrize(
    ("names", "note"),
    [
        ([*LATIN_AND_LIKE, "محمد العلي", "שלום כהן", "สมชาย"], ""),
        (["王小明", "김철수"], BORROWED_NOTE),
        (["Ada [U+1F600]"], CODED_NOTE),
    ],
    ids=["ours", "borrowed", "coded"],
)
def test_names_can_be_read_out_of_the_pdf_again(names: list[str], note: str) -> None:
    rows = [(str(number), name.replace("[U+1F600]", "😀")) for number, name in enumerate(names)]
    report = Report("Passengers to Łódź", "Ścinawa – قطر", ("No.", "Name"), rows)
    found = read(as_pdf(report), "-layout")
    for name in [*names, note, "Łódź", "Ścinawa", "قطر"]:
        assert unicodedata.normalize("NFKC", name) in found, name
    assert "?" not in found
