"""The seats of one aircraft, what each is like, what it costs and which are near."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from flights.money import Money

# What a customer is told about a seat, in the order it is told.
FEATURES = {
    "window": "window",
    "middle": "middle",
    "aisle": "aisle",
    "exit_row": "exit row",
    "extra_legroom": "extra legroom",
    "bulkhead": "wall in front",
    "bassinet": "bassinet possible",
    "front": "front of the cabin",
    "over_wing": "over the wing",
    "no_window": "no window",
    "no_recline": "does not recline",
    "limited_recline": "reclines little",
    "narrow": "narrow",
    "near_lavatory": "near a lavatory",
    "near_galley": "near a galley",
}
# Supplement in per cent of the base fare, and the least it is in whole units of its currency. Only
# the dearest that fits a seat is charged; business seats have none, all of theirs are good.
SUPPLEMENTS = {"extra_legroom": (20, 20), "exit_row": (12, 12), "front": (8, 8)}
# Neighbouring rows are about 80 cm apart, neighbouring seats about 45 cm.
ROW_CM, COLUMN_CM = 80, 45

# One line across the aircraft: what stands in each block, (("lavatory",), ("galley",)). A
# single block spans the whole width: a curtain, a wall, a pair of doors.
type Fixtures = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Cabin:
    """One class of travel. Lengths in cm; None is not known."""

    name: str
    # Letters of a full row, one string for each block between aisles: ("ABC", "DEF").
    blocks: tuple[str, ...]
    # Its fare in per cent of the flight's base fare. The cheapest cabin has 100.
    fare_percent: int
    pitch_cm: int | None = None
    recline_cm: int | None = None
    flat_bed: bool = False

    @property
    def title(self) -> str:
        return {"premium": "Premium economy"}.get(self.name, self.name.capitalize())

    @property
    def columns(self) -> dict[str, int]:
        """The column of each letter, from 1 at the left wall; an aisle takes a column too."""
        drawn = " ".join(self.blocks)
        return {letter: column for column, letter in enumerate(drawn, 1) if letter != " "}


@dataclass(frozen=True, slots=True)
class Seat:
    """A place to sit: `12A`."""

    id: str
    row: int
    letter: str
    # Fixed for a letter within its cabin, whatever is missing in the row.
    column: int
    cabin: str
    # Keys of FEATURES, in that order.
    features: tuple[str, ...]
    fare_percent: int
    # Where it is, in cm from the first row and from the middle of the aircraft.
    place: tuple[int, int]

    @property
    def description(self) -> str:
        """For the eye beside a seat number: "window, extra legroom"."""
        return ", ".join(FEATURES[feature] for feature in self.features)

    @property
    def label(self) -> str:
        """For a screen reader: "Seat 12A, economy, window, extra legroom"."""
        return f"Seat {self.id}, {self.cabin}, {self.description}"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of seats, and what is built in front of and behind it."""

    number: int
    cabin: Cabin
    # As drawn: one tuple for each block between aisles; None where no seat is.
    groups: tuple[tuple[Seat | None, ...], ...]
    # Sides with an exit in this row: "left", "right".
    exits: tuple[str, ...] = ()
    over_wing: bool = False
    before: tuple[Fixtures, ...] = ()
    # Only behind the last row: anything else stands before the next one.
    after: tuple[Fixtures, ...] = ()

    @property
    def seats(self) -> tuple[Seat, ...]:
        return tuple(seat for group in self.groups for seat in group if seat)


@dataclass(frozen=True, slots=True)
class Layout:
    """All seats of one version of an aircraft. Range in km, cruising speed in km/h."""

    aircraft: str
    range_km: int
    speed_kmh: int
    cabins: tuple[Cabin, ...]
    rows: tuple[Row, ...]
    # By id, from the nose to the tail and from left to right.
    seats: dict[str, Seat]

    @property
    def seats_per_row(self) -> int:
        """Seats in the widest row."""
        return max(len(row.seats) for row in self.rows)

    @property
    def exit_row_seats(self) -> set[str]:
        """At the emergency exits, where not everybody may sit."""
        return {seat.id for seat in self.seats.values() if "exit_row" in seat.features}

    def cabin_rows(self) -> list[tuple[Cabin, list[Row]]]:
        """Each cabin with its rows, front to back."""
        return [(cabin, [row for row in self.rows if row.cabin == cabin]) for cabin in self.cabins]


def seat_order(seat: str) -> tuple[int, str]:
    """From the nose to the tail, and by letter: 2A comes before 10A."""
    return int(seat[:-1]), seat[-1]


def whole_units(fare: Money, percent: int = 100) -> int:
    """So much of a fare, in cents, rounded to whole units of its currency, half up: of EUR,
    12350 -> 12400."""
    return (fare.cents * percent + 50 * fare.unit) // (100 * fare.unit) * fare.unit


def price_cents(seat: Seat, fare: Money) -> int:
    """What this seat costs: the cabin's share of the base fare plus at most one supplement.

    Both parts are rounded to whole units of the currency, half up. A seat of the cheapest
    cabin without a supplement costs `whole_units(fare)`.
    """
    return whole_units(fare, seat.fare_percent) + _supplement(seat, fare)[0]


def price_bands(layout: Layout, cabin: Cabin, fare: Money) -> dict[str, int]:
    """Every price of a cabin, cheapest first, by the feature that it is for; "" is for none."""
    seats = [seat for seat in layout.seats.values() if seat.cabin == cabin.name]
    bands = {_supplement(seat, fare)[1]: price_cents(seat, fare) for seat in seats}
    return dict(sorted(bands.items(), key=lambda band: band[1]))


def _supplement(seat: Seat, fare: Money) -> tuple[int, str]:
    """The dearest supplement that fits, in cents, and the feature it is for."""
    if seat.cabin == "business":
        return 0, ""
    return max(
        (
            (max(whole_units(fare, percent), least * fare.unit), feature)
            for feature, (percent, least) in SUPPLEMENTS.items()
            if feature in seat.features
        ),
        default=(0, ""),
    )


def nearest_free(
    layout: Layout, wanted: Iterable[str], free: Collection[str], count: int = 3
) -> list[str]:
    """The free seats nearest to the wanted ones, same cabin first, at most `count`.

    Ids that the layout does not have are ignored.
    """
    lost = [layout.seats[seat_id] for seat_id in wanted if seat_id in layout.seats]
    if not lost:
        return []

    def distance(seat: Seat) -> tuple[bool, int]:
        return min((seat.cabin != other.cabin, _apart_cm(seat, other)) for other in lost)

    taken = {seat.id for seat in lost}
    candidates = [s for s in layout.seats.values() if s.id in free and s.id not in taken]
    return [seat.id for seat in sorted(candidates, key=distance)[:count]]


def _apart_cm(one: Seat, other: Seat) -> int:
    return abs(one.place[0] - other.place[0]) + abs(one.place[1] - other.place[1])
