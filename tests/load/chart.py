"""Charts as SVG, written by hand: no library draws them, and they show in light and dark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log, log10

WIDTH, HEIGHT = 720, 340
LEFT, RIGHT, TOP, BOTTOM = 64, 72, 56, 56
# Lines across, above the one at zero.
GRID = 4
# Where a point's value is written, from the point.
LABEL_ABOVE, LABEL_BELOW = -10, 21
STYLE = """
  .paper { fill: #ffffff } .grid { stroke: #e3e7eb }
  text { fill: #24313b; font: 13px system-ui, sans-serif }
  .title { font-size: 16px; font-weight: 600 } .quiet { fill: #5b6b78 }
  .line { fill: none; stroke-width: 2.5 } .first { stroke: #0b6e8f } .second { stroke: #c2410c }
  circle.first { fill: #0b6e8f } circle.second { fill: #c2410c }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d151c } .grid { stroke: #26333d }
    text { fill: #e4ebf0 } .quiet { fill: #93a4b1 }
    .first { stroke: #5cbfe0 } .second { stroke: #f59e6b }
    circle.first { fill: #5cbfe0 } circle.second { fill: #f59e6b }
  }"""


@dataclass(frozen=True)
class Scale:
    """What the height of a point means: from `marks[0]` at the foot to `marks[-1]` at the top."""

    marks: Sequence[float]
    # For values of which one is a hundred times another.
    logarithmic: bool = False

    def part(self, value: float) -> float:
        """How high a value stands, from 0 to 1."""
        low, high = self.marks[0], self.marks[-1]
        if self.logarithmic:
            return log(value / low) / log(high / low)
        return (value - low) / (high - low)


def even(most: float) -> Scale:
    """From zero, in equal steps of a round size."""
    size = 10 ** floor(log10(most / GRID))
    step = next(size * part for part in (1, 2, 2.5, 5, 10) if size * part * GRID >= most)
    return Scale([n * step for n in range(GRID + 1)])


def tenfold(least: float, most: float) -> Scale:
    """Each step ten times the one below."""
    powers = range(floor(log10(least)), ceil(log10(most)) + 1)
    return Scale([10.0**n for n in powers], logarithmic=True)


def line_chart(
    title: str,
    *,
    across: str,
    places: Sequence[str],
    lines: Mapping[str, Sequence[float]],
    scale: Scale,
) -> str:
    """One or two lines over the same places, which stand equally far apart; the lower one first.

    `across` says what the places are. Each line has its name at its end, each point its value.
    """
    drawn = [_grid(scale), _places(places, across)]
    for kind, (name, values) in zip(("first", "second"), lines.items(), strict=False):
        below = kind == "first" and len(lines) > 1
        drawn.append(_line(kind, name, values, scale, label=LABEL_BELOW if below else LABEL_ABOVE))
    return _picture(title, _told(places, lines), "\n".join(drawn))


def _picture(title: str, told: str, drawn: str) -> str:
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" \
height="{HEIGHT}" role="img" aria-labelledby="title told">
<title id="title">{escape(title)}</title>
<desc id="told">{escape(told)}</desc>
<style>{STYLE}
</style>
<rect class="paper" width="{WIDTH}" height="{HEIGHT}" rx="8"/>
{_text(LEFT, 30, title, kind="title", anchor="start")}
{drawn}
</svg>
"""


def _told(places: Sequence[str], lines: Mapping[str, Sequence[float]]) -> str:
    """The values in words, for who does not see them."""
    return "; ".join(
        f"{name}: {', '.join(f'{v:,.0f} at {p}' for p, v in zip(places, values, strict=True))}"
        for name, values in lines.items()
    )


def _line(kind: str, name: str, values: Sequence[float], scale: Scale, *, label: float) -> str:
    points = [(_x(n, len(values)), _y(scale.part(value))) for n, value in enumerate(values)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    drawn = [f'<polyline class="line {kind}" points="{path}"/>']
    for (x, y), value in zip(points, values, strict=True):
        drawn.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>')
        drawn.append(_text(x, y + label, f"{value:,.0f}"))
    x, y = points[-1]
    drawn.append(_text(x + 12, y + 5, name, anchor="start"))
    return "\n".join(drawn)


def _grid(scale: Scale) -> str:
    drawn = []
    for mark in scale.marks:
        y = _y(scale.part(mark))
        drawn.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        drawn.append(_text(LEFT - 10, y + 4, f"{mark:,g}", kind="quiet", anchor="end"))
    return "\n".join(drawn)


def _places(places: Sequence[str], across: str) -> str:
    y = HEIGHT - BOTTOM + 22
    named = [_text(_x(n, len(places)), y, place) for n, place in enumerate(places)]
    return "\n".join([*named, _text((LEFT + WIDTH - RIGHT) / 2, y + 22, across, kind="quiet")])


def _text(x: float, y: float, text: str, *, kind: str = "", anchor: str = "middle") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _x(number: int, count: int) -> float:
    room = WIDTH - LEFT - RIGHT
    return LEFT + room * (number + 0.5) / count


def _y(part: float) -> float:
    return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)
