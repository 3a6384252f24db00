"""What is for sale: airports, cabin layouts and flights. Nothing here knows a traveller."""

from django.db import models


class Airport(models.Model):
    """An airport with an IATA code."""

    code = models.CharField("IATA code", max_length=3, primary_key=True)
    name = models.CharField(max_length=120)
    city = models.CharField(max_length=80)
    country = models.CharField("country (ISO 3166-1 alpha-2)", max_length=2)
    time_zone = models.CharField(max_length=40)
    latitude = models.FloatField()
    longitude = models.FloatField()

    def __str__(self) -> str:
        return f"{self.city} ({self.code})"


class CabinLayout(models.Model):
    """Which seats an aircraft has: the text of a layout file, see flights/cabins.py."""

    code = models.SlugField(max_length=40, primary_key=True)
    aircraft = models.CharField(max_length=60)
    source = models.TextField()
    total_seats = models.PositiveSmallIntegerField(editable=False)

    def __str__(self) -> str:
        return f"{self.aircraft} ({self.total_seats} seats)"


class Flight(models.Model):
    """One departure. Times are UTC instants, shown in each airport's own zone."""

    number = models.CharField(max_length=8)
    origin = models.ForeignKey(Airport, models.PROTECT, related_name="+", db_index=False)
    destination = models.ForeignKey(Airport, models.PROTECT, related_name="+", db_index=False)
    departure = models.DateTimeField()
    arrival = models.DateTimeField()
    departure_date = models.DateField("local date of departure", editable=False)
    layout = models.ForeignKey(CabinLayout, models.PROTECT, related_name="+", db_index=False)
    base_fare_cents = models.PositiveIntegerField()
    currency = models.CharField("currency (ISO 4217)", max_length=3, default="EUR")
    on_sale = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("number", "departure_date", name="flight_number_once_a_day"),
            models.CheckConstraint(
                condition=models.Q(arrival__gt=models.F("departure")), name="flight_arrives_later"
            ),
        ]
        indexes = [
            models.Index("departure", "id", name="flight_by_departure"),
            models.Index(
                "origin", "destination", "departure_date", "departure", "id", name="flight_by_route"
            ),
            models.Index(
                "destination", "departure_date", "departure", "id", name="flight_by_destination"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.origin_id}-{self.destination_id} {self.departure_date}"
