"""Numbers as pictures: where each bar of a chart stands. The templates draw them as SVG."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# What a booking comes to, from the bottom of a bar to its top.
OUTCOMES = ("confirmed", "expired", "cancelled", "failed")
# One operator's or one customer's end of it; the picture does not tell them apart.
SAME = {"terminated": "cancelled"}

WIDTH, HEIGHT = 600, 160
# Beside and below the bars, for the words.
LEFT, BELOW = 40, 20


@dataclass(frozen=True)
class Bar:
    """A rectangle, in the units of its chart's view box."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    title: str = ""


@dataclass(frozen=True)
class Label:
    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Chart:
    """Stacked bars over time, with what a reader who sees no picture is told."""

    bars: list[Bar]
    hours: list[Label]
    levels: list[Label]
    summary: str
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True)
class Stage:
    """One bar of the funnel: how many came this far, of those who began."""

    name: str
    count: int
    percent: int


type Counted = Mapping[tuple[dt.datetime, str], int]


def by_hour(counted: Counted, hours: Sequence[dt.datetime]) -> Chart:
    """Bookings that came to an end, for each of these hours, by outcome."""
    tall = nice(max((_total(counted, hour) for hour in hours), default=0))
    each = (WIDTH - LEFT) / len(hours)
    room = HEIGHT - BELOW
    bars: list[Bar] = []
    for place, hour in enumerate(hours):
        y = float(room)
        for outcome in OUTCOMES:
            count = counted.get((hour, outcome), 0)
            if not count:
                continue
            height = count / tall * (room - 8)
            y -= height
            title = f"{hour:%H:%M}: {count} {outcome}"
            bars.append(Bar(outcome, LEFT + place * each + 2, y, each - 4, height, title))
    ticks = [
        Label(LEFT + place * each + each / 2, HEIGHT - 5, f"{hour:%H}")
        for place, hour in enumerate(hours)
        if hour.hour % 3 == 0
    ]
    levels = [
        Label(LEFT - 6, room - part * (room - 8), f"{round(tall * part):,}") for part in (0, 1)
    ]
    return Chart(bars, ticks, levels, _summary(counted))


def funnel(counted: Counted) -> list[Stage]:
    """Held, paid, and what came of it, all within the time that was counted."""
    totals = {
        name: sum(count for (_, kind), count in counted.items() if kind == name)
        for name in ("held", "payment_started", *OUTCOMES)
    }
    most = max(totals.values()) or 1
    words = {"payment_started": "paid"}
    return [
        Stage(words.get(name, name), count, round(100 * count / most))
        for name, count in totals.items()
    ]


def nice(most: int) -> int:
    """A round number for the top of an axis: 6, 8, 10, 20, 30 …, never below `most`."""
    step = 1
    while True:
        for factor in (1, 2, 3, 4, 5, 6, 8):
            if factor * step >= most:
                return factor * step
        step *= 10


def merged(rows: Iterable[tuple[dt.datetime, str, int]]) -> dict[tuple[dt.datetime, str], int]:
    """Counts by hour and kind, with kinds that look the same taken together."""
    counted: dict[tuple[dt.datetime, str], int] = {}
    for hour, name, count in rows:
        key = (hour, SAME.get(name, name))
        counted[key] = counted.get(key, 0) + count
    return counted


def _total(counted: Counted, hour: dt.datetime) -> int:
    return sum(counted.get((hour, outcome), 0) for outcome in OUTCOMES)


def _summary(counted: Counted) -> str:
    words = (
        f"{sum(n for (_, kind), n in counted.items() if kind == outcome):,} {outcome}"
        for outcome in OUTCOMES
    )
    return f"Bookings an hour by outcome, the last 24 hours: {', '.join(words)}."
