"""The simulated provider's own books: what it did for each key, written once and for ever."""

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


def write_once(key: str, amount_cents: int, currency: str, status: str) -> LedgerEntry:
    """The key's entry; whoever writes it first decides what it says."""
    entry = LedgerEntry(
        key=key,
        amount_cents=amount_cents,
        currency=currency,
        status=status,
        reason=REASONS[status],
        reference="SIM-" + get_random_string(10, "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"),
    )
    LedgerEntry.objects.bulk_create([entry], ignore_conflicts=True)
    return LedgerEntry.objects.get(key=key)


def answer_of(entry: LedgerEntry) -> Answer:
    return Answer(OUTCOMES[entry.status], entry.reason, entry.reference)


def find(key: str) -> LedgerEntry | None:
    """The key's entry; None if the key was never heard of."""
    return LedgerEntry.objects.filter(key=key).first()


def refund(key: str) -> None:
    """Give back what was charged for the key; void it if nothing was."""
    write_once(key, 0, "", "voided")
    LedgerEntry.objects.filter(key=key, status="approved").update(status="refunded")
