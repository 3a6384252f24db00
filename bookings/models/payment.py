"""Payment attempts."""

from django.db import models
from django.db.models import Q

from bookings.models.booking import Booking


class Outcome(models.TextChoices):
    """What the gateway said to one attempt; an open attempt has none yet."""

    APPROVED = "approved"
    # Not this time; another attempt with a new key may succeed.
    DECLINED = "declined"
    # Never with this code; no further attempt.
    REFUSED = "refused"
    # No answer came. It may have charged, so the next attempt reuses the key.
    UNKNOWN = "unknown"


class PaymentAttempt(models.Model):
    """One try at the gateway."""

    pk = models.CompositePrimaryKey("booking_id", "number")
    booking = models.ForeignKey(
        Booking, models.PROTECT, related_name="payment_attempts", db_index=False
    )
    number = models.PositiveSmallIntegerField()
    # Idempotency key: the gateway charges at most once for it.
    key = models.CharField(max_length=60)
    amount_cents = models.PositiveIntegerField()
    opened_at = models.DateTimeField()
    # Until then the worker that opened it is believed to be alive.
    lease_until = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    reference = models.CharField("gateway reference", max_length=60, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                "booking", condition=Q(outcome__isnull=True), name="attempt_one_open"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=3), name="attempt_one_to_three"
            ),
            models.CheckConstraint(
                condition=Q(outcome__isnull=True) | Q(outcome__in=Outcome.values),
                name="attempt_known_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.booking_id}"
