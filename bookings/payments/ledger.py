"""The simulated provider's own books: what it did for each key, written once and for ever."""

from django.db import connection
from django.utils.crypto import get_random_string

from bookings.models import LedgerEntry, Outcome
from bookings.payments.gateway import Answer

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


def write_once(key: str, amount_cents: int, currency: str, status: str) -> Answer:
    """What the key's entry says; whoever writes it first decides."""
    reference = "SIM-" + get_random_string(10, "ABCDEFGHJKLMNPQRSTUVWXYZ23456789")
    entry: list[str | int] = [key, amount_cents, currency, status, REASONS[status], reference]
    while True:
        with connection.cursor() as cursor:
            cursor.execute(WRITE_ONCE, [*entry, key])
            # Nothing, if another one was committed while this was waiting for it.
            if row := cursor.fetchone():
                return _answer(*row)


def find(key: str) -> Answer | None:
    """What the key's entry says; None if the key was never heard of."""
    entry = LedgerEntry.objects.filter(key=key).values_list("status", "reason", "reference").first()
    return _answer(*entry) if entry else None


def refund(key: str) -> None:
    """Give back what was charged for the key; void it if nothing was."""
    write_once(key, 0, "", "voided")
    LedgerEntry.objects.filter(key=key, status="approved").update(status="refunded")


def _answer(status: str, reason: str, reference: str) -> Answer:
    return Answer(OUTCOMES[status], reason, reference)
