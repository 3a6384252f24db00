"""The cabin as HTML, fast: rendered once for each layout, with holes for what differs.

The template leaves a hole for every price and for every seat's state. Filling 180 seats is a
join of strings, about a hundred times faster than rendering them. Prices are filled in once
for each fare, the states once for all who see the same, and for each who has seats of his own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from django.template.loader import render_to_string
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from bookings.seats.seat_map import SeatStatus, statuses
from bookings.views.drawn_once import HOLE
from bookings.views.panel import Panel
from flights.cabin.seats import (
    FEATURES,
    Cabin,
    Fixtures,
    Layout,
    Row,
    Seat,
    price_bands,
    price_cents,
)
from flights.cabin.text import parse
from flights.models import Flight
from flights.money import Money

# What a seat's checkbox carries, and the word that ends its label.
ATTRIBUTES = {
    SeatStatus.AVAILABLE: "",
    SeatStatus.MINE: " checked",
    SeatStatus.HELD: ' data-state="held" disabled',
    SeatStatus.BOOKED: ' data-state="booked" disabled',
}
WORDS = {
    SeatStatus.AVAILABLE: "available",
    SeatStatus.MINE: "yours",
    SeatStatus.HELD: "held by someone else",
    SeatStatus.BOOKED: "taken",
}
PROPOSED = " data-proposed"
# So many characters fit on the narrowest seat of a screen: "€1,466".
SHORT_PRICE = 6
FROZEN = {**ATTRIBUTES, SeatStatus.AVAILABLE: " disabled", SeatStatus.MINE: " checked disabled"}


@dataclass(frozen=True)
class Line:
    """One line across the aircraft, in parts with the width in seats of each."""

    parts: list[tuple[int, Sequence[str]]]

    @property
    def whole(self) -> str:
        """What spans the whole width: "door", "curtain", "wall", or nothing does."""
        return self.parts[0][1][0] if len(self.parts) == 1 else ""


@dataclass(frozen=True)
class DrawnRow:
    """A row with the lines in front of and behind it, and the cabin if one begins here."""

    row: Row
    begins: Cabin | None
    blocks: list[tuple[int, tuple[Seat | None, ...]]]
    letters: list[tuple[int, str]]
    before: list[Line]
    after: list[Line]


@dataclass(frozen=True)
class Stretch:
    """Rows between two points of the fuselage: either all of them stand over the wing or none."""

    over_wing: bool
    rows: list[DrawnRow]


def cabin_html(panel: Panel) -> bytes:
    """The cabin with each seat in its state; seats that are proposed stand out.

    On a frozen map nobody can change anything.
    """
    flight, taken, frozen = panel.flight, panel.look.taken, panel.frozen
    key = flight.layout.source, flight.base_fare, frozen
    if not (panel.look.prices or panel.proposal):
        return _as_others_see_it(*key, taken)
    pieces, holes = _in_state(*key, panel.owned), _holes(flight.layout.source)
    for seat in panel.proposal.seats if panel.proposal else ():
        pieces[holes[seat][0]] += PROPOSED
    return "".join(pieces).encode()


@lru_cache(maxsize=128)
def _as_others_see_it(source: str, fare: Money, frozen: bool, taken: str) -> bytes:
    return "".join(_in_state(source, fare, frozen, statuses(taken))).encode()


def _in_state(
    source: str,
    fare: Money,
    frozen: bool,
    owned: Mapping[str, SeatStatus],
) -> list[str]:
    """The pieces with every seat in its state."""
    attributes = FROZEN if frozen else ATTRIBUTES
    pieces, holes = list(_priced(source, fare)), _holes(source)
    for seat, status in owned.items() if not frozen else _everything(source, owned):
        # A claim may be of a seat that the layout has lost since.
        if seat in holes:
            attribute, word = holes[seat]
            pieces[attribute] = attributes[status]
            pieces[word] = WORDS[status]
    return pieces


def drawn_with(flight: Flight, owned: Mapping[str, SeatStatus]) -> str:
    """The cabin with these seats not free, or one's own, for somebody to tick others."""
    return "".join(_in_state(flight.layout.source, flight.base_fare, False, owned))


def occupancy_html(flight: Flight, seats: Mapping[str, tuple[str, str]]) -> SafeString:
    """The cabin for staff, who may choose any seat: of each that is not free, how it stands
    (a word for the style sheet) and what to say of it."""
    pieces = list(_priced(flight.layout.source, flight.base_fare))
    for seat, (attribute, word) in _holes(flight.layout.source).items():
        state, text = seats.get(seat, ("", WORDS[SeatStatus.AVAILABLE]))
        pieces[attribute] = format_html(' data-state="{}"', state) if state else ""
        pieces[word] = escape(text)
    # Safe: made of the autoescaped template, of prices, and of what was escaped here.
    return mark_safe("".join(pieces))


def _everything(source: str, owned: Mapping[str, SeatStatus]) -> Iterator[tuple[str, SeatStatus]]:
    return ((seat, owned.get(seat, SeatStatus.AVAILABLE)) for seat in parse(source).seats)


@lru_cache(maxsize=64)
def _pieces(source: str) -> tuple[str, ...]:
    """The template's text and the names of the holes in it, in turn."""
    layout = parse(source)
    html = render_to_string(
        "cabin.html",
        {"layout": layout, "stretches": _stretches(layout), "hole": HOLE},
    )
    lines = (line.strip() for line in html.split("\n"))
    return tuple("\n".join(line for line in lines if line).split(HOLE))


@lru_cache(maxsize=64)
def _holes(source: str) -> dict[str, tuple[int, int]]:
    """Where each seat's attributes and its word stand in the pieces."""
    where = {name: index for index, name in enumerate(_pieces(source)) if index % 2}
    return {seat: (where[f"state:{seat}"], where[f"word:{seat}"]) for seat in parse(source).seats}


@lru_cache(maxsize=512)
def _priced(source: str, fare: Money) -> tuple[str, ...]:
    """The pieces with the prices of one fare, all seats available."""
    layout = parse(source)
    prices = {
        seat.id: Money(price_cents(seat, fare), fare.currency) for seat in layout.seats.values()
    }
    filled = {
        **{f"price:{seat}": money.price for seat, money in prices.items()},
        **{f"cents:{seat}": str(money.cents) for seat, money in prices.items()},
        **{f"tag:{seat}": _price_tag(money) for seat, money in prices.items()},
        **{f"prices:{cabin.name}": _price_words(layout, cabin, fare) for cabin in layout.cabins},
        **{f"state:{seat}": ATTRIBUTES[SeatStatus.AVAILABLE] for seat in prices},
        **{f"word:{seat}": WORDS[SeatStatus.AVAILABLE] for seat in prices},
    }
    return tuple(
        filled[piece] if index % 2 else piece for index, piece in enumerate(_pieces(source))
    )


def _price_tag(money: Money) -> str:
    """What stands on the seat itself: it may take more lines there, and more room if it is long."""
    text = money.price.replace("\u00a0", " ")
    is_long = max(map(len, text.split())) > SHORT_PRICE
    if not is_long:
        return format_html('data-price="{}"', text)
    # A line of it may end after a comma.
    return format_html('data-price="{}" data-long', text.replace(",", ",\u200b"))


def legend_of_prices(flight: Flight) -> list[tuple[str, str]]:
    """Each cabin's title, and what its seats cost and for what."""
    layout = flight.layout.parsed
    return [(cabin.title, _price_words(layout, cabin, flight.base_fare)) for cabin in layout.cabins]


def _price_words(layout: Layout, cabin: Cabin, fare: Money) -> str:
    """What the seats of a cabin cost and for what: "€200, front of the cabin €216"."""
    bands = price_bands(layout, cabin, fare).items()
    return ", ".join(
        f"{FEATURES.get(feature, '')} {Money(cents, fare.currency).price}".strip()
        for feature, cents in bands
    )


def _stretches(layout: Layout) -> list[Stretch]:
    begins = {cabin: rows[0] for cabin, rows in layout.cabin_rows()}
    drawn = [_draw(layout, row, row is begins[row.cabin]) for row in layout.rows]
    by_wing = groupby(drawn, key=lambda item: item.row.over_wing)
    return [Stretch(over_wing, list(rows)) for over_wing, rows in by_wing]


def _draw(layout: Layout, row: Row, begins: bool) -> DrawnRow:
    widths = _widths(layout, row.cabin)
    return DrawnRow(
        row=row,
        begins=row.cabin if begins else None,
        blocks=list(zip(widths, row.groups, strict=True)),
        letters=list(zip(widths, row.cabin.blocks, strict=True)),
        before=[_line(widths, fixtures) for fixtures in row.before],
        after=[_line(widths, fixtures) for fixtures in row.after],
    )


def _line(widths: list[int], fixtures: Fixtures) -> Line:
    spans = widths if len(fixtures) == len(widths) else [sum(widths)]
    return Line(list(zip(spans, fixtures, strict=True)))


def _widths(layout: Layout, cabin: Cabin) -> list[int]:
    """Each block as wide as the widest that stands there, so that aisles run straight."""
    alike = (other.blocks for other in layout.cabins if len(other.blocks) == len(cabin.blocks))
    return [max(map(len, blocks)) for blocks in zip(*alike, strict=True)]
