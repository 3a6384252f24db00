"""What is for sale: airports, cabin layouts and flights. Nothing here knows a traveller."""

import datetime as dt
import unicodedata
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

from flights import cabins

airport_code = RegexValidator(r"^[A-Z]{3}\Z", "An IATA code is three capital letters, like CDG.")
flight_number = RegexValidator(
    r"^[A-Z0-9]{2}[0-9]{1,4}[A-Z]?\Z",
    "A flight number is the airline's two characters and one to four digits, like AF1234.",
)
currency_code = RegexValidator(r"^[A-Z]{3}\Z", "A currency is three capital letters, like EUR.")

# When flights depart and arrive: whatever is far from both ends of what a date can say.
YEARS = range(2000, 2101)
OTHER_YEARS = f"Flights are in the years {YEARS[0]} to {YEARS[-1]}."

# Letters that Unicode does not take apart into a letter and an accent.
PLAIN_LETTERS = str.maketrans("øłđðħıæœþ", "olddhiaot", "'`\u2019")


def fold(text: str) -> str:
    """Words in plain small letters, one space between: "São Paulo/Guarulhos" -> "sao paulo …"."""
    apart = unicodedata.normalize("NFKD", text.casefold()).translate(PLAIN_LETTERS)
    plain = "".join(c for c in apart if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())


class Airport(models.Model):
    """An airport with an IATA code."""

    code = models.CharField("IATA code", max_length=3, primary_key=True, validators=[airport_code])
    name = models.CharField(max_length=120)
    city = models.CharField(max_length=80)
    country = models.CharField("country (ISO 3166-1 alpha-2)", max_length=2)
    time_zone = models.CharField("time zone (IANA)", max_length=40)
    latitude = models.FloatField(
        "latitude (degrees)", validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.FloatField(
        "longitude (degrees)", validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    # Some flight starts or ends here. Kept when flights are added, so that suggestions
    # need not look at the flights.
    served = models.BooleanField(default=False, editable=False)
    # Code, city and name for the type-ahead: folded, with a space before every word.
    keywords = models.CharField(max_length=240, default="", editable=False)

    class Meta:
        indexes = [models.Index(fields=["city"], name="airport_served", condition=Q(served=True))]

    def __str__(self) -> str:
        return f"{self.city} ({self.code})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_keywords()
        super().save(*args, **_also_saving(kwargs, "keywords"))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def clean(self) -> None:
        if self.time_zone not in available_timezones():
            raise ValidationError({"time_zone": "Not a known time zone, like Europe/Paris."})

    def set_keywords(self) -> None:
        """For bulk writes, which do not call `save`."""
        self.keywords = f" {fold(f'{self.code} {self.city} {self.name}')}"[:240]


class CabinLayout(models.Model):
    """Which seats an aircraft has: the text of a layout file, see flights/cabins.py."""

    code = models.SlugField(max_length=40, primary_key=True)
    # Both are read from the source when it is saved.
    aircraft = models.CharField(max_length=60, editable=False)
    total_seats = models.PositiveSmallIntegerField(editable=False)
    source = models.TextField()

    def __str__(self) -> str:
        return f"{self.aircraft} ({self.total_seats} seats)"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises LayoutError when the source has a mistake."""
        self.aircraft, self.total_seats = self.parsed.aircraft, len(self.parsed.seats)
        super().save(*args, **_also_saving(kwargs, "aircraft", "total_seats"))

    @property
    def parsed(self) -> cabins.Layout:
        """The seats. Raises LayoutError. Parsed once per text and process."""
        return cabins.parse(self.source)

    def clean(self) -> None:
        try:
            layout = self.parsed
        except cabins.LayoutError as error:
            raise ValidationError({"source": str(error)}) from error
        # A seat that may have been sold must not vanish; flights do not know what is sold.
        before = CabinLayout.objects.filter(pk=self.pk).first()
        lost = before.parsed.seats.keys() - layout.seats.keys() if before else None
        if lost and Flight.objects.filter(layout=self.pk).exists():
            raise ValidationError({"source": f"Flights use this layout: {lost_seats(lost)}."})


class Flight(models.Model):
    """One departure. Times are UTC instants, shown in each airport's own zone."""

    number = models.CharField(max_length=8, validators=[flight_number])
    origin = models.ForeignKey(Airport, models.PROTECT, related_name="+", db_index=False)
    destination = models.ForeignKey(Airport, models.PROTECT, related_name="+", db_index=False)
    departure = models.DateTimeField("departure (UTC)")
    arrival = models.DateTimeField("arrival (UTC)")
    # The day it is sold under, for ever: with the number it names the flight, also when a
    # delay takes it past midnight.
    departure_date = models.DateField("local date of departure", editable=False)
    layout = models.ForeignKey(CabinLayout, models.PROTECT, related_name="+", db_index=False)
    base_fare_cents = models.PositiveIntegerField("base fare (cents)")
    currency = models.CharField(
        "currency (ISO 4217)", max_length=3, default="EUR", validators=[currency_code]
    )
    on_sale = models.BooleanField(default=True)
    # A cancelled flight is never sold again.
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Cancelled, and what was sold on it is still being undone.
    unwinding = models.BooleanField(default=False, db_default=False, editable=False)

    class Meta:
        permissions = [
            ("operate_flight", "Can close, reopen, delay and cancel flights and swap aircraft"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, unwinding=False)
                | Q(cancelled_at__isnull=False, on_sale=False),
                name="flight_cancelled_is_not_sold",
                violation_error_message="A cancelled flight is not sold again.",
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
        ] + [models.Index(fields=["id"], name="flight_unwinding", condition=Q(unwinding=True))]

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

    @property
    def duration(self) -> dt.timedelta:
        return self.arrival - self.departure

    @property
    def price_from_cents(self) -> int:
        """What the cheapest seat costs when all are free: every layout has a cabin at fare 1."""
        return cabins.whole_units(self.base_fare_cents)

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


class ScheduleImport(models.Model):
    """A schedule file that an operator sent: checked, looked at, then written batch by batch.

    A batch is written in one transaction with what is counted here, so that whoever goes on
    after a crash begins behind the last line that is done.
    """

    class Stage(models.TextChoices):
        # Being read and compared; nothing is written.
        CHECKING = "checking"
        # An operator looks at what would change.
        CHECKED = "checked"
        WRITING = "writing"
        DONE = "done"
        # It cannot be read: `refusal` says why.
        REFUSED = "refused"

    at = models.DateTimeField(auto_now_add=True)
    by = models.CharField(max_length=160)
    file_name = models.CharField(max_length=200)
    # Forgotten when it is written.
    content = models.BinaryField()
    # Whether flights that are there may be changed.
    update = models.BooleanField(default=False)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.CHECKING)
    refusal = models.CharField(max_length=300, blank=True)
    # Lines of the file, and the last one that is done at this stage.
    lines = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    # What became, or would become, of the rows.
    new = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)
    # The first bad rows ([line, reason]) and changes ([line, flight, [[field, old, new]]]).
    bad_rows = models.JSONField(default=list)
    changes = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.file_name}, {self.at:%Y-%m-%d %H:%M}"

    @property
    def is_running(self) -> bool:
        return self.stage in (self.Stage.CHECKING, self.Stage.WRITING)


def mark_served(codes: Iterable[str]) -> None:
    """These airports have flights: suggest them. For bulk writes, which do not call `save`."""
    Airport.objects.filter(code__in=set(codes), served=False).update(served=True)


def lost_seats(ids: Iterable[str]) -> str:
    """Words for a refusal: which seats would be lost."""
    some = sorted(ids, key=lambda seat: (int(seat[:-1]), seat))
    more = f" and {len(some) - 9} more" if len(some) > 9 else ""
    return f"it would lose {', '.join(some[:9])}{more}"


def _also_saving(kwargs: dict[str, Any], *fields: str) -> dict[str, Any]:
    """Arguments of `Model.save` that write these fields too where only some are written."""
    if kwargs.get("update_fields") is None:
        return kwargs
    return {**kwargs, "update_fields": {*kwargs["update_fields"], *fields}}
