"""Airports."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from flights.folding import fold
from flights.models.saving import also_saving

airport_code = RegexValidator(r"^[A-Z]{3}\Z", "An IATA code is three capital letters, like CDG.")


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
        super().save(*args, **also_saving(kwargs, "keywords"))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def clean(self) -> None:
        if self.time_zone not in available_timezones():
            raise ValidationError({"time_zone": "Not a known time zone, like Europe/Paris."})

    def set_keywords(self) -> None:
        """For bulk writes, which do not call `save`."""
        self.keywords = f" {fold(f'{self.code} {self.city} {self.name}')}"[:240]


def mark_served(codes: Iterable[str]) -> None:
    """These airports have flights: suggest them. For bulk writes, which do not call `save`."""
    Airport.objects.filter(code__in=set(codes), served=False).update(served=True)
