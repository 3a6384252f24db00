"""Flights, and the history of each."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from flights.cabin.seats import whole_units
from flights.models.airport import Airport, mark_served
from flights.models.cabin_layout import CabinLayout, lost_seats
from flights.models.number import SPELLING, NumberField
from flights.money import Money

currency_code = RegexValidator(r"^[A-Z]{3}\Z", "A currency is three capital letters, like EUR.")

# When flights depart and arrive: whatever is far from both ends of what a date can say.
YEARS = range(2000, 2101)
OTHER_YEARS = f"Flights are in the years {YEARS[0]} to {YEARS[-1]}."


class Flight(models.Model):
    """One departure. Times are UTC instants, shown in each airport's own zone."""

    number = NumberField(max_length=8)
    origin = models.ForeignKey(Airport, models.PROTECT, related_name="+", db_index=False)
    destination = models.ForeignKey(Airport, models.PROTECT, related_name="+", db_index=False)
    departure = models.DateTimeField("departure (UTC)")
    arrival = models.DateTimeField("arrival (UTC)")
    # The day it is sold under, for ever: with the number it names the flight, also when a
    # delay takes it past midnight.
    departure_date = models.DateField("local date of departure", editable=False)
    layout = models.ForeignKey(CabinLayout, models.PROTECT, related_name="flights", db_index=False)
    # In the smallest unit of its currency: see flights/money.py.
    base_fare_cents = models.PositiveIntegerField("base fare (cents)")
    currency = models.CharField(
        "currency (ISO 4217)", max_length=3, default="EUR", validators=[currency_code]
    )
    on_sale = models.BooleanField(default=True)
    # A cancelled flight is never sold again.
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Cancelled, and what was sold on it is still being undone.
    ending_bookings = models.BooleanField(default=False, db_default=False, editable=False)

    # How often it was delayed or got another aircraft: whoever has paid for it is asked each time.
    disruptions = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)

    # What queries tell besides: how many events it has.
    version: int

    class Meta:
        permissions = [
            ("operate_flight", "Can close, reopen, delay and cancel flights and swap aircraft"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, ending_bookings=False)
                | Q(cancelled_at__isnull=False, on_sale=False),
                name="flight_cancelled_is_not_sold",
                violation_error_message="A cancelled flight is not sold again.",
            ),
            models.CheckConstraint(
                condition=Q(number__regex=SPELLING), name="flight_number_has_one_spelling"
            ),
            models.UniqueConstraint(
                fields=["number", "departure_date"], name="flight_number_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(arrival__gt=F("departure")),
                name="flight_arrives_later",
                violation_error_message="A flight arrives after it departs.",
            ),
            models.CheckConstraint(
                condition=~Q(origin=F("destination")),
                name="flight_goes_elsewhere",
                violation_error_message="A flight ends at another airport than it starts.",
            ),
        ]
        # One for each question of flights/search.py, in the order it answers in. With an
        # origin, a local date is a range of `departure`; without one it needs its own column.
        # They hold closed flights too: those are few, and operators search them the same way.
        indexes = [
            models.Index(fields=columns, name=name)
            for name, columns in {
                "flight_by_departure": ["departure", "id"],
                "flight_by_date": ["departure_date", "departure", "id"],
                "flight_by_route": ["origin", "destination", "departure", "id"],
                "flight_by_origin": ["origin", "departure", "id"],
                "flight_by_destination": ["destination", "departure", "id", "departure_date"],
            }.items()
        ] + [
            models.Index(
                fields=["id"], name="flight_ending_bookings", condition=Q(ending_bookings=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.origin_id}-{self.destination_id} {self.departure_date}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding:
            self.departure_date = self.local_departure.date()
        super().save(*args, **kwargs)
        mark_served([self.origin_id, self.destination_id])

    @property
    def local_departure(self) -> dt.datetime:
        """At the origin."""
        return self.departure.astimezone(self.origin.zone)

    @property
    def local_arrival(self) -> dt.datetime:
        """At the destination."""
        return self.arrival.astimezone(self.destination.zone)

    def is_sold_at(self, now: dt.datetime) -> bool:
        """Whether seats can be had then."""
        return self.on_sale and self.departure > now

    @property
    def duration(self) -> dt.timedelta:
        return self.arrival - self.departure

    @property
    def base_fare(self) -> Money:
        return Money(self.base_fare_cents, self.currency)

    @property
    def price_from_cents(self) -> int:
        """What the cheapest seat costs when all are free: every layout has a cabin at fare 1."""
        return whole_units(self.base_fare)

    def clean(self) -> None:
        if not (self.departure and self.origin_id):
            return
        if self._state.adding:
            if any(time and time.year not in YEARS for time in (self.departure, self.arrival)):
                raise ValidationError(OTHER_YEARS)
            day = self.local_departure.date()
            if Flight.objects.filter(number=self.number, departure_date=day).exists():
                raise ValidationError(f"{self.number} departs on {day} already.")
        self._refuse_smaller_aircraft()

    def _refuse_smaller_aircraft(self) -> None:
        before = Flight.objects.select_related("layout").filter(pk=self.pk).first()
        if not before or not self.layout_id or before.layout_id == self.layout_id:
            return
        if lost := before.layout.parsed.seats.keys() - self.layout.parsed.seats.keys():
            raise ValidationError({"layout": f"Seats may be sold: {lost_seats(lost)}."})


class FlightEvent(models.Model):
    """One line of a flight's history: what was done to it, by whom and why. Append-only."""

    flight = models.ForeignKey(Flight, models.PROTECT, related_name="events", db_index=False)
    at = models.DateTimeField()
    name = models.CharField(max_length=30)
    # "operator:<login>".
    by = models.CharField(max_length=160)
    reason = models.CharField(max_length=200, blank=True)
    # The columns it changed, with their new values. `blocks`: the seats that it blocked, each
    # with its reason, and those that it gave free, each with null.
    changes = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["flight", "id"], name="flight_event_by_flight")]

    def __str__(self) -> str:
        return f"{self.name} ({self.at:%Y-%m-%d %H:%M})"
