"""What is for sale: airports, cabin layouts and flights. Nothing here knows a traveller."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

flight_number = RegexValidator(
    r"^[A-Z0-9]{2}[0-9]{1,4}[A-Z]?\Z",
    "A flight number is the airline's two characters and one to four digits, like AF1234.",
)
currency_code = RegexValidator(r"^[A-Z]{3}\Z", "A currency is three capital letters, like EUR.")


class Airport(models.Model):
    """An airport with an IATA code."""

    code = models.CharField("IATA code", max_length=3, primary_key=True)
    name = models.CharField(max_length=120)
    city = models.CharField(max_length=80)
    country = models.CharField("country (ISO 3166-1 alpha-2)", max_length=2)
    time_zone = models.CharField("time zone (IANA)", max_length=40)
    latitude = models.FloatField("latitude (degrees)")
    longitude = models.FloatField("longitude (degrees)")
    # Some flight starts or ends here. Kept when flights are added, so that suggestions
    # need not look at the flights.
    served = models.BooleanField(default=False, editable=False)
    # Code, city and name as `flights.airports.fold` writes them, a space before every word.
    keywords = models.CharField(max_length=240, default="", editable=False)

    class Meta:
        indexes = [models.Index(fields=["city"], name="airport_served", condition=Q(served=True))]

    def __str__(self) -> str:
        return f"{self.city} ({self.code})"


class CabinLayout(models.Model):
    """Which seats an aircraft has: the text of a layout file, see flights/cabins.py."""

    code = models.SlugField(max_length=40, primary_key=True)
    # Both are read from the source when it is saved.
    aircraft = models.CharField(max_length=60, editable=False)
    total_seats = models.PositiveSmallIntegerField(editable=False)
    source = models.TextField()

    def __str__(self) -> str:
        return f"{self.aircraft} ({self.total_seats} seats)"


class Flight(models.Model):
    """One departure. Times are UTC instants, shown in each airport's own zone."""

    number = models.CharField(max_length=8, validators=[flight_number])
    origin = models.ForeignKey(Airport, models.PROTECT, related_name="+", db_index=False)
    destination = models.ForeignKey(Airport, models.PROTECT, related_name="+", db_index=False)
    departure = models.DateTimeField()
    arrival = models.DateTimeField()
    departure_date = models.DateField("local date of departure", editable=False)
    layout = models.ForeignKey(CabinLayout, models.PROTECT, related_name="+", db_index=False)
    base_fare_cents = models.PositiveIntegerField("base fare (cents)")
    currency = models.CharField(
        "currency (ISO 4217)", max_length=3, default="EUR", validators=[currency_code]
    )
    on_sale = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number", "departure_date"], name="flight_number_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(arrival__gt=F("departure")), name="flight_arrives_later"
            ),
            models.CheckConstraint(
                condition=~Q(origin=F("destination")), name="flight_goes_elsewhere"
            ),
        ]
        # One for each question of flights/search.py, in the order it answers in. With an
        # origin, a local date is a range of `departure`; without one it needs its own column.
        indexes = [
            models.Index(fields=columns, name=name, condition=Q(on_sale=True))
            for name, columns in {
                "flight_by_departure": ["departure", "id"],
                "flight_by_date": ["departure_date", "departure", "id"],
                "flight_by_route": ["origin", "destination", "departure", "id"],
                "flight_by_origin": ["origin", "departure", "id"],
                "flight_by_destination": ["destination", "departure", "id", "departure_date"],
            }.items()
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.origin_id}-{self.destination_id} {self.departure_date}"
