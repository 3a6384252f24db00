"""Rows as the lines of a CSV file, whose texts stay texts in a spreadsheet."""

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

# What is read as a number, a sum, a date, a time or a truth value: digits with signs between, and
# at most one word. A day that begins with its year is meant as one.
SIGNS = r"[\d .,:/%$€£¥'()+\-\u2212\u00a0\u202f]*"
MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
# "True" and "false" in the languages that spreadsheets speak. Some are people's names.
TRUTHS = (
    "true|false|wahr|falsch|vrai|faux|vero|falso|verdadero|verdadeiro|waar|onwaar|sant|falskt|fals"
    "|prawda|fałsz|tosi|epätosi|sand|falsk|sann|usann|igaz|hamis|pravda|nepravda|doğru|yanlış"
    "|adevărat|истина|ложь|істина|참|거짓"
)
TAKEN_FOR_A_NUMBER = re.compile(
    rf"(?!\d{{4}}-\d\d-\d\d)(?=.*\d){SIGNS}(?:(?:e(?=[+-]?\d)|{MONTH}){SIGNS})?(?:[ap]m| [ap])?"
    f"|{TRUTHS}",
    re.IGNORECASE,
)
# Where a spreadsheet would take what follows for a formula: at the start of a cell, or where one
# that splits at semicolons or tabs begins another. Wide signs (U+FF1D and so on) count too.
FORMULA = re.compile(r"(?:\A|(?<=[;\t\r\n]))(?=[\t\r]|\s*[=+@\uff1d\uff0b\uff0d\uff20-])")
# How a cell says that it is text, whatever it looks like.
KEPT_AS_TEXT = re.compile(r"""="(.*)"|'(.*)""", re.DOTALL)


class Echo:
    """What csv.writer writes to: gives each line back."""

    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[Sequence[str]], *, numbers: Collection[int] = ()) -> Iterator[bytes]:
    """Line by line, in UTF-8, for a file that is longer than one wants to keep in memory.

    Columns of `numbers`, from 0, are as they are: numbers to a spreadsheet too.
    """
    writer = csv.writer(Echo())
    for row in rows:
        cells = (text if at in numbers else _as_text(text) for at, text in enumerate(row))
        yield str(writer.writerow(cells)).encode()


def _as_text(text: str) -> str:
    """A code like 9E50 is the text of a formula: spreadsheets show it, and save it, as it is. What
    somebody wrote in order to be run is shown behind an apostrophe instead."""
    if TAKEN_FOR_A_NUMBER.fullmatch(text):
        return f'="{text}"'
    return FORMULA.sub("'", text)


def kept_text(cell: str) -> str:
    """What a cell says that is kept as text: ="0012" and '0012 say 0012."""
    kept = KEPT_AS_TEXT.fullmatch(cell)
    return cell if kept is None else kept[1] or kept[2] or ""
