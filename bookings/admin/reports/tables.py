"""What staff print: the passengers of a flight, and how a day's flights did.

In a fixed number of queries each.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Exists, OuterRef, Q, Sum, Value
from django.db.models.functions import Coalesce

from bookings.admin.formats import money
from bookings.admin.reports.report import Report
from bookings.models import Booking, Passenger, PaymentStatus, Refund, SeatClaim, State
from bookings.models.passengers import everybody, seated
from bookings.seats.load import Load, load_of
from flights.models import Flight


def manifest(flight: Flight) -> Report:
    """Everybody with a seat or on a lap, from the nose to the tail, and who belongs together. One
    query.

    Holds are in it and say so: they may still be paid.
    """
    claims = SeatClaim.objects.filter(flight=flight).select_related("booking")
    by_seat = {claim.seat: claim for claim in claims}
    known = flight.layout.parsed.seats
    # Whoever has a seat is in it, also one that the aircraft should have and has not.
    ordered = [by_seat[seat] for seat in known if seat in by_seat]
    ordered += [claim for seat, claim in by_seat.items() if seat not in known]
    left = flight.local_departure
    return Report(
        title=f"Passengers of {flight.number}",
        subtitle=(
            f"{flight.origin} to {flight.destination}, {left:%Y-%m-%d %H:%M %Z}, "
            f"{flight.layout.aircraft}"
            f"{', CANCELLED' if flight.cancelled_at else ''}"
        ),
        columns=("Seat", "Cabin", "Name", "Type", "Booking", "State", "Party"),
        rows=list(_passengers(ordered, {name: seat.cabin for name, seat in known.items()})),
    )


def _passengers(claims: Iterable[SeatClaim], cabins: dict[str, str]) -> Iterator[Sequence[str]]:
    for claim in claims:
        booking = claim.booking
        cabin = cabins.get(claim.seat, "?")
        if booking is None:
            yield claim.seat, cabin, "", "", "", f"blocked: {claim.block_reason}", ""
        else:
            party = " ".join(booking.seats) if len(booking.seats) > 1 else ""
            who = booking.record_locator or str(booking.pk)
            about = (who, booking.get_state_display(), party)
            passenger = seated(booking.passengers, booking.seats, claim.seat)
            # Where nobody said who sits where, whose booking it is.
            for one in everybody([passenger or Passenger(booking.name)]):
                kind = str(one.type) if passenger else ""
                yield claim.seat, cabin, one.name, kind, *about


def day_report(day: dt.date) -> Report:
    """The flights sold under a day: how full, what they bring in, what went back. Four queries."""
    flights = Flight.objects.filter(departure_date=day).select_related("layout")
    ordered = list(flights.order_by("departure", "number"))
    loads = load_of(ordered)
    sums = _sums(ordered)
    rows = [_day_row(flight, loads.get(flight.pk, Load()), sums[flight.pk]) for flight in ordered]
    return Report(
        title=f"Flights of {day:%Y-%m-%d}",
        subtitle=f"{len(rows)} flights; load is what is sold of all seats, blocked ones included",
        columns=(
            "Flight", "Route", "Departure (UTC)", "State", "Seats", "Sold", "Held", "Blocked",
            "Load", "Revenue", "Refunds due", "Refunded",
        ),
        rows=rows,
        numbers=frozenset(range(4, 12)),
    )  # fmt: skip


# Revenue, refunds due and refunded, in cents.
type Sums = dict[str, tuple[int, int, int]]


def _sums(flights: Iterable[Flight]) -> dict[int, Sums]:
    """By flight and currency."""
    bookings = Booking.objects.filter(flight__in=flights)
    # Of these all goes back, or is voided; of the others so much as their refunds say.
    whole = ~Exists(Refund.objects.filter(booking=OuterRef("pk")))
    paid = bookings.values_list("flight_id", "currency").annotate(
        revenue=Coalesce(Sum("total_cents", filter=Q(state=State.CONFIRMED)), 0)
        + Sum("kept_cents"),
        due=Sum("total_cents", filter=whole & Q(payment_status=PaymentStatus.REFUND_DUE)),
        refunded=Sum("total_cents", filter=whole & Q(payment_status=PaymentStatus.REFUNDED)),
    )
    refunds = Refund.objects.filter(booking__in=bookings)
    given_back = refunds.values_list("booking__flight_id", "booking__currency").annotate(
        revenue=Value(0),
        due=Sum("amount_cents", filter=Q(done_at=None)),
        refunded=Sum("amount_cents", filter=Q(done_at__isnull=False)),
    )
    sums: dict[int, Sums] = defaultdict(dict)
    for flight_id, currency, *cents in [*paid, *given_back]:
        before = sums[flight_id].get(currency, (0, 0, 0))
        a, b, c = (had + (more or 0) for had, more in zip(before, cents, strict=True))
        sums[flight_id][currency] = (a, b, c)
    return sums


def _day_row(flight: Flight, load: Load, sums: Sums) -> Sequence[str]:
    def amount(index: int) -> str:
        said = (money(cents[index], currency) for currency, cents in sorted(sums.items()))
        return ", ".join(said) or money(0, flight.currency)

    state = "cancelled" if flight.cancelled_at else "on sale" if flight.on_sale else "closed"
    seats = flight.layout.total_seats
    return (
        flight.number,
        f"{flight.origin_id}-{flight.destination_id}",
        f"{flight.departure:%Y-%m-%d %H:%M}",
        state,
        str(seats),
        str(load.sold),
        str(load.held),
        str(load.blocked),
        f"{100 * load.sold / seats:.0f} %",
        amount(0),
        amount(1),
        amount(2),
    )
