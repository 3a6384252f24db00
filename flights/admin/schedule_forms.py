"""What the schedule's page asks for, each form one thing to do with many flights at once."""

import datetime as dt

from django import forms
from django.core.files.uploadedfile import UploadedFile

from flights.clock import database_clock
from flights.models import OTHER_YEARS, YEARS
from flights.schedule.copy import LONGEST_SEASON

MOST_BYTES = 30 * 1024 * 1024
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DATE = {"type": "date"}
WEEK = dt.timedelta(days=7)


def day_of_flights(day: dt.date) -> None:
    """Validator: far enough from both ends of the calendar to count on from."""
    if day.year not in YEARS:
        raise forms.ValidationError(OTHER_YEARS)


def day_to_come(day: dt.date) -> None:
    """Validator: flights can still be added to it."""
    today = database_clock().date()
    if day < today:
        raise forms.ValidationError(f"Flights would be added on {day}; today is {today}.")


class FileForm(forms.Form):
    """A schedule to import."""

    file = forms.FileField(label="CSV file")
    update = forms.BooleanField(required=False, label="Change flights that are there already")

    def clean_file(self) -> "UploadedFile[bytes]":
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError("At most 30 MB; import a longer file by manage.py.")
        return file


class SpanForm(forms.Form):
    """Two days, and everything between them."""

    first = forms.DateField(widget=forms.DateInput(DATE), validators=[day_of_flights])
    last = forms.DateField(widget=forms.DateInput(DATE), validators=[day_of_flights])

    def clean(self) -> dict[str, object]:
        said = self.cleaned_data
        if "first" in said and "last" in said:
            if said["last"] < said["first"]:
                raise forms.ValidationError("The last day comes before the first.")
            if said["last"] - said["first"] > LONGEST_SEASON:
                raise forms.ValidationError("A year at most.")
        return said


class CopyForm(SpanForm):
    """A day, and the days that get the same flights."""

    day = forms.DateField(
        label="Flights of", widget=forms.DateInput(DATE), validators=[day_of_flights]
    )
    weekdays = forms.TypedMultipleChoiceField(
        label="Only on",
        coerce=int,
        required=False,
        choices=list(enumerate(WEEKDAYS)),
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("day", "first", "last", "weekdays")

    def clean_first(self) -> dt.date:
        first: dt.date = self.cleaned_data["first"]
        day_to_come(first)
        return first

    def days(self) -> list[dt.date]:
        said = self.cleaned_data
        span = (said["last"] - said["first"]).days + 1
        days = (said["first"] + dt.timedelta(days=n) for n in range(span))
        wanted = said["weekdays"] or range(7)
        return [day for day in days if day.weekday() in wanted and day != said["day"]]


class SeasonForm(SpanForm):
    """The week that begins the season, which may have begun itself, and the season's last day."""

    def clean_first(self) -> dt.date:
        first: dt.date = self.cleaned_data["first"]
        day_to_come(first + WEEK)
        return first
