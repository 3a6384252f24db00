"""A simulated payment provider: slow, failing now and then, and true to its keys."""

import random
import time
from typing import NoReturn

from django.conf import settings

from bookings.payments import ledger
from bookings.payments.gateway import Answer, GatewayTimeout

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


class SimulatedGateway:
    """Behaves like a real provider: slow, failing now and then, and true to its keys."""

    def charge(self, *, key: str, amount_cents: int, currency: str, code: str) -> Answer:
        latency = random.uniform(*settings.PAYMENT_LATENCY_SECONDS)
        time.sleep(latency / 2)
        fate = self.fate(code)
        if fate != "lost":
            status = "approved" if fate == "silent" else fate
            answer = ledger.write_once(key, amount_cents, currency, status)
        if fate in ("lost", "silent"):
            self.fall_silent()
        time.sleep(latency / 2)
        return answer

    def void(self, *, key: str) -> None:
        ledger.void(key)

    def refund(self, *, key: str, charge: str, amount_cents: int) -> None:
        ledger.refund(key, charge, amount_cents)

    def lookup(self, *, key: str) -> Answer | None:
        return ledger.find(key)

    def fall_silent(self) -> NoReturn:
        """Give no answer for longer than anybody waits."""
        time.sleep(settings.PAYMENT_TIMEOUT_SECONDS)
        raise GatewayTimeout

    def fate(self, code: str) -> str:
        """What becomes of the next charge: a ledger status, or one of FAILURES."""
        if code in FIXED_FATES:
            return FIXED_FATES[code]
        if random.random() >= settings.PAYMENT_FAILURE_RATE:
            return "approved"
        return random.choices(list(FAILURES), list(FAILURES.values()))[0]
