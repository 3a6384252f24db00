"""Who sits where on a flight, and what became of one seat: derived from the histories."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Max, Q

from bookings.admin.formats import clock, label, money
from bookings.models import OWNING, Booking, BookingEvent, SeatClaim, State
from bookings.models.passengers import seated
from bookings.seats.claims import OVERDUE
from flights.models import Flight, FlightEvent

# How much of a seat's history is told: the last bookings that had it, the last lines.
MOST_BOOKINGS, MOST_LINES = 20, 60

# How a seat stands, for the style sheet, and what to say of it.
LOOKS = {
    State.SEATS_RESERVED: ("held", "held"),
    State.PAYMENT_PROCESSING: ("paying", "being paid"),
    State.CONFIRMED: ("booked", "booked"),
}


@dataclass(frozen=True)
class Line:
    """One line of a seat's history."""

    at: dt.datetime
    what: str
    by: str
    why: str = ""
    # The booking it happened to; nothing where it happened to the flight.
    booking: Booking | None = None

    @property
    def when(self) -> str:
        return clock(self.at)

    @property
    def label(self) -> str:
        return label(self.booking) if self.booking else ""


@dataclass(frozen=True)
class Done:
    """One line of a flight's history."""

    event: FlightEvent
    at: str
    name: str
    # What it changed, in words.
    what: str


def occupants(flight: Flight, *, named: bool) -> dict[str, tuple[str, str]]:
    """Of each seat that nobody can have: how it stands, and who has it since when.

    Who it is only if `named`. Two queries.
    """
    claims = SeatClaim.objects.filter(flight=flight).exclude(OVERDUE).select_related("booking")
    rows = list(claims)
    owners = {claim.booking_id for claim in rows if claim.booking_id}
    since = _since(owners) if named else {}
    return {claim.seat: _look(claim, since, named=named) for claim in rows}


def seat_history(flight: Flight, seat: str) -> list[Line]:
    """What became of the seat, the latest first: at most MOST_LINES lines. Three queries."""
    lines = [*_lines_of_bookings(flight, seat), *_lines_of_flight(flight, seat)]
    return sorted(lines, key=lambda line: line.at, reverse=True)[:MOST_LINES]


def flight_history(flight: Flight) -> list[Done]:
    """What was done to the flight, the latest first. One query."""
    events = flight.events.order_by("-id")[:MOST_LINES]
    return [Done(event, clock(event.at), _words(event.name), _told(event)) for event in events]


def _since(owners: Iterable[UUID]) -> dict[UUID, dt.datetime]:
    """Since when each booking stands as it does."""
    events = BookingEvent.objects.filter(booking__in=list(owners), changes__has_key="state")
    return dict(events.order_by().values_list("booking").annotate(Max("at")))


def _look(claim: SeatClaim, since: dict[UUID, dt.datetime], *, named: bool) -> tuple[str, str]:
    booking = claim.booking
    if booking is None:
        return "blocked", f"blocked: {claim.block_reason}"
    state, word = LOOKS[State(booking.state)]
    if not named:
        return state, word
    passenger = seated(booking.passengers, booking.seats, claim.seat)
    name = passenger.described if passenger else booking.name
    who = f"{name}, {label(booking)}" if name else label(booking)
    text = f"{word} by {who}"
    if booking.pk in since:
        text += f" since {clock(since[booking.pk])}"
    if booking.state == State.SEATS_RESERVED and booking.due_at:
        text += f", until {clock(booking.due_at)}"
    return state, text


def _lines_of_bookings(flight: Flight, seat: str) -> Iterator[Line]:
    # Who is on another flight now is in this one's history.
    left = flight.events.filter(changes__has_key="left").values_list("changes", flat=True)
    here = Q(booking__flight=flight) | Q(booking__in=[id for told in left for id in told["left"]])
    had = BookingEvent.objects.filter(here, changes__seats__contains=[seat])
    latest = had.order_by().values_list("booking").annotate(at=Max("at")).order_by("-at")
    ids = [booking_id for booking_id, _ in latest[:MOST_BOOKINGS]]
    events = BookingEvent.objects.filter(booking__in=ids).select_related("booking")
    by_booking = defaultdict(list)
    for event in events.order_by("booking", "number"):
        by_booking[event.booking_id].append(event)
    for history in by_booking.values():
        yield from _lines_of_booking(history, flight, seat)


def _lines_of_booking(events: Iterable[BookingEvent], flight: Flight, seat: str) -> Iterator[Line]:
    """Where the booking gets the seat, keeps it in another state, and loses it."""
    state, seats, flight_id, had = "", list[str](), flight.pk, False
    for event in events:
        changed = event.changes.get("state", state) != state
        state = event.changes.get("state", state)
        seats = event.changes.get("seats", seats)
        flight_id = event.changes.get("flight_id", flight_id)
        has = state in OWNING and seat in seats and flight_id == flight.pk
        if has != had or (has and changed):
            what = _words(event.name) if has else f"free again: {_words(event.name)}"
            yield Line(event.at, what, event.by, event.detail, event.booking)
        had = has


def _lines_of_flight(flight: Flight, seat: str) -> Iterator[Line]:
    for event in flight.events.filter(changes__blocks__has_key=seat).order_by("-id")[:MOST_LINES]:
        blocked = event.changes["blocks"][seat] is not None
        yield Line(event.at, "blocked" if blocked else "unblocked", event.by, event.reason)


def _told(event: FlightEvent) -> str:
    """What an event changed, in words."""
    changes = event.changes
    told = []
    if "departure" in changes and event.name == "delayed":
        told.append(f"departs {clock(dt.datetime.fromisoformat(changes['departure']))}")
    if "layout_id" in changes:
        told.append(f"aircraft {changes['layout_id']}")
    if "base_fare_cents" in changes:
        fare = money(changes["base_fare_cents"], changes.get("currency", event.flight.currency))
        told.append(f"base fare {fare}")
    elif "currency" in changes:
        told.append(f"currency {changes['currency']}")
    if moved := changes.get("moved"):
        some = ", ".join(f"{old} to {new}" for old, new in list(moved.items())[:10])
        told.append(f"{len(moved)} moved: {some}{' …' if len(moved) > 10 else ''}")
    if left := changes.get("left"):
        told += [f"{many} to {flight}" for flight, many in Counter(left.values()).items()]
    if ended := changes.get("ended"):
        told.append(f"{ended} ended")
    if blocks := changes.get("blocks"):
        told.append(", ".join(blocks))
    return "; ".join(told)


def _words(name: str) -> str:
    return {"seats_changed": "held"}.get(name, name.replace("_", " "))


def booking_of(flight: Flight, seat: str) -> Booking | None:
    """Whose the seat is now."""
    claim = SeatClaim.objects.filter(flight=flight, seat=seat).select_related("booking").first()
    return claim.booking if claim else None
