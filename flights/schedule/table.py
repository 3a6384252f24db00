"""The table in a file, however a spreadsheet saved it: its encoding, its separator, its line ends,
and the empty cells that it left around. What the cells mean is said elsewhere."""

import codecs
import csv
import re
from collections.abc import Callable, Iterator, Sequence
from io import BufferedReader, TextIOWrapper
from itertools import count
from typing import BinaryIO

from flights.csv_lines import kept_text
from flights.plain import plain

# Nobody's row is that long: what has no line ends is not a table, and may not fit into memory.
LINE_LENGTH = 64 * 1024
# How the files begin that LibreOffice, Numbers and Excel keep, each byte read as a letter.
WORKBOOKS = ("PK\x03\x04", "ÐÏ\x11à")
# The longer ones first: one of them begins with one of the others.
BYTE_ORDER_MARKS = {
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
# So many bytes tell the encoding.
HEAD = 64
SEPARATORS = ",;\t"
# Told to Excel in a line of its own, before the header.
SAID_SEPARATOR = re.compile(r'"?sep=([^"])"?[,;\t]*', re.IGNORECASE)

type Tell = Callable[[int, str], None]
type Cells = Sequence[str]


class FileRefused(Exception):
    """The file has no table that can be read, or it has another header; nothing was written."""


class BadLine(Exception):
    """Why a line is no row of the table."""


class Table:
    """A header, and rows that have a cell for each of its names. Read as a stream, once.

    Raises FileRefused, also while the rows are read.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._lines = _lines(file)
        self.header_line, self._names, self._separator = self._header()
        self._all_named = all(self._names)

    @property
    def columns(self) -> list[str]:
        """In small letters, and with _ where the file has a blank."""
        return [name for name in self._names if name]

    def rows(self, refuse: Callable[[int, str], None]) -> Iterator[tuple[int, Cells]]:
        """The rows that are not empty, each with the number of its line; tells of bad lines."""
        for number, text in self._lines:
            try:
                cells = _cells(text, self._separator)
                row = self._named(cells) if any(map(plain, cells)) else None
            except BadLine as error:
                refuse(number, str(error))
            else:
                if row:
                    yield number, row

    def _header(self) -> tuple[int, Cells, str]:
        """Its line, its cells up to the last one that is not empty, and the separator."""
        said = ""
        for number, text in self._lines:
            if match := SAID_SEPARATOR.fullmatch(text):
                said = match[1]
                continue
            separator = said or max(SEPARATORS, key=text.count)
            try:
                cells = _cells(text, separator)
            except BadLine as error:
                raise FileRefused(f"Line {number}, the header: {error}") from error
            names = [re.sub("[ -]", "_", plain(cell).lower()) for cell in cells]
            if any(names):
                while not names[-1]:
                    names.pop()
                return number, names, separator
        return 1, [], ","

    def _named(self, cells: Cells) -> Cells:
        """Without the cells that have no name. Raises BadLine where one of them says something."""
        names = self._names
        if len(cells) == len(names) and self._all_named:
            return cells
        if len(cells) < len(names):
            raise BadLine(f"it has {len(cells)} of the {len(names)} values that the header names.")
        for column, cell in enumerate(cells, 1):
            if plain(cell) and not "".join(names[column - 1 : column]):
                raise BadLine(f"column {column} has {cell[:40]!r}, and no name in the header.")
        return [cell for cell, name in zip(cells, names, strict=False) if name]


def count_lines(file: BinaryIO) -> int:
    """How many it has, whatever is in them."""
    return sum(1 for _ in _text(file))


def _lines(file: BinaryIO) -> Iterator[tuple[int, str]]:
    """Each with its number."""
    text = _text(file)
    for number in count(1):
        line = text.readline(LINE_LENGTH)
        if not line:
            return
        if line.startswith(WORKBOOKS):
            raise FileRefused("This is a workbook, not CSV; open it, and save the schedule as CSV.")
        if len(line) == LINE_LENGTH and not line.endswith("\n"):
            words = f"Line {number} is longer than {LINE_LENGTH} characters; is this a table?"
            raise FileRefused(words)
        yield number, line.removesuffix("\n")


def _text(file: BinaryIO) -> TextIOWrapper:
    """With a newline at every line's end, whatever it was."""
    buffered = BufferedReader(file)  # type: ignore[type-var]
    head = buffered.peek(HEAD)[:HEAD]
    return TextIOWrapper(buffered, _encoding(head), errors="flights.windows")


def _encoding(head: bytes) -> str:
    if head.decode("latin-1").startswith(WORKBOOKS):
        return "latin-1"
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            return encoding
    # Most letters of a header have a zero in their other half.
    for half, encoding in ((head[1::2], "utf-16-le"), (head[::2], "utf-16-be")):
        if half.count(0) > len(half) // 2:
            return encoding
    return "utf-8-sig"


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """What is not Unicode is as Excel writes "CSV" in the West; a cell that this makes no sense in
    is refused like any other."""
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("flights.windows", _as_windows)


def _cells(text: str, separator: str) -> Cells:
    """Every row is one line, so that a quote left open spoils only its own. Raises BadLine."""
    # What has no quote is as CSV has it, and read five times as fast.
    if '"' not in text and "'" not in text:
        return text.split(separator)
    rows = csv.reader([text], delimiter=separator, skipinitialspace=True, strict=True)
    try:
        return [*map(kept_text, next(rows))]
    except csv.Error as error:
        words = "a quote is left open, or something follows one that is no separator."
        raise BadLine(words) from error
