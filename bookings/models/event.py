"""The history of each booking."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from bookings.models import indexes
from bookings.models.booking import Booking


class BookingEvent(models.Model):
    """One line of a booking's history. Folding `changes` in order gives the booking's row."""

    pk = models.CompositePrimaryKey("booking_id", "number")
    booking = models.ForeignKey(Booking, models.PROTECT, related_name="events", db_index=False)
    # 1, 2, 3 … without a gap: the booking's version after it.
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    name = models.CharField(max_length=30)
    # Who caused it: "customer", "timer", "gateway", "operator:<login>".
    by = models.CharField(max_length=160)
    detail = models.CharField(max_length=200, blank=True)
    # The columns it changed, with their new values.
    changes = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["number"]
        indexes = indexes.of_events()

    def __str__(self) -> str:
        return f"{self.number}. {self.name}"
