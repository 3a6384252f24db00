"""A report as CSV, for spreadsheets."""

from collections.abc import Iterator

from bookings.admin.reports.report import Report
from flights.csv_lines import csv_lines


def as_csv(report: Report) -> Iterator[bytes]:
    """Line by line, in UTF-8 with the mark that spreadsheets look for."""
    yield b"\xef\xbb\xbf"
    yield from csv_lines([report.columns])
    yield from csv_lines(report.rows, numbers=report.numbers)
