"""Rows as the lines of a CSV file."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

# A cell that tells a spreadsheet that it is text, whatever it looks like.
KEPT_AS_TEXT = re.compile(r"""="(.*)"|'(.*)""", re.DOTALL)


class Echo:
    """What csv.writer writes to: gives each line back."""

    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Line by line, in UTF-8, for a file that is longer than one wants to keep in memory."""
    writer = csv.writer(Echo())
    for row in rows:
        yield str(writer.writerow(row)).encode()


def kept_text(cell: str) -> str:
    """What a cell says that is kept as text: ="0012" and '0012 say 0012."""
    kept = KEPT_AS_TEXT.fullmatch(cell)
    return cell if kept is None else kept[1] or kept[2] or ""
