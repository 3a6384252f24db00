"""The sheet that a ticket and a receipt begin with: code, flight, and who sits where; on A4."""

from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest
from operator import itemgetter

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.lib.colors import Color, black
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, HRFlowable, Spacer, Table, TableStyle

from bookings.documents import paper
from bookings.documents.letters import BASE
from bookings.documents.paper import BRAND, INK, LINE, SHADE, SOFT, Lines, fitted, notes
from bookings.models import Booking
from bookings.models.passengers import everybody
from bookings.templatetags.travel import clock, day, duration, other_day, zone
from flights.models import Airport, Flight

MARGIN = 20 * mm
WIDTH = A4[0] - 2 * MARGIN
SMALL, USUAL, LARGE, HUGE = 9, 10.5, 22, 34
# Between columns.
GUTTER = 4 * mm
QR_SIDE = 28 * mm
CARD_PADDING, CARD_ROUND = 5 * mm, 9
CODE_HINT = "With this code we find your booking over the phone and at the airport."
# The bird of templates/brand.html, upright and 64 wide: where it begins, then its curves.
BIRD = (
    (2, 23), (17, 36, 29, 32, 35, 22), (42, 31, 52, 36, 62, 34), (53, 30, 46, 22, 42, 10),
    (34, 8, 28, 10, 25, 15), (20, 21, 12, 24, 2, 23),
)  # fmt: skip

type Cell = Flowable | Sequence[Flowable]


def sheet(name: str, booking: Booking, flight: Flight, parts: Sequence[Flowable]) -> bytes:
    """What its name says it is, the booking, and then these parts, as PDF."""
    drawn = [
        columns([Brand(), sized(name, LARGE, ink=SOFT)], 0.5, 0.5),
        rule(BRAND, 1.2),
        gap(3),
        _code(booking),
        gap(6),
        _card(flight),
        gap(7),
        _passengers(booking, flight),
        gap(7),
        *parts,
        *_notes(booking, flight),
    ]
    title = f"{name} {booking.record_locator}"
    return paper.as_pdf(drawn, title=title, page=A4, margin=MARGIN - paper.FRAME)


def gap(millimetres: float) -> Flowable:
    return Spacer(0, millimetres * mm)


def rule(ink: Color = LINE, width: float = 0.5) -> Flowable:
    return HRFlowable("100%", width, color=ink, spaceBefore=2 * mm, spaceAfter=2 * mm)


def sized(said: str, size: float = USUAL, share: float = 1, ink: Color = INK) -> Lines:
    """Text in a share of the sheet's width."""
    return fitted(said, share * WIDTH - GUTTER, size=size, ink=ink)


def small(said: str, share: float = 1) -> Lines:
    """What explains, or names what stands below it."""
    return sized(said, SMALL, share, SOFT)


def columns(cells: Sequence[Cell], *shares: float) -> Table:
    """Beside each other; the last one ends at the right edge."""
    return grid([cells], shares, ("ALIGN", (-1, 0), (-1, -1), "RIGHT"))


def grid(rows: Sequence[Sequence[Cell]], shares: Sequence[float], *style: object) -> Table:
    """Rows of cells whose columns have these shares of the sheet's width."""
    table = Table(rows, [share * WIDTH for share in shares], repeatRows=1 if rows[1:] else 0)
    everywhere = (0, 0), (-1, -1)
    bare = [(f"{side}PADDING", *everywhere, 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
    table.setStyle(TableStyle([*bare, ("VALIGN", *everywhere, "TOP"), *style]))
    return table


def ruled(
    heads: Sequence[str], rows: Sequence[Sequence[str]], shares: Sequence[float], *style: object
) -> Table:
    """A table of text, with a line between its rows."""
    cells = [
        [sized(said, share=share) for said, share in zip(row, shares, strict=True)] for row in rows
    ]
    return grid(
        [list(map(small, heads)), *cells],
        shares,
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
        ("TOPPADDING", (0, 1), (-1, -1), 1.5 * mm),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5 * mm),
        *style,
    )


class Brand(Flowable):  # type: ignore[misc]
    """The bird and the name beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.width, self.height = 40 * mm, LARGE * 1.25

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        self.canv.setFillColor(BRAND)
        self.canv.saveState()
        self.canv.scale(0.6, 0.6)
        path = self.canv.beginPath()
        path.moveTo(*BIRD[0])
        for curve in BIRD[1:]:
            path.curveTo(*curve)
        self.canv.drawPath(path, stroke=0, fill=1)
        self.canv.restoreState()
        self.canv.setFont(BASE, 17)
        self.canv.drawString(46, 6, "Petrel")


class Way(Flowable):  # type: ignore[misc]
    """How long the flight takes, over a dotted line."""

    def __init__(self, said: str, width: float) -> None:
        super().__init__()
        self.said, self.width, self.height = said, width, 44

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        self.canv.setFillColor(SOFT)
        self.canv.setFont(BASE, SMALL)
        self.canv.drawCentredString(self.width / 2, 15, self.said)
        self.canv.setStrokeColor(SOFT)
        self.canv.setLineCap(1)
        self.canv.setDash([0, 4])
        self.canv.setLineWidth(1.4)
        self.canv.line(0, 8, self.width, 8)


class QrCode(Flowable):  # type: ignore[misc]
    """Reportlab's own, whose drawing of it takes as long as all the rest of a page."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self.code = QrCodeWidget(said, barLevel="M").qr
        self.code.make()
        self.width = self.height = QR_SIDE

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        modules = self.code.modules
        self.canv.scale(QR_SIDE / len(modules), QR_SIDE / len(modules))
        path = self.canv.beginPath()
        for row, line in enumerate(reversed(modules)):
            for is_dark, stretch in groupby(enumerate(line), key=itemgetter(1)):
                (first, _), *others = stretch
                if is_dark:
                    path.rect(first, row, 1 + len(others), 1)
        self.canv.setFillColor(black)
        self.canv.drawPath(path, stroke=0, fill=1)


def _code(booking: Booking) -> Table:
    code = str(booking.record_locator)
    said = [small("Booking code"), sized(code, HUGE), gap(1.5), small(CODE_HINT, 0.7)]
    return columns([said, QrCode(code)], 0.7, 0.3)


def _card(flight: Flight) -> Table:
    leaves, lands = flight.local_departure, flight.local_arrival
    days = other_day(lands, leaves)
    shares = (0.38, 0.24, 0.38)
    way = Way(duration(flight.duration), 0.24 * WIDTH - 2 * GUTTER)
    head = sized(f"{flight.number} · {flight.layout.aircraft}", share=0.9)
    return grid(
        [
            [head, "", ""],
            [
                _end(flight.origin, clock(leaves), f"{day(leaves)}, {zone(leaves)}"),
                way,
                _end(
                    flight.destination,
                    clock(lands),
                    f"{day(lands)}, {zone(lands)}{f' ({days})' if days else ''}",
                ),
            ],
        ],
        shares,
        ("SPAN", (0, 0), (-1, 0)),
        ("BACKGROUND", (0, 0), (-1, -1), SHADE),
        ("ROUNDEDCORNERS", [CARD_ROUND] * 4),
        ("LEFTPADDING", (0, 0), (0, -1), CARD_PADDING),
        ("TOPPADDING", (0, 0), (-1, 0), CARD_PADDING),
        ("TOPPADDING", (0, 1), (-1, 1), 4 * mm),
        ("BOTTOMPADDING", (0, -1), (-1, -1), CARD_PADDING),
    )


def _end(airport: Airport, time: str, date: str) -> list[Flowable]:
    share = 0.36
    return [
        sized(f"{airport.city} ({airport.code})", USUAL, share),
        sized(time, LARGE, share),
        gap(1),
        sized(date, SMALL, share),
        small(airport.name, share),
    ]


def _passengers(booking: Booking, flight: Flight) -> Table:
    """Everybody with the seat, an infant below its adult."""
    heads = ("Passenger", "Type", "Seat", "Cabin")
    return ruled(heads, list(_seated(booking, flight)), (0.42, 0.1, 0.1, 0.38))


def _seated(booking: Booking, flight: Flight) -> Iterator[tuple[str, str, str, str]]:
    known = flight.layout.parsed.seats
    for seat, one in zip_longest(booking.seats, booking.passengers):
        place = known.get(seat)
        words = f"{place.cabin.capitalize()}, {place.description}" if place else ""
        if one is None:
            # Where nobody said who sits where, whose booking it is.
            yield booking.name or "Not named", "", seat, words
            continue
        yield one.name, str(one.type.label), seat, words
        if one.infant:
            yield one.infant.name, str(one.infant.type.label), seat, f"On the lap of {one.name}"


def _notes(booking: Booking, flight: Flight) -> Iterator[Flowable]:
    """What is to be said about the letters of whatever others have named."""
    names = [one.name for one in everybody(booking.passengers)] or [booking.name]
    places = [text for at in (flight.origin, flight.destination) for text in (at.city, at.name)]
    for note in notes(map(sized, [*names, *places, flight.layout.aircraft])):
        yield from (gap(3), small(note))
