"""What must hold in the database at any moment, and a check of all of it at once.

Every invariant is one query over whole tables that returns what breaks it, as rows of
(subject, problem). All of them read one snapshot, so they hold while the system runs: what
a payment in flight may still settle is not asserted, everything else is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction

from bookings.invariants import (
    attempts,
    charges,
    flight_history,
    history,
    layouts,
    messages,
    money,
    ownership,
    schema,
    timers,
)
from bookings.models import OPEN, OWNING
from bookings.saga.locators import ALPHABET

# Overdue by two sweeps is broken. The sweep leaves payments to their countdown for 2 s first,
# and a batch of 500 takes a moment; that is what the margin is for.
OVERDUE_MARGIN_SECONDS = 5.0


class Invariant(NamedTuple):
    name: str
    promise: str
    query: str
    # To be looked at, but no promise is broken.
    warning: bool = False


INVARIANTS = (
    Invariant("constraints", "Postgres itself refuses what must not be.", schema.MISSING),
    Invariant("one-owner", "A seat of a flight has one owner.", ownership.OWNED_TWICE),
    Invariant("owns-its-seats", "An owner owns exactly its seats.", ownership.NOT_ITS_SEATS),
    Invariant("owns-nothing", "Who may not own seats owns none.", ownership.OWNS_WITHOUT_RIGHT),
    Invariant("own-flight", "Seats owned are on the booking's flight.", ownership.OTHER_FLIGHT),
    Invariant("price", "A booking costs what its seats cost at its fare.", ownership.WRONG_PRICE),
    Invariant("fare", "A fare stays once payment began.", ownership.FARE_CHANGED_LATE),
    Invariant("seat-exists", "A seat owned is on the aircraft.", layouts.NO_SUCH_SEAT),
    Invariant("never-shared", "No two bookings ever owned a seat at once.", ownership.SHARED),
    Invariant(
        "charged-once",
        "Confirmed means charged once, and left of it what its seats and fees cost.",
        charges.NOT_CHARGED_ONCE,
    ),
    Invariant("nets-to-zero", "What has ended costs nothing but the fees kept.", charges.KEPT),
    Invariant(
        "one-charge", "A booking is never charged twice or wrongly.", charges.CHARGED_WRONGLY
    ),
    Invariant(
        "refunds", "The gateway gives back what was asked for, once.", charges.REFUNDED_WRONGLY
    ),
    Invariant("refund-due", "What must go back has a timer.", charges.WAITS_FOR_NOBODY),
    Invariant("ledger-known", "Every charge belongs to one booking.", charges.UNKNOWN_KEYS),
    Invariant("attempts", "At most three attempts, numbered 1, 2, 3.", attempts.MISCOUNTED),
    Invariant("open-attempt", "Only a payment in progress is tried.", attempts.OPEN_FOR_NOTHING),
    Invariant("new-key", "Only a definite decline earns a new key.", attempts.WRONG_KEY),
    Invariant("code-wiped", "A payment code lives as long as the payment.", attempts.CODE_KEPT),
    Invariant("events", "Events are numbered 1 to version, in time.", history.GAPS),
    Invariant("events-tell", "Folding the events gives the row.", history.TELLS_OTHERWISE),
    Invariant("transitions", "States change as the saga's table says.", history.NO_SUCH_TRANSITION),
    Invariant("locator", "Once confirmed means a record locator.", history.WRONG_LOCATOR),
    Invariant("on-time", "Nothing is overdue by more than two sweeps.", timers.OVERDUE),
    Invariant("told", "Who gave an address is told how it ended.", messages.UNWRITTEN),
    Invariant("delay-told", "Who has paid is told of a delay.", messages.DELAY_UNTOLD),
    Invariant(
        "blocks", "A flight's history tells its blocked seats.", flight_history.BLOCKED_UNTOLD
    ),
    Invariant(
        "cancelled", "Nobody is booked on a cancelled flight.", flight_history.CANCELLED_STANDS
    ),
    Invariant(
        "ending-bookings",
        "A cancelled flight's bookings end.",
        flight_history.ENDING_BOOKINGS,
        warning=True,
    ),
    Invariant("failing", "No step keeps failing.", timers.FAILING, warning=True),
)


@dataclass(frozen=True)
class Finding:
    """One thing that breaks an invariant: what it is about, and what is wrong with it."""

    invariant: Invariant
    subject: str
    problem: str

    def __str__(self) -> str:
        return f"{self.subject} {self.problem}"


def overdue_after_seconds() -> float:
    """How long after its due time a booking breaks "on-time"."""
    return 2 * settings.SWEEP_SECONDS + OVERDUE_MARGIN_SECONDS


def broken(*, overdue_seconds: float | None = None) -> Iterator[Finding]:
    """Everything that breaks an invariant, warnings included, one after the other.

    Reads one snapshot in a transaction of its own, open until the last one is taken.
    """
    if overdue_seconds is None:
        overdue_seconds = overdue_after_seconds()
    with _snapshot():
        params = parameters(overdue_seconds)
        for invariant in INVARIANTS:
            for subject, problem in _rows(invariant.query, params):
                yield Finding(invariant, subject, problem)


def parameters(overdue_seconds: float) -> dict[str, Any]:
    """Everything that a query may name."""
    return {
        "open": list(OPEN),
        "owning": list(OWNING),
        "overdue_seconds": overdue_seconds,
        "transitions": history.transitions(),
        "locator": f"^[{ALPHABET}]{{6}}$",
        **messages.params(),
        **money.params(),
        **schema.params(),
        **layouts.params(),
    }


@contextmanager
def _snapshot() -> Iterator[None]:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # It reads everything, however long that takes, and sorts it on disk.
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SET LOCAL work_mem = '64MB'")
        # Plan for all rows of a cursor, not for its first ones.
        cursor.execute("SET LOCAL cursor_tuple_fraction = 1")
        yield


def _rows(query: str, params: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Row by row from a cursor in the server, so that a million findings need no memory."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, params)
        yield from cursor
