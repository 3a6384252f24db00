"""The books of the simulated payment provider."""

from django.db import models
from django.db.models import Value


class LedgerEntry(models.Model):
    """The simulated gateway's own books: what it did for one idempotency key, for ever.

    It stands for another company's database: nothing in the saga reads or joins it.
    Only the simulated gateway writes it and `check_bookings` compares it.
    """

    key = models.CharField(max_length=60, primary_key=True)
    amount_cents = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(
        max_length=10,
        choices={
            "approved": "approved",
            "declined": "declined",
            "refused": "refused",
            "refunded": "refunded",
            # Voided before it was ever charged: a charge that comes later is refused.
            "voided": "voided",
        },
    )
    # What went back of an approved charge: each refund's cents, by its key.
    refunds = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    reason = models.CharField(max_length=200, blank=True)
    reference = models.CharField(max_length=60)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "ledger entries"

    def __str__(self) -> str:
        return f"{self.key}: {self.status}"
