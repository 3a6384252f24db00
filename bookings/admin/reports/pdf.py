"""A report as PDF, by reportlab."""

import unicodedata
from io import BytesIO
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import StyleSheet1, getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    LongTable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
)

from bookings.admin.reports.report import Report

MARGIN = 14 * mm
INK, LINE, SHADE = (
    colors.HexColor("#14252e"),
    colors.HexColor("#d9d5ca"),
    colors.HexColor("#f5f3ee"),
)


def as_pdf(report: Report) -> bytes:
    """On landscape A4: the table's heading on every page, and its number at its foot."""
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=landscape(A4),
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=report.title,
        author="Petrel",
        lang="en",
    )
    document.build(_parts(report), onFirstPage=_foot, onLaterPages=_foot)
    return file.getvalue()


def _parts(report: Report) -> list[Flowable]:
    styles = getSampleStyleSheet()
    cells = [[_cell(text, styles) for text in row] for row in report.rows]
    return [
        Paragraph(_drawable(report.title), styles["Title"]),
        Paragraph(_drawable(report.subtitle), styles["Normal"]),
        Spacer(0, 5 * mm),
        _table(report, cells) if cells else Paragraph("Nothing.", styles["Normal"]),
    ]


def _table(report: Report, cells: list[list[str | Paragraph]]) -> LongTable:
    table = LongTable([list(report.columns), *cells], repeatRows=1, hAlign="LEFT")
    table.setStyle(_style(report))
    return table


def _style(report: Report) -> TableStyle:
    return TableStyle(
        [
            ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold"),
            ("FONTSIZE", (0, 0), (-1, -1), 8.5),
            ("TEXTCOLOR", (0, 0), (-1, -1), INK),
            ("BACKGROUND", (0, 0), (-1, 0), SHADE),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            *(("ALIGN", (column, 0), (column, -1), "RIGHT") for column in report.numbers),
        ]
    )


def _cell(text: str, styles: StyleSheet1) -> str | Paragraph:
    """A long text breaks into lines; a short one is drawn as it is, which is faster."""
    drawable = _drawable(text)
    return drawable if len(text) <= 24 else Paragraph(drawable, styles["BodyText"])


def _drawable(text: str) -> str:
    """The built-in fonts draw Latin-1 alone: other letters without their accents, or as "?"."""
    drawn = "".join(letter if _is_drawn(letter) else _plain(letter) for letter in text)
    return escape(drawn) if len(text) > 24 else drawn


def _plain(letter: str) -> str:
    base = unicodedata.normalize("NFKD", letter)[0]
    return base if _is_drawn(base) else "?"


def _is_drawn(letter: str) -> bool:
    return letter.isprintable() and ord(letter) < 256


def _foot(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawRightString(landscape(A4)[0] - MARGIN, 7 * mm, f"Page {document.page}")
