"""What a browser sends, checked before anybody is asked."""

import datetime as dt
import re
from dataclasses import fields
from math import inf
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone

from bookings.models import PAYMENT_CODE, Booking
from flights.cabin.best_seats import Wishes
from flights.models import Airport
from flights.search import suggest_airports

CODE = re.compile(r"\(([A-Za-z]{3})\)\s*\Z")


class AirportField(forms.CharField):
    """A code, "Paris (CDG)" as the type-ahead writes it, or a name that fits one airport only."""

    default_error_messages = {
        "unknown": "We know no airport like “%(typed)s”. Try a city or a code, like CDG.",
        "several": "Several airports fit “%(typed)s”: %(some)s. Choose one.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=120, required=False, **kwargs)

    def clean(self, value: Any) -> Airport | None:
        typed = super().clean(value)
        if not typed:
            return None
        match = CODE.search(typed)
        code = match[1] if match else typed
        if airport := Airport.objects.filter(pk=code.upper()).first():
            return airport
        found = suggest_airports(typed, limit=5)
        if len(found) == 1:
            return found[0]
        if not found:
            raise self._error("unknown", typed=typed)
        raise self._error("several", typed=typed, some=", ".join(map(str, found)))

    def _error(self, code: str, **words: str) -> forms.ValidationError:
        return forms.ValidationError(self.error_messages[code], code=code, params=words)


def most_seats() -> int:
    return settings.MAX_SEATS_PER_BOOKING


class SearchForm(forms.Form):
    """Which flights; everything may be left out."""

    origin = AirportField()
    destination = AirportField()
    date = forms.DateField(
        required=False, error_messages={"invalid": "Please give the date like 2026-12-24."}
    )
    party = forms.IntegerField(
        required=False,
        min_value=1,
        error_messages={"invalid": "How many travel? Please give a number."},
    )
    sort = forms.CharField(required=False)
    after = forms.CharField(required=False, max_length=40)

    def clean_date(self) -> dt.date | None:
        date: dt.date | None = self.cleaned_data["date"]
        # It may still be yesterday where the flight departs.
        if date and date < timezone.now().date() - dt.timedelta(days=1):
            raise forms.ValidationError("This day is over. Please choose another.")
        if date and date.year > timezone.now().year + 50:
            raise forms.ValidationError("Nobody sells flights for so late a day.")
        return date

    def clean_party(self) -> int:
        return _not_too_many(self.cleaned_data["party"] or 1)

    def clean(self) -> dict[str, Any]:
        origin, destination = map(self.cleaned_data.get, ("origin", "destination"))
        if origin and origin == destination:
            self.add_error("destination", "This is where you start. Please choose another place.")
        return self.cleaned_data


def _not_too_many(party: int) -> int:
    if party > most_seats():
        raise forms.ValidationError(f"At most {most_seats()} can travel on one booking.")
    return party


class TogetherForm(forms.Form):
    """Who looks for seats together: how many they are and what they would like."""

    party = forms.IntegerField(
        min_value=1,
        error_messages={
            "required": "How many travel? Please give a number.",
            "invalid": "How many travel? Please give a number.",
            "min_value": "At least one must travel.",
        },
    )
    children = forms.IntegerField(
        required=False,
        min_value=0,
        error_messages={
            "invalid": "How many of them are children? Please give a number.",
            "min_value": "How many of them are children? It cannot be fewer than none.",
        },
    )
    # A cabin that this aircraft has not counts as not said.
    cabin = forms.CharField(required=False, max_length=20)
    window = forms.BooleanField(required=False)
    aisle = forms.BooleanField(required=False)
    front = forms.BooleanField(required=False)
    extra_legroom = forms.BooleanField(required=False)

    def clean_party(self) -> int:
        return _not_too_many(self.cleaned_data["party"])

    def clean_children(self) -> int:
        children: int = self.cleaned_data["children"] or 0
        if children >= self.cleaned_data.get("party", inf):
            raise forms.ValidationError("A child travels with at least one adult on the booking.")
        return children

    @property
    def counted(self) -> tuple[int, int]:
        """How many travel, and how many of them are children."""
        return self.cleaned_data["party"], self.cleaned_data["children"]

    @property
    def wishes(self) -> Wishes:
        return Wishes(**{field.name: self.cleaned_data[field.name] for field in fields(Wishes)})


class ProposalForm(forms.Form):
    """Seats that were proposed, "12A,12B", and the hold that they are to replace."""

    version = forms.IntegerField(min_value=0)
    proposal = forms.CharField(max_length=200)

    def clean_proposal(self) -> list[str]:
        seats: str = self.cleaned_data["proposal"]
        return seats.split(",")


class SeatsForm(forms.Form):
    """The whole map, from a browser without scripts: the seats ticked and the hold it showed."""

    version = forms.IntegerField(min_value=0)
    # The widget that reads as many fields as there are ticks.
    seats = forms.Field(required=False, widget=forms.SelectMultiple)

    def clean_seats(self) -> list[str]:
        return list(dict.fromkeys(self.cleaned_data["seats"] or []))


class SeatForm(forms.Form):
    """One seat, wanted or not: "true" or "false"."""

    seat = forms.CharField(max_length=4)
    wanted = forms.BooleanField(required=False)


class MapQuery(forms.Form):
    """What the address of a seat map may say besides the flight; nonsense counts as not said."""

    # Seats that were wanted again but are somebody else's now: "12A,12B".
    gone = forms.CharField(required=False, max_length=60)
    # The hold that the page shows.
    booking = forms.UUIDField(required=False)

    def said(self) -> dict[str, Any]:
        self.full_clean()
        said = self.cleaned_data
        gone = [seat for seat in said.get("gone", "").split(",") if seat]
        return {"gone": gone, "booking": said.get("booking")}


class ContactField(forms.CharField):
    """Takes what the booking's column takes, and refuses in its words."""

    def __init__(self, column: str) -> None:
        super().__init__(required=False)
        self._column = Booking._meta.get_field(column)

    def clean(self, value: Any) -> Any:
        return self._column.clean(value or "", None)  # type: ignore[union-attr]


class PaymentForm(forms.Form):
    """The five-digit code. Refused here, nothing is spent."""

    code = forms.RegexField(
        rf"\A{PAYMENT_CODE.pattern}\Z",
        strip=True,
        error_messages={
            "required": "Please type your five-digit payment code.",
            "invalid": "The payment code is exactly five digits, 0 to 9.",
        },
    )
