"""What staff fill in before they act: a reason, and often some seats."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from bookings.models.contact import normalised, printable


class WrittenField(forms.CharField):
    """What somebody writes, in letters of any language."""

    def to_python(self, value: object) -> str:
        return normalised(super().to_python(value) or "")


class ReasonForm(forms.Form):
    """Why: kept in the history beside the name of whoever acts."""

    reason = WrittenField(
        max_length=200,
        validators=[printable],
        widget=forms.TextInput({"class": "vTextField", "autofocus": True}),
    )

    def about(self, things: Sequence[Any]) -> None:
        """Told what will be acted on, for a form that asks by that."""


class SeatsField(forms.MultipleChoiceField):
    """Some of the seats that are its choices."""

    def to_python(self, value: object) -> list[str]:
        return [seat for seat in super().to_python(value) if seat]


class SeatsForm(ReasonForm):
    """Some of the seats that are offered, and why."""

    seats = SeatsField()

    def offer(self, seats: Iterable[str]) -> None:
        """Say which seats there are to choose from."""
        field = self.fields["seats"]
        assert isinstance(field, SeatsField)
        field.choices = [(seat, seat) for seat in seats]
