"""Who gets a seat: bookings, the seats they own, their payment attempts and their history.

Whatever can be a database constraint is one, so that a mistake elsewhere is refused by
Postgres instead of being committed. Two rules that Django cannot express are in
migration 0002: a claim exists only for a booking that may own seats, and events are
append-only.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import validate_email
from django.db import models
from django.db.models import Q

from bookings import indexes
from bookings.searches import SavedSearch as SavedSearch
from flights.models import Flight


def printable(text: str) -> None:
    """Half a character, or one that steers a terminal, is in nobody's name."""
    if not text.isprintable():
        raise ValidationError("Please use letters that can be printed.")


def nobodys_address(text: str) -> None:
    """A name is written into e-mails to an address that nobody has confirmed."""
    if any(part in text for part in ("://", "<", ">", "www.")):
        raise ValidationError("Please give a name, without addresses.")


class State(models.TextChoices):
    """Where a booking stands. DESIGN: docs/architecture.md has the picture."""

    # Open, owns no seat (the traveller gave all back); still expires.
    CREATED = "CREATED"
    # A hold: owns its seats until `due_at`.
    SEATS_RESERVED = "SEATS_RESERVED"
    # Owns its seats; the hold clock stands still while payment runs.
    PAYMENT_PROCESSING = "PAYMENT_PROCESSING"
    # Owns its seats and the money is charged: always both.
    CONFIRMED = "CONFIRMED"
    # Payment failed for good; the seats went back.
    FAILED = "FAILED"
    # Nobody paid in time; the seats went back.
    EXPIRED = "EXPIRED"
    # Given up by the traveller or ended by an operator; the seats went back.
    CANCELLED = "CANCELLED"


OPEN = (State.CREATED, State.SEATS_RESERVED, State.PAYMENT_PROCESSING)
NOT_OPEN = (State.CONFIRMED, State.FAILED, State.EXPIRED, State.CANCELLED)
OWNING = (State.SEATS_RESERVED, State.PAYMENT_PROCESSING, State.CONFIRMED)


class Money(models.TextChoices):
    """What happened to the money; independent of the state, except that CONFIRMED is charged."""

    NONE = "none"
    CHARGED = "charged"
    # Something was or may have been charged, and must go back.
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"


class Booking(models.Model):
    """One traveller's order, and the saga's program counter: the row is the workflow."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Found by flight through the index of `booking_owner`.
    flight = models.ForeignKey(Flight, models.PROTECT, related_name="bookings", db_index=False)
    # The browser that made it; nothing for the JSON API.
    traveller = models.UUIDField(null=True, blank=True)
    state = models.CharField(max_length=20, choices=State)
    money = models.CharField(max_length=10, choices=Money, default=Money.NONE)
    # The seats last asked for, in order. Ownership is a SeatClaim; this stays when they go.
    seats = ArrayField(models.CharField(max_length=4), default=list)
    total_cents = models.PositiveIntegerField(default=0)
    currency = models.CharField(max_length=3)
    # The timer: when something must happen next. Empty when nothing will by itself.
    due_at = models.DateTimeField(null=True, blank=True)
    # Needed again for a retry; wiped as soon as the payment is settled.
    payment_code = models.CharField(max_length=5, blank=True)
    # Who travels, in their own words. Personal, so not in the events, which cannot be erased.
    name = models.CharField(max_length=80, blank=True, validators=[printable, nobodys_address])
    email = models.EmailField(max_length=120, blank=True, validators=[printable, validate_email])
    # When to send the confirmation by e-mail, or to try again; empty once it is sent, or when
    # nobody gave an address. See bookings/confirmation.py.
    confirmation_due_at = models.DateTimeField(null=True, blank=True)
    # How many attempts the payment has had, the open one included.
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    # Compared byte by byte, so that its index also finds the first letters of one.
    record_locator = models.CharField(max_length=6, null=True, blank=True, db_collation="C")
    # Steps that raised. Above zero, an operator should look.
    failures = models.PositiveSmallIntegerField(default=0)
    # Counts the events, and fences browser forms.
    version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    owns_seats = models.GeneratedField(
        expression=Q(state__in=OWNING),  # type: ignore[arg-type]
        output_field=models.BooleanField(),
        db_persist=True,
    )

    class Meta:
        # Nobody adds, changes or deletes one: operators act through the saga.
        default_permissions = ("view",)
        permissions = [
            ("resend_confirmation", "Can send a confirmation again"),
            ("move_seats", "Can move a booking to other seats"),
            ("terminate_booking", "Can terminate an open booking"),
            ("retry_booking", "Can have a payment or a refund tried now"),
            ("refund_booking", "Can cancel a confirmed booking and refund it"),
        ]
        constraints = [
            # What a claim's foreign key points at (migration 0002).
            models.UniqueConstraint("flight", "id", "owns_seats", name="booking_owner"),
            models.UniqueConstraint(
                "traveller",
                "flight",
                condition=Q(state__in=OPEN, traveller__isnull=False),
                name="booking_one_open_per_traveller_and_flight",
            ),
            models.UniqueConstraint(
                "record_locator",
                condition=Q(record_locator__isnull=False),
                name="booking_record_locator",
            ),
            models.CheckConstraint(
                condition=Q(state__in=State.values) & Q(money__in=Money.values),
                name="booking_known_state",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=State.CONFIRMED, money=Money.CHARGED, record_locator__isnull=False
                )
                | (~Q(state=State.CONFIRMED) & ~Q(money=Money.CHARGED)),
                name="booking_confirmed_means_charged",
            ),
            models.CheckConstraint(
                condition=(
                    (Q(state__in=OPEN) | Q(money=Money.REFUND_DUE)) & Q(due_at__isnull=False)
                )
                | (~Q(state__in=OPEN) & ~Q(money=Money.REFUND_DUE) & Q(due_at__isnull=True)),
                name="booking_timer_runs_while_unsettled",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=OWNING) | Q(seats__len__gt=0),
                name="booking_owns_at_least_one_seat",
            ),
            models.CheckConstraint(condition=Q(attempts__lte=3), name="booking_three_attempts"),
        ]
        indexes = [
            models.Index("due_at", name="booking_due", condition=Q(due_at__isnull=False)),
            models.Index(
                "confirmation_due_at",
                name="booking_confirmation_due",
                condition=Q(confirmation_due_at__isnull=False),
            ),
            *indexes.of_bookings(not_open=NOT_OPEN),
        ]

    def __str__(self) -> str:
        return self.record_locator or str(self.id)


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


class BookingEvent(models.Model):
    """One line of a booking's history. Folding `changes` in order gives the booking's row."""

    pk = models.CompositePrimaryKey("booking_id", "number")
    booking = models.ForeignKey(Booking, models.PROTECT, related_name="events", db_index=False)
    # 1, 2, 3 … without a gap: the booking's version after it.
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    name = models.CharField(max_length=30)
    # Who caused it: "traveller", "timer", "gateway", "operator:<login>".
    by = models.CharField(max_length=160)
    detail = models.CharField(max_length=200, blank=True)
    # The columns it changed, with their new values.
    changes = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["number"]
        indexes = indexes.of_events()

    def __str__(self) -> str:
        return f"{self.number}. {self.name}"


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
    reason = models.CharField(max_length=200, blank=True)
    reference = models.CharField(max_length=60)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "ledger entries"

    def __str__(self) -> str:
        return f"{self.key}: {self.status}"
