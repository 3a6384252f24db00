"""One run: customers and operators on the stack, the nemesis among them, and then the verdict."""

import json
import time
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Q, Sum

from bookings import saga
from bookings.invariants import broken, overdue_after_seconds
from bookings.models import (
    Booking,
    BookingEvent,
    LedgerEntry,
    PaymentAttempt,
    PaymentStatus,
    Refund,
    State,
)
from tests.people import a_flight
from tests.proof.chaos.customers import Record, travel
from tests.proof.chaos.late import late_commit
from tests.proof.chaos.nemesis import Nemesis
from tests.proof.chaos.operators import Operators
from tests.proof.histories import Told, lies
from tests.proof.ownerships import ownerships, without_commit_time
from tests.proof.stage import Stage
from tests.running import wait_until

CUSTOMERS = 30
# Seats of one flight are fought over for so long.
FLIGHT_SECONDS = 4
SETTLED_SECONDS = 120


@dataclass(frozen=True)
class Report:
    """What happened, and what should not have."""

    rows: list[tuple[str, str]]
    violations: list[str]

    def text(self) -> str:
        rows = [*self.rows, ("violations", str(len(self.violations)))]
        width = max(len(name) for name, _ in rows)
        lines = [f"| {name:{width}} | {value} |" for name, value in rows]
        head = [f"| {'chaos':{width}} | seen |", f"| {'-' * width} | ---- |"]
        return "\n".join([*head, *lines, *(f"VIOLATION: {each}" for each in self.violations)])


def run(stage: Stage, *, seconds: float, seed: int, power_cuts: bool) -> Report:
    """Travel under fire for so many seconds, heal, and judge."""
    count = max(2, round(seconds / FLIGHT_SECONDS))
    flights = [a_flight(f"CH{number + 1}").pk for number in range(count)]
    nemesis = Nemesis(stage, seed=seed, seconds=seconds, power_cuts=power_cuts)
    operators = Operators(flights, seed=seed)
    looked_on = late_commit(flights[0])
    nemesis.start()
    operators.start()
    try:
        record = travel(stage.port, flights, count=CUSTOMERS, seconds=seconds, seed=seed)
    except BaseException:
        # Or a process that is stopped would keep the stack from ending.
        nemesis.heal()
        raise
    finally:
        operators.stop()
    record.told += looked_on
    _keep(record, stage.var_dir / "told.jsonl")
    started = time.monotonic()
    nemesis.heal()
    connection.close()
    _wait_for_a_sweep()
    late = _overdue_after_two_sweeps()
    wait_until(_is_settled, "everything to settle", seconds=SETTLED_SECONDS)
    settled = time.monotonic() - started
    violations = [*late, *_violations(record), *nemesis.missed()]
    rows = [
        ("seconds, seed, Redis", f"{seconds:.0f}, {seed}, {'off' if stage.redis_off else 'on'}"),
        ("customers", str(CUSTOMERS)),
        *_calls(record),
        *_bookings(),
        ("events without a commit time", str(without_commit_time())),
        ("acts of operators", _counted(operators.done)),
        ("whole and settled after the last fault", f"{settled:.0f} s"),
        ("faults injected", str(nemesis.dealt.total())),
        *((fault, str(count)) for fault, count in sorted(nemesis.dealt.items())),
    ]
    return Report(rows, violations)


def _keep(record: Record, file: Path) -> None:
    """What was told, so that a violation can be looked into beside the database."""
    file.write_text("".join(f"{json.dumps(asdict(call))}\n" for call in record.told))


def _wait_for_a_sweep() -> None:
    """Everything runs again; when a hold that was due at once has ended, it is also at work."""
    seconds, settings.SEAT_HOLD_SECONDS = settings.SEAT_HOLD_SECONDS, 0
    hold = saga.hold_seats(flight_id=a_flight("CH9999").pk, seats=["30F"])
    settings.SEAT_HOLD_SECONDS = seconds
    held = Booking.objects.filter(pk=hold.pk, state=State.SEATS_RESERVED)
    wait_until(lambda: not held.exists(), "somebody to sweep", seconds=SETTLED_SECONDS)


def _overdue_after_two_sweeps() -> list[str]:
    """What is still overdue when everything was up again for as long as is promised."""
    until = time.monotonic() + overdue_after_seconds()
    while time.monotonic() < until and not _is_settled():
        time.sleep(0.1)
    return _broken(overdue_seconds=overdue_after_seconds())


def _is_settled() -> bool:
    return not Booking.objects.filter(due_at__isnull=False).exists()


def _violations(record: Record) -> list[str]:
    return [
        *_broken(overdue_seconds=0),
        *_ledger_differs(),
        *lies(_but_for_operators(record.told), ownerships()),
        *([f"{record.statuses[500]} calls were answered 500"] if record.statuses[500] else []),
    ]


def _but_for_operators(told: list[Told]) -> list[Told]:
    """Whose booking was ended by an operator cannot know that it does not hold its seats."""
    acts = BookingEvent.objects.filter(by__startswith="operator:")
    ended = {str(booking_id) for booking_id in acts.values_list("booking_id", flat=True)}
    return [replace(call, expires=0) if call.booking in ended else call for call in told]


def _broken(*, overdue_seconds: float) -> list[str]:
    found = broken(overdue_seconds=overdue_seconds)
    return [f"{each.invariant.name}: {each}" for each in found if not each.invariant.warning]


def _ledger_differs() -> list[str]:
    """The gateway's books and the bookings, without asking any invariant."""
    paid_for, left = _paid_for(), _left_of_charges()
    return [] if paid_for == left else [f"ledger: {left} cents, bookings: {paid_for}"]


def _paid_for() -> int:
    """What the seats of all confirmed bookings cost, and what was kept of others, in cents."""
    sold = Sum("total_cents", filter=Q(state=State.CONFIRMED), default=0)
    sums = Booking.objects.aggregate(sold=sold, kept=Sum("kept_cents", default=0))
    return int(sums["sold"] + sums["kept"])


def _left_of_charges() -> int:
    """What the ledger has of all charges, less what went back of them, in cents."""
    kept = LedgerEntry.objects.filter(status="approved").values_list("amount_cents", "refunds")
    return sum(cents - sum(refunds.values()) for cents, refunds in kept)


def _calls(record: Record) -> list[tuple[str, str]]:
    contested = {seat for call in record.told for seat in call.refused}
    refusals = sum(bool(call.refused) for call in record.told)
    statuses = sorted(record.statuses.items())
    return [
        ("calls answered", ", ".join(f"{count} of {status}" for status, count in statuses)),
        ("calls without an answer", str(record.lost)),
        ("seats contested", f"{len(contested)}, in {refusals} refusals"),
    ]


def _bookings() -> list[tuple[str, str]]:
    states = Counter(Booking.objects.filter(change_of=None).values_list("state", flat=True))
    changes = Counter(Booking.objects.exclude(change_of=None).values_list("state", flat=True))
    attempts = Counter(PaymentAttempt.objects.values_list("outcome", flat=True))
    refunded = Booking.objects.filter(payment_status=PaymentStatus.REFUNDED).count()
    return [
        ("bookings", f"{states.total()}: {_counted(states)}"),
        ("changes of seats", f"{changes.total()}: {_counted(changes)}"),
        ("payment attempts", f"{attempts.total()}: {_counted(attempts)}"),
        ("refunded or voided", str(refunded)),
        ("refunds", str(Refund.objects.count())),
        ("answers to what changed", _answers()),
        ("paid for by the bookings", _sum(_paid_for())),
        ("left of the ledger's charges", _sum(_left_of_charges())),
    ]


def _answers() -> str:
    names = ("flight_accepted", "moved_to_flight", "cancelled_for_disruption")
    told = BookingEvent.objects.filter(name__in=names, by="customer")
    return _counted(Counter(told.values_list("name", flat=True))) or "none"


def _sum(cents: int) -> str:
    return f"{cents / 100:,.2f} EUR"


def _counted[T](counts: Counter[T]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.most_common())
