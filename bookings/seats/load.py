"""How full flights are."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Count, Q

from bookings.models import SeatClaim, State
from bookings.seats.claims import OVERDUE
from flights.models import Flight

BLOCKED = Q(booking__isnull=True)
SOLD = Q(booking__state=State.CONFIRMED)


class Load(NamedTuple):
    """Seats of one flight that nobody can have, by the reason."""

    sold: int = 0
    held: int = 0
    blocked: int = 0


def load_of(flights: Iterable[Flight]) -> dict[int, Load]:
    """The load now, by flight; nothing for an empty flight. One query."""
    claims = SeatClaim.objects.filter(flight__in=flights).exclude(OVERDUE).values("flight_id")
    rows = claims.annotate(
        sold=Count("seat", SOLD),
        held=Count("seat", ~SOLD & ~BLOCKED),
        blocked=Count("seat", BLOCKED),
    )
    return {row["flight_id"]: Load(row["sold"], row["held"], row["blocked"]) for row in rows}
