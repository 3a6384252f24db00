"""Which font draws which letter of a PDF, so that no name is printed with a hole in it.

Reportlab draws glyphs from left to right and knows no more of writing: Arabic is joined here, and
what is written from right to left is turned round, line by line.
"""

import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from arabic_reshaper import ArabicReshaper
from bidi import get_display
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont

FOLDER = Path(__file__).parent / "fonts"
# These are embedded, the first for whatever it has: see fonts/README.md.
BASE = "DejaVuSansCondensed"
EMBEDDED = (BASE, "NotoSansArabic", "NotoSansThai")
# Too large to embed, but every reader has, or fetches, a font of that kind for the letters of
# that code page.
BORROWED = {"HeiseiKakuGo-W5": "cp932", "STSong-Light": "gbk", "HYSMyeongJo-Medium": "cp949"}
BORROWED_NOTE = (
    "Chinese, Japanese and Korean letters are drawn by the fonts of whoever reads or prints this."
)
CODED_NOTE = "[U+1F600] and the like are the Unicode numbers of letters that there is no font for."

# A second font of a name would be another one, in the midst of a document.
_registering = Lock()
_reshaper = ArabicReshaper({"delete_harakat": False})


class Run(NamedTuple):
    """Letters of one font beside each other, and what is to be noted about them."""

    font: str
    text: str
    note: str = ""


def wrapped(text: str, room: int) -> list[str]:
    """Lines as long as so many usual letters at the most; words are torn only where they must."""
    lines = [""]
    for word in unicodedata.normalize("NFC", text).split():
        for place, piece in enumerate([word] if _room(word) <= room else word):
            longer = f"{lines[-1]} {piece}" if lines[-1] and not place else lines[-1] + piece
            if _room(longer) <= room:
                lines[-1] = longer
            else:
                lines.append(piece)
    return lines


def _room(text: str) -> int:
    """A Chinese letter takes the room of two, one that is shown by its number that of nine."""
    seen = filter(_is_seen, text)
    return sum(1 if _own_font(each) else 2 if _borrowed_fonts(each) else 9 for each in seen)


def runs(line: str) -> list[Run]:
    """A line of text as it is drawn."""
    letters = [letter for letter in _turned_round(line) if _is_seen(letter)]
    # A name is drawn by one font, if there is one that has all of it.
    lent = Counter(font for letter in letters for font in _borrowed_fonts(letter))

    def font_of(letter: str) -> str:
        return _own_font(letter) or max(_borrowed_fonts(letter), key=lent.__getitem__, default="")

    return [_run(font, "".join(some)) for font, some in groupby(letters, key=font_of)]


def _run(font: str, text: str) -> Run:
    if not font:
        return Run(BASE, "".join(f"[U+{ord(letter):04X}]" for letter in text), CODED_NOTE)
    return Run(font, text, BORROWED_NOTE if font in BORROWED else "")


def _turned_round(line: str) -> str:
    text = unicodedata.normalize("NFC", " ".join(line.split()))
    if not any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text):
        return text
    return str(get_display(_reshaper.reshape(text)))


def _is_seen(letter: str) -> bool:
    """Joiners, marks of direction and variants change how others look, and have no look."""
    is_variant = "VARIATION SELECTOR" in unicodedata.name(letter, "")
    return unicodedata.category(letter) != "Cf" and not is_variant


@lru_cache(2048)
def _own_font(letter: str) -> str:
    """The first embedded font that has the letter; "" for none."""
    return next((font for font, glyphs in _embedded().items() if ord(letter) in glyphs), "")


def _borrowed_fonts(letter: str) -> list[str]:
    """The fonts of the reader that have a letter that we have not."""
    if _own_font(letter) or unicodedata.category(letter)[0] == "C":
        return []
    return [font for font, page in BORROWED.items() if letter.encode(page, "ignore")]


def _embedded() -> Mapping[str, Collection[int]]:
    """What each embedded font has. From now on reportlab knows all fonts by their names."""
    with _registering:
        return _registered()


@cache
def _registered() -> Mapping[str, Collection[int]]:
    for name in BORROWED:
        registerFont(UnicodeCIDFont(name))
    fonts = [TTFont(name, FOLDER / f"{name}.ttf") for name in EMBEDDED]
    for font in fonts:
        registerFont(font)
    return {font.fontName: font.face.charToGlyph for font in fonts}
