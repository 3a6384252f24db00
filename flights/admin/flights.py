"""Flights to create and to find."""

import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.urls import URLPattern

from flights import money
from flights.admin import schedule
from flights.admin.pages import ModelPages
from flights.admin.paginator import CappedPaginator
from flights.models import Flight, number_words, read_number

# What is still edited of a flight that is there.
EDITABLE = ("base_fare", "currency")


class FlightForm(forms.ModelForm):  # type: ignore[type-arg]
    """The fare as it is written in its currency, which has two decimals, none or three."""

    base_fare = forms.CharField(
        max_length=20, help_text="A sum of the currency below: 129.50 of EUR, 12950 of JPY."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial.setdefault("base_fare", str(self.instance.base_fare.amount))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if {"base_fare", "currency"} <= cleaned.keys():
            try:
                fare = money.read(cleaned["base_fare"], cleaned["currency"])
            except ValidationError as error:
                self.add_error("base_fare", error)
            else:
                self.instance.base_fare_cents = fare.cents
        return cleaned


class WhenFilter(admin.SimpleListFilter):
    """Flights to come, unless asked otherwise."""

    title = "departure"
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("past", "departed"), ("all", "all")]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        choices = list(super().choices(changelist))
        choices[0]["display"] = "to come"
        return iter(choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Flight]) -> QuerySet[Flight]:
        match self.value():
            case "all":
                return queryset
            case "past":
                return queryset.filter(departure__lte=Now())
            case _:
                return queryset.filter(departure__gt=Now())


@admin.register(Flight)
class FlightAdmin(ModelPages[Flight]):
    form = FlightForm
    list_display: tuple[str, ...] = (
        "number",
        "route",
        "leaves",
        "arrives",
        "layout_id",
        "fare",
        "on_sale",
    )
    list_filter = (WhenFilter, "on_sale")
    list_select_related = ("origin", "destination")
    list_per_page = 50
    ordering = ("departure", "id")
    change_list_template = "admin/flights/flight/change_list.html"
    search_fields = ("number",)
    search_help_text = "A number (FB100), a route (CDG-JFK), an airport, a date (2026-12-24)"
    autocomplete_fields = ("origin", "destination", "layout")
    fields = (
        "number", "origin", "destination", "departure", "leaves", "arrival", "arrives", "layout",
        "base_fare", "currency", "on_sale",
    )  # fmt: skip
    paginator = CappedPaginator
    show_full_result_count = False

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("schedule/", "schedule", partial(schedule.schedule, self)),
            self.page("schedule/export.csv", "export", schedule.export),
            self.page("schedule/<int:import_id>/", "import", partial(schedule.import_status, self)),
            self.page("schedule/<int:import_id>/write/", "import_write", schedule.import_write),
            *super().get_urls(),
        ]

    def list_context(self, request: HttpRequest) -> dict[str, object]:
        return {"may_schedule": request.user.has_perms(schedule.PERMISSIONS)}

    def get_readonly_fields(self, request: HttpRequest, obj: Flight | None = None) -> list[str]:
        if obj is None:
            return ["leaves", "arrives"]
        # Another number or another route is another flight. The rest is operated and not edited:
        # see bookings/admin/flights/operations.py.
        return [field for field in self.fields if field not in EDITABLE]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Flight], search_term: str
    ) -> tuple[QuerySet[Flight], bool]:
        """Every word narrows the search; each kind has an index."""
        for word in number_words(search_term):
            queryset = queryset.filter(_meaning(word))
        return queryset, False

    @admin.display(description="route")
    def route(self, flight: Flight) -> str:
        return f"{flight.origin_id}-{flight.destination_id}"

    @admin.display(description="departure (local)", ordering="departure")
    def leaves(self, flight: Flight) -> str:
        return _local(flight.local_departure) if flight.pk else "-"

    @admin.display(description="arrival (local)")
    def arrives(self, flight: Flight) -> str:
        return _local(flight.local_arrival) if flight.pk else "-"

    @admin.display(description="base fare", ordering="base_fare_cents")
    def fare(self, flight: Flight) -> str:
        return str(flight.base_fare)


def _meaning(word: str) -> Q:
    try:
        return Q(departure_date=dt.date.fromisoformat(word))
    except ValueError:
        pass
    origin, dash, destination = word.partition("-")
    if dash and not read_number(word):
        return Q(origin=origin) & (Q(destination=destination) if destination else Q())
    if len(word) == 3 and word.isalpha():
        return Q(origin=word) | Q(destination=word)
    return Q(number=word)


def _local(time: dt.datetime) -> str:
    return f"{time:%a %d %b %Y %H:%M %Z}"
