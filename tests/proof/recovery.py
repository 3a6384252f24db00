"""`python -m tests.proof.recovery`: how soon is all settled after kill -9 of everything?

With so many holds open, whose time runs out while nothing runs, and 200 payments in flight, the
supervisor, every process, Postgres and Redis are killed at once. Then `make run` starts again,
with the settings it always has. Ends with the invariants, and one charge for each payment.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import django

from flightbooking.processes import BASE_DIR
from tests.proof import stage

HOLDS = (1_000, 3_000, 10_000)
PAYMENTS = 200
# The bank always says yes, after 1 to 4 seconds.
CODE = "00000"
# Long enough to start the payments before the first hold is due.
AHEAD = timedelta(seconds=30)
LATER = timedelta(minutes=15)
PATIENCE_SECONDS = 300
SEATS = 180


@dataclass(frozen=True)
class Recovery:
    """Seconds after the start until …"""

    holds: int
    payments: int
    under_way: int
    serves: float
    holds_ended: float
    payments_settled: float


def main() -> None:
    arguments = _arguments()
    stage.prepare(arguments.folder, {"LOG_LEVEL": "WARNING"})
    django.setup()
    with stage.running(arguments.folder) as stack:
        done = [recover(stack, holds, arguments.payments) for holds in arguments.holds]
        lies = wrong()
    print(table(done))
    print(f"broken promises: {len(lies)}")
    sys.exit("\n".join(lies))


def recover(stack: stage.Stage, holds: int, payments: int) -> Recovery:
    """Fill, kill, wait until every hold is due, and start again."""
    from django.db import connection

    from bookings.models import PaymentAttempt, State
    from tests.running import wait_until

    due_at = fill(holds, payments)
    wait_until(PaymentAttempt.objects.filter(outcome=None).exists, "a payment under way")
    time.sleep(1)
    under_way = PaymentAttempt.objects.filter(outcome=None).count()
    stack.cut_power()
    connection.close()
    time.sleep(max(0, due_at - time.time()) + 1)
    started = time.monotonic()
    stack.start()
    reached: dict[str, float] = {}
    goals: dict[str, Callable[[], bool]] = {
        "serves": stack.serves,
        "holds": lambda: _none(State.SEATS_RESERVED),
        "payments": lambda: _none(State.PAYMENT_PROCESSING),
    }
    while len(reached) < len(goals):
        for name in goals.keys() - reached.keys():
            if goals[name]():
                reached[name] = time.monotonic() - started
        if time.monotonic() - started > PATIENCE_SECONDS:
            raise SystemExit(f"Not all is settled after {PATIENCE_SECONDS} s: {reached}")
        time.sleep(0.05)
    stack.wait()
    return Recovery(
        holds, payments, under_way, reached["serves"], reached["holds"], reached["payments"]
    )


def fill(holds: int, payments: int) -> float:
    """Open the holds, start the payments; when the last hold is due, in seconds of the epoch."""
    from django.db import transaction
    from django.utils import timezone

    from bookings import saga
    from bookings.models import Booking, BookingEvent, SeatClaim, State
    from bookings.saga.frame import RECORDED
    from flights.models import FIRST_STANDARD, Flight
    from tests.people import a_flight

    known = Flight.objects.count() + 1
    flights = [a_flight(f"RC{known + n}") for n in range((holds + payments) // SEATS + 1)]
    places = [(flight, seat) for flight in flights for seat in flight.layout.parsed.seats]
    now = timezone.now()
    bookings = [
        Booking(
            id=uuid4(),
            flight=flight,
            state=State.SEATS_RESERVED,
            seats=[seat],
            total_cents=20_000,
            fare_id=FIRST_STANDARD,
            currency="EUR",
            due_at=now + (LATER if number < payments else AHEAD),
            created_at=now,
            version=1,
        )
        for number, (flight, seat) in enumerate(places[: holds + payments])
    ]
    with transaction.atomic():
        Booking.objects.bulk_create(bookings)
        BookingEvent.objects.bulk_create(
            BookingEvent(
                booking=booking,
                number=1,
                at=now,
                name="held",
                by="customer",
                changes={column: getattr(booking, column) for column in RECORDED},
            )
            for booking in bookings
        )
        SeatClaim.objects.bulk_create(
            SeatClaim(
                flight=booking.flight, seat=booking.seats[0], booking=booking, price_cents=20_000
            )
            for booking in bookings
        )
    for booking in bookings[:payments]:
        saga.start_payment(booking_id=booking.pk, code=CODE)
    return (now + AHEAD).timestamp()


def wrong() -> list[str]:
    """Everything that is not as it should be at the end."""
    from bookings.invariants import broken
    from bookings.models import Booking, LedgerEntry, State

    paid = Booking.objects.filter(state=State.CONFIRMED).count()
    charges = LedgerEntry.objects.filter(status="approved").count()
    found = [f"{each.invariant.name}: {each}" for each in broken(overdue_seconds=0)]
    return found + ([f"{paid} paid, {charges} charged"] if paid != charges else [])


def table(done: Sequence[Recovery]) -> str:
    heads = (
        "open holds",
        "payments",
        "at the gateway",
        "serves",
        "holds ended",
        "payments settled",
    )
    rows = [
        (
            f"{each.holds:,}",
            f"{each.payments:,}",
            str(each.under_way),
            f"{each.serves:.1f} s",
            f"{each.holds_ended:.1f} s",
            f"{each.payments_settled:.1f} s",
        )
        for each in done
    ]
    lines = [heads, tuple("-" * len(head) for head in heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _none(state: str) -> bool:
    """Whether no booking is in that state; no while Postgres is away."""
    from django.db import Error, connection

    from bookings.models import Booking

    try:
        return not Booking.objects.filter(state=state).exists()
    except Error:
        connection.close()
        return False


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.proof.recovery", description=__doc__)
    parser.add_argument("--holds", type=int, nargs="+", default=HOLDS)
    parser.add_argument("--payments", type=int, default=PAYMENTS)
    parser.add_argument("--folder", type=Path, default=BASE_DIR / "var" / "recovery")
    return parser.parse_args()


if __name__ == "__main__":
    main()
