"""A report as CSV, for spreadsheets."""

import re
from collections.abc import Iterator

from bookings.admin.reports.report import Report
from flights.csv_lines import csv_lines

# Where a spreadsheet would take what follows for a formula: at the start of a cell, or where one
# that splits at semicolons or tabs begins another. Wide signs (U+FF1D and so on) count too.
FORMULA = re.compile(r"(?:\A|(?<=[;\t\r\n]))(?=[\t\r]|\s*[=+@\uff1d\uff0b\uff0d\uff20-])")


def as_csv(report: Report) -> Iterator[bytes]:
    """Line by line, in UTF-8 with the mark that spreadsheets look for."""
    yield b"\xef\xbb\xbf"
    yield from csv_lines([report.columns])
    yield from csv_lines([_harmless(cell) for cell in row] for row in report.rows)


def _harmless(cell: str) -> str:
    """A name that a spreadsheet would run is shown instead."""
    return FORMULA.sub("'", cell)
