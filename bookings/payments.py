"""The payment gateway: three verbs, and a simulated provider with books of its own."""

import random
import time
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.utils.crypto import get_random_string
from django.utils.module_loading import import_string

from bookings.models import LedgerEntry, Outcome


@dataclass(frozen=True)
class Answer:
    """What the gateway said: the outcome, a reason to read, its own reference."""

    outcome: Outcome
    reason: str = ""
    reference: str = ""


class GatewayTimeout(Exception):
    """The gateway did not answer in time. It may have charged all the same."""


class Gateway(Protocol):
    """What a payment provider must offer. Each call takes at most PAYMENT_TIMEOUT_SECONDS
    and raises GatewayTimeout when no answer came."""

    def charge(self, *, key: str, amount_cents: int, currency: str, code: str) -> Answer:
        """Charge once for this idempotency key; the same key again gets the same answer."""
        ...

    def refund(self, *, key: str) -> None:
        """Give back what was charged for the key; if nothing was, void it: a charge that
        arrives later is refused. Doing it again changes nothing."""
        ...

    def lookup(self, *, key: str) -> Answer | None:
        """What became of the key; None if the gateway never heard of it."""
        ...


def gateway() -> Gateway:
    """The gateway named by the setting PAYMENT_GATEWAY."""
    provider: Gateway = import_string(settings.PAYMENT_GATEWAY)()
    return provider


ALWAYS_APPROVED = "00000"
ALWAYS_DECLINED = "99999"
REFUSED_FOR_GOOD = "11111"

FIXED_FATES = {
    ALWAYS_APPROVED: "approved",
    ALWAYS_DECLINED: "declined",
    REFUSED_FOR_GOOD: "refused",
}

# What a simulated failure is, by weight. "lost": the request never arrived; "silent": the
# money was charged and the answer lost. To the caller both look the same.
FAILURES = {"declined": 6, "lost": 2, "silent": 2}

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


class SimulatedGateway:
    """Behaves like a real provider: slow, failing now and then, and true to its keys."""

    def charge(self, *, key: str, amount_cents: int, currency: str, code: str) -> Answer:
        latency = random.uniform(*settings.PAYMENT_LATENCY_SECONDS)
        time.sleep(latency / 2)
        fate = self.fate(code)
        if fate != "lost":
            status = "approved" if fate == "silent" else fate
            entry = _write_once(key, amount_cents, currency, status)
        if fate in ("lost", "silent"):
            time.sleep(max(0, settings.PAYMENT_TIMEOUT_SECONDS - latency / 2))
            raise GatewayTimeout
        time.sleep(latency / 2)
        return _answer(entry)

    def refund(self, *, key: str) -> None:
        _write_once(key, 0, "", "voided")
        LedgerEntry.objects.filter(key=key, status="approved").update(status="refunded")

    def lookup(self, *, key: str) -> Answer | None:
        entry = LedgerEntry.objects.filter(key=key).first()
        return _answer(entry) if entry else None

    def fate(self, code: str) -> str:
        """What becomes of the next charge: a ledger status, or one of FAILURES."""
        if code in FIXED_FATES:
            return FIXED_FATES[code]
        if random.random() >= settings.PAYMENT_FAILURE_RATE:
            return "approved"
        return random.choices(list(FAILURES), list(FAILURES.values()))[0]


def _write_once(key: str, amount_cents: int, currency: str, status: str) -> LedgerEntry:
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


def _answer(entry: LedgerEntry) -> Answer:
    return Answer(OUTCOMES[entry.status], entry.reason, entry.reference)
