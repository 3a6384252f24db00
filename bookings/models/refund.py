"""What goes back of a charge."""

from django.db import models
from django.db.models import Q

from bookings.models.booking import Booking


class Refund(models.Model):
    """A part of what one charge brought, or all of it, that goes back to the customer.

    A charge that may never have been made has none: it is voided.
    """

    # Idempotency key: the gateway gives it back at most once.
    key = models.CharField(max_length=60, primary_key=True)
    booking = models.ForeignKey(Booking, models.PROTECT, related_name="refunds")
    # Of the event by which it goes back.
    number = models.PositiveIntegerField()
    # The key of the payment attempt that brought it.
    charge = models.CharField(max_length=60)
    amount_cents = models.PositiveIntegerField()
    asked_at = models.DateTimeField()
    # When the gateway said so.
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        # Nobody but the saga writes one, and staff see them on the booking's page.
        default_permissions = ()
        ordering = ["number", "key"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="refund_is_of_something"),
        ]

    def __str__(self) -> str:
        return f"refund {self.number} of {self.booking_id}"
