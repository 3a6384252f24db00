"""Seat claims: who owns which seat now."""

from django.db import models
from django.db.models import Q

from bookings.models.booking import Booking
from flights.models import Flight


class SeatClaim(models.Model):
    """Who has this seat now: a booking, or nobody while the airline keeps it blocked.

    The primary key is the seat, so nobody else can have it, and a block meets a claim nowhere.
    """

    pk = models.CompositePrimaryKey("flight_id", "seat")
    # Both keys below are one composite foreign key to the booking in the database.
    flight = models.ForeignKey(
        Flight, models.DO_NOTHING, related_name="claims", db_constraint=False, db_index=False
    )
    seat = models.CharField(max_length=4)
    # Nobody's where the seat is blocked.
    booking = models.ForeignKey(
        Booking,
        models.DO_NOTHING,
        related_name="claims",
        db_constraint=False,
        null=True,
        blank=True,
    )
    # Of the seat itself; what a booking pays is its fare's share of it.
    price_cents = models.PositiveIntegerField()
    # Always true: matches `Booking.owns_seats` through the foreign key.
    owned = models.BooleanField(default=True)
    # Why nobody can have it: "crew", "broken".
    block_reason = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta:
        permissions = [("block_seat", "Can block and unblock seats")]
        constraints = [
            models.CheckConstraint(condition=Q(owned=True), name="claim_is_owned"),
            models.CheckConstraint(
                condition=Q(booking__isnull=False, block_reason="")
                | (Q(booking__isnull=True, price_cents=0) & ~Q(block_reason="")),
                name="claim_booked_or_blocked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat} on flight {self.flight_id}"
