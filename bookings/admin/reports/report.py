"""What a report is: a table of plain text, the same on a page, as CSV and as PDF."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Report:
    """A table with a title and what stands under it."""

    title: str
    subtitle: str
    columns: Sequence[str]
    rows: Iterable[Sequence[str]]
    # Columns of numbers, from 0.
    numbers: frozenset[int] = frozenset()
