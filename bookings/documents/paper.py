"""What any PDF is made of: its colours, lines of text in whatever letters, and its pages."""

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from threading import Lock

from reportlab import rl_config
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, SimpleDocTemplate

from bookings.documents.letters import BASE, Run, runs, wrapped

# No file here goes where only ASCII may: a quarter shorter, and written sooner.
rl_config.useA85 = 0

MARGIN = 14 * mm
# So much more is kept free within the margins.
FRAME = 6
# Those of static/css/tokens.css: paper is light.
INK, SOFT, LINE, SHADE = map(colors.HexColor, ("#14252e", "#4b5d66", "#d9d5ca", "#f5f3ee"))
BRAND = colors.HexColor("#0b5266")
SIZE = 8.5
# Reportlab's fonts remember where in their file they last read, for all threads together.
_one_at_a_time = Lock()


class Lines(Flowable):  # type: ignore[misc]
    """Text in whatever letters, in lines of its own."""

    def __init__(
        self, lines: Sequence[Sequence[Run]], size: float = SIZE, ink: colors.Color = INK
    ) -> None:
        super().__init__()
        self.lines, self.ink = lines, ink
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
        self.canv.setFillColor(self.ink)
        for number, line in enumerate(self.lines, 1):
            x, y = 0.0, self.height - number * self.leading + 0.25 * self.size
            for run in line:
                self.canv.setFont(run.font, self.size)
                self.canv.drawString(x, y, run.text)
                x += stringWidth(run.text, run.font, self.size)

    def _width(self, line: Sequence[Run]) -> float:
        return float(sum(stringWidth(run.text, run.font, self.size) for run in line))


def text(said: str, *, letters: int, size: float = SIZE, ink: colors.Color = INK) -> Lines:
    """In lines of so many usual letters at the most."""
    return Lines([runs(line) for line in wrapped(said, letters)], size, ink)


def fitted(said: str, width: float, *, size: float = SIZE, ink: colors.Color = INK) -> Lines:
    """In lines of this width at the most."""
    letters = int(2 * width / size)
    while (lines := text(said, letters=letters, size=size, ink=ink)).width > width and letters > 1:
        letters -= 1 + letters // 9
    return lines


def notes(parts: Iterable[Lines]) -> Iterator[str]:
    """What is to be said about the letters of these."""
    lines = [line for part in parts for line in part.lines]
    yield from sorted({run.note for line in lines for run in line} - {""})


def as_pdf(
    parts: Sequence[Flowable], *, title: str, page: tuple[float, float] = A4, margin: float = MARGIN
) -> bytes:
    """The parts below each other, on as many pages as it takes, each with its number."""

    def foot(canvas: Canvas, document: SimpleDocTemplate) -> None:
        canvas.setFont(BASE, 8)
        canvas.setFillColor(SOFT)
        canvas.drawRightString(page[0] - margin - FRAME, 7 * mm, f"Page {document.page}")

    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=page,
        leftMargin=margin,
        rightMargin=margin,
        topMargin=margin,
        bottomMargin=margin,
        title=title,
        author="Petrel",
        lang="en",
    )
    with _one_at_a_time:
        document.build(list(parts), onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()
