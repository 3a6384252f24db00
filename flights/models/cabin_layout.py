"""Cabin layouts: which seats an aircraft has."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from flights.cabin.seats import Layout, seat_order
from flights.cabin.text import LayoutError, parse
from flights.models.saving import also_saving


class CabinLayout(models.Model):
    """Which seats an aircraft has: the text of a layout file, see flights/cabin/text.py."""

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
        super().save(*args, **also_saving(kwargs, "aircraft", "total_seats"))

    @property
    def parsed(self) -> Layout:
        """The seats. Raises LayoutError. Parsed once per text and process."""
        return parse(self.source)

    def clean(self) -> None:
        try:
            layout = self.parsed
        except LayoutError as error:
            raise ValidationError({"source": str(error)}) from error
        # A seat that may have been sold must not vanish; flights do not know what is sold.
        before = CabinLayout.objects.filter(pk=self.pk).first()
        lost = before.parsed.seats.keys() - layout.seats.keys() if before else None
        if lost and self.flights.exists():
            raise ValidationError({"source": f"Flights use this layout: {lost_seats(lost)}."})


def lost_seats(ids: Iterable[str]) -> str:
    """Words for a refusal: which seats would be lost."""
    some = sorted(ids, key=seat_order)
    more = f" and {len(some) - 9} more" if len(some) > 9 else ""
    return f"it would lose {', '.join(some[:9])}{more}"
