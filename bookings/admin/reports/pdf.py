"""A report as PDF, by reportlab."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import chain

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, SimpleDocTemplate, Spacer, TableStyle

from bookings.admin.reports.letters import BASE, Run, runs, wrapped
from bookings.admin.reports.report import Report

MARGIN = 14 * mm
INK, LINE, SHADE = (
    colors.HexColor("#14252e"),
    colors.HexColor("#d9d5ca"),
    colors.HexColor("#f5f3ee"),
)
PAGE = landscape(A4)
WIDTH = PAGE[0] - 2 * MARGIN
CELL_SIZE, CELL_PADDING = 8.5, 6
# So many letters go into a line: of a cell as many as there is room for.
CELL_LETTERS, PAGE_LETTERS = (36, 24, 16, 10), 130
# So many lines fit on a page.
MOST_LINES = 30


class Lines(Flowable):  # type: ignore[misc]
    """Text in whatever letters, in lines of its own."""

    def __init__(self, lines: Sequence[Sequence[Run]], size: float = CELL_SIZE) -> None:
        super().__init__()
        self.lines = lines
        self.size, self.leading = size, size * 1.25
        self.width = max(map(self._width, self.lines), default=0)
        self.height = self.leading * len(self.lines)

    @property
    def plain(self) -> str:
        """The text as it is, if it is one line of the usual font; else nothing."""
        drawn = [run for line in self.lines for run in line]
        is_plain = len(drawn) == 1 and drawn[0].font == BASE
        return drawn[0].text if is_plain else ""

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        self.canv.setFillColor(INK)
        for number, line in enumerate(self.lines, 1):
            x, y = 0.0, self.height - number * self.leading + 0.25 * self.size
            for run in line:
                self.canv.setFont(run.font, self.size)
                self.canv.drawString(x, y, run.text)
                x += stringWidth(run.text, run.font, self.size)

    def _width(self, line: Sequence[Run]) -> float:
        return float(sum(stringWidth(run.text, run.font, self.size) for run in line))


def as_pdf(report: Report) -> bytes:
    """On landscape A4: the table's heading on every page, and its number at its foot."""
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=PAGE,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=report.title,
        author="Petrel",
        lang="en",
    )
    document.build(list(_parts(report)), onFirstPage=_foot, onLaterPages=_foot)
    return file.getvalue()


def _parts(report: Report) -> Iterator[Flowable]:
    title = _text(report.title, size=18, letters=PAGE_LETTERS // 2)
    subtitle = _text(report.subtitle, size=10)
    cells = _cells([report.columns, *report.rows])
    yield from (title, subtitle, Spacer(0, 5 * mm))
    yield _table(report, cells) if len(cells) > 1 else _text("Nothing.", size=10)
    lines = [line for part in (title, subtitle, *chain(*cells)) for line in part.lines]
    for note in sorted({run.note for line in lines for run in line} - {""}):
        yield from (Spacer(0, 3 * mm), _text(note))


def _text(text: str, *, size: float = CELL_SIZE, letters: int = PAGE_LETTERS) -> Lines:
    return Lines([runs(line) for line in wrapped(text, letters)], size)


def _cells(rows: Sequence[Sequence[str]]) -> list[list[Lines]]:
    """What stands in the table, in lines so short that all columns fit on the page."""
    for letters in CELL_LETTERS:
        cells = [[_text(text, letters=letters) for text in row] for row in rows]
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
            ("FONT", (0, 0), (-1, -1), BASE, CELL_SIZE),
            ("TEXTCOLOR", (0, 0), (-1, -1), INK),
            ("BACKGROUND", (0, 0), (-1, 0), SHADE),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
            ("LEFTPADDING", (0, 0), (-1, -1), CELL_PADDING),
            ("RIGHTPADDING", (0, 0), (-1, -1), CELL_PADDING),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            *(("ALIGN", (column, 0), (column, -1), "RIGHT") for column in report.numbers),
        ]
    )


def _foot(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.setFont(BASE, 8)
    canvas.drawRightString(PAGE[0] - MARGIN, 7 * mm, f"Page {document.page}")
