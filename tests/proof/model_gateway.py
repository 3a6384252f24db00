"""The gateway's promises in plain Python: once for each key, and the key's answer stays."""

from dataclasses import dataclass, field

OUTCOMES = {"refunded": "refused", "voided": "refused"}


@dataclass(frozen=True)
class Work:
    """What a worker does after a step's commit, at once, late, or never."""

    kind: str
    booking: str
    key: str = ""
    # Of a refund: of which charge, and how much.
    charge: str = ""
    cents: int = 0
    # Of the attempt; of a refund, how often it had failed.
    number: int = 0
    # To be unlocked.
    seats: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mood:
    """How the gateway is at one moment."""

    # What becomes of a charge: see `bookings.payments.SimulatedGateway.fate`.
    fate: str = "approved"
    answers_lookups: bool = True
    refunds: bool = True


@dataclass
class Ledger:
    """Status by key, and what went back of a charge, by the refund's key."""

    entries: dict[str, str] = field(default_factory=dict)
    refunds: dict[str, dict[str, int]] = field(default_factory=dict)

    def answer(self, work: Work, mood: Mood) -> str:
        """What the worker is told: an outcome, or "done" or "failed" for a refund."""
        if work.kind == "charge":
            return self._charge(work.key, mood.fate)
        if work.kind == "lookup":
            status = self.entries.get(work.key, "unknown") if mood.answers_lookups else "unknown"
            return OUTCOMES.get(status, status)
        if not mood.refunds:
            return "failed"
        if work.kind == "refund":
            assert self.entries[work.charge] == "approved"
            self.refunds.setdefault(work.charge, {})[work.key] = work.cents
            return "done"
        self.entries.setdefault(work.key, "voided")
        if self.entries[work.key] == "approved":
            self.entries[work.key] = "refunded"
        return "done"

    def _charge(self, key: str, fate: str) -> str:
        if fate == "lost":
            return "unknown"
        status = self.entries.setdefault(key, "approved" if fate == "silent" else fate)
        return "unknown" if fate == "silent" else OUTCOMES.get(status, status)
