"""One booking as the model keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bookings.errors import (
    AlreadyPaid,
    BookingCancelled,
    BookingError,
    ChangeMade,
    HoldExpired,
    InvalidFare,
    NotYours,
    PaymentFailed,
    PaymentInProgress,
)

# Seconds; the test sets the same. So long that none runs out while the test itself works.
HOLD, LIMIT, RETRY, LEASE, PROMPT, PAUSE, PUT_OFF = 900, 3600, 200, 300, 50, 530, 600

# What goes back of the price: the flight leaves long after each fare's last hour for that.
BACK = {"light": 0, "standard": 70, "flex": 100}
# Every seat of the stories costs the same: they are all in front.
# What a change costs, per cent of what was paid.
CHANGE_FEE = {"light": 30, "standard": 10, "flex": 0}
SEAT_CENTS = {"light": 18_360, "standard": 21_600, "flex": 28_080}

# What is said of a booking that is no hold any more.
NO_HOLD: dict[str, type[BookingError]] = {
    "PAYMENT_PROCESSING": PaymentInProgress,
    "CONFIRMED": AlreadyPaid,
    "FAILED": PaymentFailed,
    "EXPIRED": HoldExpired,
    "CANCELLED": BookingCancelled,
    "CHANGED": ChangeMade,
}


@dataclass
class Attempt:
    key: str
    outcome: str | None = None


@dataclass
class Changed:
    """What a change is of: the booking, its seats when it began, and those that it gives up."""

    booking: "Modelled"
    before: list[str]
    replaced: list[str]
    cost: int


@dataclass
class Modelled:
    """One booking."""

    id: str
    seats: list[str]
    customer: str | None
    fare: str = "standard"
    state: str = "SEATS_RESERVED"
    payment_status: str = "none"
    due: float | None = HOLD
    age: float = 0
    code: str = ""
    # The code by its fingerprint, which is kept while it pays and once it has paid.
    paid_with: str = ""
    attempts: list[Attempt] = field(default_factory=list)
    failures: int = 0
    version: int = 1
    was_confirmed: bool = False
    # What we have beyond the price of its seats, and what of all that is still to go back: cents
    # by key.
    kept: int = 0
    owing: dict[str, int] = field(default_factory=dict)
    # Each charge's key, and what is left of it, the latest last.
    charges: list[tuple[str, int]] = field(default_factory=list)
    # Of new seats for another booking that is paid.
    change: Changed | None = None
    # Who sits in the seats, by their places.
    named: list[str | None] = field(default_factory=list)

    @property
    def is_due(self) -> bool:
        return self.due is not None and self.due <= 0

    @property
    def is_hold(self) -> bool:
        return self.state in ("CREATED", "SEATS_RESERVED")

    @property
    def is_open(self) -> bool:
        return self.is_hold or self.state == "PAYMENT_PROCESSING"

    @property
    def owns(self) -> bool:
        return self.state in ("SEATS_RESERVED", "PAYMENT_PROCESSING", "CONFIRMED")

    def fare_or(self, asked: str | None) -> str:
        """The fare that is asked for; of none, its own. Refused in the saga's words."""
        if (fare := asked or self.fare) not in SEAT_CENTS:
            raise InvalidFare
        return fare

    @property
    def total(self) -> int:
        """What its seats cost, each at its fare; of a change, what it comes to."""
        return self.change.cost if self.change else len(self.seats) * SEAT_CENTS[self.fare]

    @property
    def paid_for(self) -> int:
        """What we are to have of it, once all has gone back that is to."""
        return self.kept + (self.total if self.state == "CONFIRMED" else 0)

    def require_own(self, asker: str | None) -> None:
        if self.change or asker != self.customer:
            raise NotYours

    def carried(self, seats: Sequence[str]) -> list[str | None]:
        """Who sits in other seats: whose is kept keeps it; the others take new ones in order."""
        seated = dict(zip(self.seats, self.named, strict=bool(self.named)))
        moving = (one for seat, one in seated.items() if seat not in seats and one)
        new = [seat for seat in seats if seat not in seated]
        seated |= dict(zip(new, moving, strict=False))
        return [seated.get(seat) for seat in seats] if self.named else []

    def move(self, **changes: object) -> None:
        """Change it, with one event."""
        self.version += 1
        for name, value in changes.items():
            setattr(self, name, value)
