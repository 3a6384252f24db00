"""A report as PDF, by reportlab."""

import unicodedata
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from bookings.admin.reports.tables import Report

MARGIN = 14 * mm
INK, LINE, SHADE = (
    colors.HexColor("#14252e"),
    colors.HexColor("#d9d5ca"),
    colors.HexColor("#f5f3ee"),
)


def pdf(report: Report, file: BytesIO) -> None:
    """Write it; the numbers of the pages stand at their feet."""
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
    styles = getSampleStyleSheet()
    cells = [[_cell(text, styles) for text in row] for row in report.rows]
    story: list[Any] = [
        Paragraph(_drawable(report.title), styles["Title"]),
        Paragraph(_drawable(report.subtitle), styles["Normal"]),
        Spacer(0, 5 * mm),
    ]
    if cells:
        table = LongTable([list(report.columns), *cells], repeatRows=1, hAlign="LEFT")
        table.setStyle(_style(report))
        story.append(table)
    else:
        story.append(Paragraph("Nothing.", styles["Normal"]))
    document.build(story, onFirstPage=_foot, onLaterPages=_foot)


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


def _cell(text: str, styles: Any) -> Any:
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


def _foot(canvas: Any, document: Any) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawRightString(landscape(A4)[0] - MARGIN, 7 * mm, f"Page {document.page}")
