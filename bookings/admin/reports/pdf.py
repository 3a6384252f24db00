"""A report as PDF, by reportlab."""

from collections.abc import Iterator, Sequence
from itertools import chain

from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, LongTable, Spacer, TableStyle

from bookings.admin.reports.report import Report
from bookings.documents import paper
from bookings.documents.letters import BASE
from bookings.documents.paper import INK, LINE, MARGIN, SHADE, SIZE, Lines, notes, text

PAGE = landscape(A4)
WIDTH = PAGE[0] - 2 * MARGIN
CELL_PADDING = 6
# So many letters go into a line: of a cell as many as there is room for.
CELL_LETTERS, PAGE_LETTERS = (36, 24, 16, 10), 130
# So many lines fit on a page.
MOST_LINES = 30


def as_pdf(report: Report) -> bytes:
    """On landscape A4, with the table's heading on every page."""
    return paper.as_pdf(list(_parts(report)), title=report.title, page=PAGE)


def _parts(report: Report) -> Iterator[Flowable]:
    title = text(report.title, size=18, letters=PAGE_LETTERS // 2)
    subtitle = text(report.subtitle, size=10, letters=PAGE_LETTERS)
    cells = _cells([report.columns, *report.rows])
    yield from (title, subtitle, Spacer(0, 5 * mm))
    yield (
        _table(report, cells) if len(cells) > 1 else text("Nothing.", size=10, letters=PAGE_LETTERS)
    )
    for note in notes([title, subtitle, *chain(*cells)]):
        yield from (Spacer(0, 3 * mm), text(note, letters=PAGE_LETTERS))


def _cells(rows: Sequence[Sequence[str]]) -> list[list[Lines]]:
    """What stands in the table, in lines so short that all columns fit on the page."""
    for letters in CELL_LETTERS:
        cells = [[text(cell, letters=letters) for cell in row] for row in rows]
        columns = (max(cell.width for cell in column) for column in zip(*cells, strict=True))
        if sum(width + 2 * CELL_PADDING for width in columns) <= WIDTH:
            break
    return [part for row in cells for part in _parts_of_row(row)]


def _parts_of_row(row: Sequence[Lines]) -> Iterator[list[Lines]]:
    """What is too high for a page goes on in a row of its own."""
    for first in range(0, max(len(cell.lines) for cell in row), MOST_LINES):
        yield [Lines(cell.lines[first : first + MOST_LINES]) for cell in row]


def _table(report: Report, cells: Sequence[Sequence[Lines]]) -> LongTable:
    # What is plain is drawn by the table itself, which is faster.
    drawn = [[cell.plain or cell for cell in row] for row in cells]
    table = LongTable(drawn, repeatRows=1, hAlign="LEFT")
    table.setStyle(_style(report))
    return table


def _style(report: Report) -> TableStyle:
    return TableStyle(
        [
            ("FONT", (0, 0), (-1, -1), BASE, SIZE),
            ("TEXTCOLOR", (0, 0), (-1, -1), INK),
            ("BACKGROUND", (0, 0), (-1, 0), SHADE),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
            ("LEFTPADDING", (0, 0), (-1, -1), CELL_PADDING),
            ("RIGHTPADDING", (0, 0), (-1, -1), CELL_PADDING),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            *(("ALIGN", (column, 0), (column, -1), "RIGHT") for column in report.numbers),
        ]
    )
