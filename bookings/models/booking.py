"""Bookings: the saga's program counter."""

import re
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import F, Q, Value

from bookings.models import indexes
from bookings.models.contact import AddressField, NameField
from bookings.models.passengers import PassengersField, read
from flights.models import FIRST_STANDARD, Fare, Flight

# What one pays with.
PAYMENT_CODE = re.compile("[0-9]{5}")
# Tries at a payment, however few of them the settings allow now.
MOST_ATTEMPTS = 3


class State(models.TextChoices):
    """Where a booking stands. DESIGN: docs/architecture.md has the picture."""

    # Open, owns no seat (the customer gave all back); still expires.
    CREATED = "CREATED"
    # A hold: owns its seats until `due_at`.
    SEATS_RESERVED = "SEATS_RESERVED"
    # Owns its seats; the hold clock stands still while payment runs.
    PAYMENT_PROCESSING = "PAYMENT_PROCESSING"
    # Owns its seats and the money is charged: always both; some of it may go back.
    CONFIRMED = "CONFIRMED"
    # Payment failed for good; the seats went back.
    FAILED = "FAILED"
    # Nobody paid in time; the seats went back.
    EXPIRED = "EXPIRED"
    # Given up by the customer or ended by an operator; the seats went back.
    CANCELLED = "CANCELLED"
    # Of a change: its seats are those of the booking that it was made for.
    CHANGED = "CHANGED"


# The timer of these is the end of a hold.
HOLDING = (State.CREATED, State.SEATS_RESERVED)
OPEN = (*HOLDING, State.PAYMENT_PROCESSING)
NOT_OPEN = (State.CONFIRMED, State.FAILED, State.EXPIRED, State.CANCELLED, State.CHANGED)
OWNING = (State.SEATS_RESERVED, State.PAYMENT_PROCESSING, State.CONFIRMED)


class PaymentStatus(models.TextChoices):
    """What happened to the money; of a CONFIRMED booking, a part may go back."""

    NONE = "none"
    CHARGED = "charged"
    # Something was or may have been charged, and must go back.
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"


class Booking(models.Model):
    """One customer's order, and the saga's program counter: the row is the workflow."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Found by flight through the index of `booking_owner`.
    flight = models.ForeignKey(Flight, models.PROTECT, related_name="bookings", db_index=False)
    # The browser that made it; nothing for the JSON API.
    browser_id = models.UUIDField(null=True, blank=True)
    # Of new seats for a booking that is paid: which one's. See models/change.py.
    change_of = models.ForeignKey(
        "self", models.PROTECT, related_name="changes", null=True, blank=True, db_index=False
    )
    state = models.CharField(max_length=20, choices=State)
    payment_status = models.CharField(
        max_length=10, choices=PaymentStatus, default=PaymentStatus.NONE
    )
    # The seats last asked for, in order. Ownership is a SeatClaim; this stays when they go.
    seats = ArrayField(models.CharField(max_length=4), default=list)
    total_cents = models.PositiveIntegerField(default=0)
    # What we have of it beyond the price of its seats: fees that were kept, less what staff gave
    # back on top.
    kept_cents = models.IntegerField(default=0, db_default=0)
    currency = models.CharField(max_length=3)
    # The fare with its conditions, as they were when it was chosen; never another one once payment
    # has begun (migration 0007).
    fare = models.ForeignKey(
        Fare, models.PROTECT, related_name="+", db_index=False, db_default=Value(FIRST_STANDARD)
    )
    # The timer: when something must happen next. Empty when nothing will by itself.
    due_at = models.DateTimeField(null=True, blank=True)
    # Needed again for a retry; wiped as soon as the payment is settled.
    payment_code = models.CharField(max_length=5, blank=True)
    # By which the code is known again while it pays and once it has paid: payments/codes.py.
    code_fingerprint = models.CharField(max_length=32, blank=True, default="", db_default="")
    # Who sits in which of the seats, by their places; empty where nobody was named.
    passengers = PassengersField(default=tuple, db_default=Value([], models.JSONField()))
    # Whose booking it is, in their own words: the lead passenger's name, if any is named. Personal
    # like the passengers, so not in the events, which cannot be erased.
    name = NameField(max_length=80, blank=True)
    email = AddressField(max_length=120, blank=True)
    # What staff find it by: both of these, folded. None where nobody gave any.
    contact_words = SearchVectorField(null=True, editable=False)
    # Of the flight's disruptions, how many its customer knew of or has accepted.
    accepted_disruptions = models.PositiveSmallIntegerField(default=0, db_default=0)
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

    # What the saga's statements tell besides: the time, by the database's clock, the seats before,
    # and the key of the payment attempt that it is about, "" for none.
    now: datetime
    seats_before: list[str]
    key: str

    class Meta:
        # Nobody adds, changes or deletes one: operators act through the saga.
        default_permissions = ("view",)
        permissions = [
            ("resend_confirmation", "Can send a confirmation again"),
            ("move_seats", "Can move a booking to other seats"),
            ("terminate_booking", "Can terminate an open booking"),
            ("retry_booking", "Can have a payment or a refund tried now"),
            ("refund_booking", "Can cancel a confirmed booking and refund it"),
            ("correct_passengers", "Can correct who travels"),
            ("forget_passengers", "Can erase who travelled"),
        ]
        constraints = [
            # What a claim's foreign key points at (migration 0002).
            models.UniqueConstraint("flight", "id", "owns_seats", name="booking_owner"),
            models.UniqueConstraint(
                "browser_id",
                "flight",
                condition=Q(state__in=OPEN, browser_id__isnull=False),
                name="booking_one_open_per_browser_and_flight",
            ),
            models.UniqueConstraint(
                "change_of",
                condition=Q(state__in=OPEN, change_of__isnull=False),
                name="booking_one_open_change",
            ),
            models.CheckConstraint(
                condition=Q(Q(change_of__isnull=True), ~Q(state=State.CHANGED))
                | Q(Q(change_of__isnull=False), ~Q(state=State.CONFIRMED)),
                name="booking_changed_or_confirmed",
            ),
            models.UniqueConstraint(
                "record_locator",
                condition=Q(record_locator__isnull=False),
                name="booking_record_locator",
            ),
            models.CheckConstraint(
                condition=Q(state__in=State.values) & Q(payment_status__in=PaymentStatus.values),
                name="booking_known_state",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=State.CONFIRMED,
                    payment_status__in=(PaymentStatus.CHARGED, PaymentStatus.REFUND_DUE),
                    record_locator__isnull=False,
                )
                # By its fare's conditions nothing went back; or it may have cost nothing.
                | Q(state__in=(State.CANCELLED, State.CHANGED))
                | (~Q(state=State.CONFIRMED) & ~Q(payment_status=PaymentStatus.CHARGED)),
                name="booking_confirmed_means_charged",
            ),
            models.CheckConstraint(
                condition=Q(kept_cents__gte=0)
                | Q(state=State.CONFIRMED, total_cents__gte=0 - F("kept_cents")),
                name="booking_gives_back_what_it_has",
            ),
            models.CheckConstraint(
                condition=(
                    (Q(state__in=OPEN) | Q(payment_status=PaymentStatus.REFUND_DUE))
                    & Q(due_at__isnull=False)
                )
                | (
                    ~Q(state__in=OPEN)
                    & ~Q(payment_status=PaymentStatus.REFUND_DUE)
                    & Q(due_at__isnull=True)
                ),
                name="booking_timer_runs_while_unsettled",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=OWNING) | Q(seats__len__gt=0),
                name="booking_owns_at_least_one_seat",
            ),
            models.CheckConstraint(
                condition=Q(attempts__lte=MOST_ATTEMPTS), name="booking_three_attempts"
            ),
        ]
        indexes = [
            models.Index("due_at", name="booking_due", condition=Q(due_at__isnull=False)),
            models.Index("change_of", name="booking_change", condition=Q(change_of__isnull=False)),
            *indexes.of_bookings(not_open=NOT_OPEN),
        ]

    def __str__(self) -> str:
        return self.record_locator or str(self.id)

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """A booking of its `COLUMNS`, as a statement returns them."""
        booking = cls.from_db(DEFAULT_DB_ALIAS, COLUMNS, row)
        booking.passengers = read(booking.passengers)
        return booking

    @property
    def paid_for_cents(self) -> int:
        """What is left of what was paid, when all has gone back that is asked for.

        The saga asks the same in SQL: see `PAID_FOR` in saga/money_back.py.
        """
        price = self.total_cents if self.state == State.CONFIRMED else 0
        return price + self.kept_cents

    def is_of(self, browser_id: UUID | None) -> bool:
        """Whether this browser made it; None: whether a program did, to which the id is the key.

        Of a change nobody says so by its own id. The saga asks the same in SQL: see `OWN` in
        saga/conditions.py.
        """
        return self.change_of_id is None and self.browser_id == browser_id


# All but what Postgres makes of others.
COLUMNS = [str(field.column) for field in Booking._meta.concrete_fields if not field.generated]
