"""The simulated provider's own books: what it did for each key, written once and for ever.

They have connections of their own, as another company would, and few: of hundreds of calls at
once each has a thread, and none a connection.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from queue import LifoQueue

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.utils.crypto import get_random_string

from bookings.models import Outcome
from bookings.payments.gateway import Answer

CONNECTIONS = 4

REASONS = {
    "approved": "",
    "declined": "The bank declined the payment this time.",
    "refused": "The bank refuses this payment code.",
    "refunded": "The payment was refunded.",
    "voided": "The payment was voided.",
}
OUTCOMES = {
    "approved": Outcome.APPROVED,
    "declined": Outcome.DECLINED,
    "refused": Outcome.REFUSED,
    "refunded": Outcome.REFUSED,
    "voided": Outcome.REFUSED,
}


# Whoever writes the key first decides what it says; the others read it.
WRITE_ONCE = """
WITH written AS (
    INSERT INTO bookings_ledgerentry (key, amount_cents, currency, status, reason, reference, at)
    VALUES (%s, %s, %s, %s, %s, %s, clock_timestamp())
    ON CONFLICT DO NOTHING
    RETURNING status, reason, reference
)
TABLE written
UNION ALL
SELECT status, reason, reference FROM bookings_ledgerentry WHERE key = %s
"""
FIND = "SELECT status, reason, reference FROM bookings_ledgerentry WHERE key = %s"
VOID = "UPDATE bookings_ledgerentry SET status = 'refunded' WHERE key = %s AND status = 'approved'"
# Once for each key, and never more than was charged, whoever else gives back at the same moment.
REFUND = """
UPDATE bookings_ledgerentry
SET refunds = refunds || jsonb_build_object(%(key)s::text, %(cents)s::int)
WHERE key = %(charge)s AND status = 'approved' AND (
    refunds ? %(key)s::text
    OR amount_cents >= %(cents)s::int + (
        SELECT coalesce(sum(back.value::int), 0) FROM jsonb_each_text(refunds) back)
)
"""

_free: LifoQueue[BaseDatabaseWrapper | None] = LifoQueue()
for _ in range(CONNECTIONS):
    _free.put(None)


def write_once(key: str, amount_cents: int, currency: str, status: str) -> Answer:
    """What the key's entry says; whoever writes it first decides."""
    reference = "SIM-" + get_random_string(10, "ABCDEFGHJKLMNPQRSTUVWXYZ23456789")
    entry: list[str | int] = [key, amount_cents, currency, status, REASONS[status], reference]
    while True:
        with _books() as cursor:
            cursor.execute(WRITE_ONCE, [*entry, key])
            # Nothing, if another one was committed while this was waiting for it.
            if row := cursor.fetchone():
                return _answer(*row)


def find(key: str) -> Answer | None:
    """What the key's entry says; None if the key was never heard of."""
    with _books() as cursor:
        cursor.execute(FIND, [key])
        entry = cursor.fetchone()
    return _answer(*entry) if entry else None


class RefundRefused(Exception):
    """There is no such charge, or less is left of it."""


def void(key: str) -> None:
    """Give back what was charged for the key; if nothing was, let nothing be charged any more."""
    write_once(key, 0, "", "voided")
    with _books() as cursor:
        cursor.execute(VOID, [key])


def refund(key: str, charge: str, cents: int) -> None:
    """Give so much of a charge back. Raises RefundRefused."""
    with _books() as cursor:
        cursor.execute(REFUND, {"key": key, "charge": charge, "cents": cents})
        if not cursor.rowcount:
            raise RefundRefused(f"{cents} of {charge}")


def close() -> None:
    """Close the books' connections, as before a fork; the next entry opens another."""
    for _ in range(CONNECTIONS):
        if kept := _free.get():
            kept.close()
    for _ in range(CONNECTIONS):
        _free.put(None)


@contextmanager
def _books() -> Iterator[CursorWrapper]:
    """A cursor on a connection that nobody else has meanwhile, or a wait for one."""
    kept = _free.get() or connection.copy()
    try:
        kept.inc_thread_sharing()
        kept.close_if_unusable_or_obsolete()
        with kept.cursor() as cursor:
            yield cursor
    finally:
        _free.put(kept)


def _answer(status: str, reason: str, reference: str) -> Answer:
    return Answer(OUTCOMES[status], reason, reference)
