"""The outbox: what somebody is to be told of a booking, and what became of it.

A row is written by the statement of the transition that it tells of, or in the transaction of what
is done to the flight, so that neither is without the other; of what is only about to happen, by the
sweep. What it says is read from the booking
when it is sent: nothing of a person is in it, but perhaps in the reason why it could not be sent.
"""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import models
from django.db.models import Q, QuerySet

from bookings.models.booking import Booking
from flights.models import FlightEvent

# How long it is tried to send one.
GIVE_UP_AFTER = timedelta(days=1)


class Kind(models.TextChoices):
    """What is told; bookings/notifications/outbox.py says how each kind is delivered."""

    CONFIRMATION = "confirmation", "Confirmation"
    HOLD_ENDING = "hold_ending", "Hold about to end"
    PAYMENT_FAILED = "payment_failed", "Payment failed"
    CANCELLED = "cancelled", "Cancelled"
    FLIGHT_DELAYED = "flight_delayed", "Flight delayed"
    SEATS_CHANGED = "seats_changed", "Seats changed"
    SEATS_CANCELLED = "seats_cancelled", "Seats cancelled"
    REFUND_ASKED = "refund_asked", "Refund on its way"
    REFUND_MADE = "refund_made", "Refund made"


class Message(models.Model):
    """One thing to deliver. Its timer runs until it is sent, or until nobody needs it any more."""

    booking = models.ForeignKey(Booking, models.PROTECT, related_name="messages", db_index=False)
    kind = models.CharField(max_length=30, choices=Kind)
    # Of the event that it tells of. Where that is one of the flight: the booking's last by then.
    number = models.PositiveIntegerField()
    flight_event = models.ForeignKey(
        FlightEvent, models.PROTECT, related_name="+", db_index=False, null=True
    )
    # When to send it, or to try again. Given up, until when it is kept in sight.
    due_at = models.DateTimeField(null=True)
    # Since when it could not be sent, how often, and why the last try failed.
    failing_since = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    error = models.CharField(max_length=200, blank=True, default="", db_default="")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        # Nobody but the saga writes one, and staff see them on the booking's page.
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["booking", "kind", "number", "flight_event"],
                nulls_distinct=False,
                name="message_once_an_event",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(due_at__isnull=True),
                name="message_sent_is_not_due",
            ),
        ]
        indexes = [
            models.Index("due_at", name="message_due", condition=Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number} of {self.booking_id}"

    @property
    def is_given_up(self) -> bool:
        due, since = self.due_at, self.failing_since
        return due is not None and since is not None and due > since + GIVE_UP_AFTER


def waiting_of_each(messages: Iterable[Message]) -> dict[UUID, Message]:
    """Of each booking the last of these that is still to be sent."""
    return {each.booking_id: each for each in messages if each.due_at}


def unfinished() -> QuerySet[Booking]:
    """Of these something is still to happen: a step of the saga, or a message.

    Found by the timers' indexes, however many have ended.
    """
    steps = Booking.objects.filter(due_at__isnull=False).values("pk")
    messages = Message.objects.filter(due_at__isnull=False).values("booking")
    return Booking.objects.filter(pk__in=steps.union(messages))
