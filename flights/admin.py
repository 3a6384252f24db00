"""Operators: airports, cabin layouts, and flights to create and to find."""

import datetime as dt
from collections import Counter
from typing import Any

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.functional import cached_property

from flights.models import Airport, CabinLayout, Flight, fold

# What is still edited of a flight that is there.
EDITABLE = ("base_fare_cents", "currency")
# Nobody turns more pages than that; counting a million flights takes longer than showing some.
COUNT_UP_TO = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than COUNT_UP_TO."""

    @cached_property
    def count(self) -> int:
        assert isinstance(self.object_list, QuerySet)
        return self.object_list.order_by()[:COUNT_UP_TO].count()


@admin.register(Airport)
class AirportAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("code", "city", "name", "country", "time_zone", "served")
    list_filter = ("served",)
    search_fields = ("keywords",)
    ordering = ("city", "name")
    readonly_fields = ("served",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Airport], search_term: str
    ) -> tuple[QuerySet[Airport], bool]:
        return super().get_search_results(request, queryset, fold(search_term))

    def get_readonly_fields(self, request: HttpRequest, obj: Airport | None = None) -> list[str]:
        return ["served", *(["code"] if obj else [])]


class CabinLayoutForm(forms.ModelForm):  # type: ignore[type-arg]
    """The model's `clean` names the line that is wrong."""

    # Not stripped, or the lines would be counted from another one than the operator sees.
    source = forms.CharField(
        strip=False,
        widget=forms.Textarea(
            {"rows": 45, "cols": 100, "class": "cabin-drawing", "spellcheck": "false"}
        ),
    )

    class Meta:
        model = CabinLayout
        fields = ("code", "source")

    def clean_source(self) -> str:
        """With the line ends that layout files have."""
        return str(self.cleaned_data["source"]).replace("\r\n", "\n")


@admin.register(CabinLayout)
class CabinLayoutAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = CabinLayoutForm
    list_display = ("code", "aircraft", "total_seats")
    search_fields = ("code", "aircraft")
    ordering = ("code",)

    class Media:
        css = {"all": ("flights/admin.css",)}

    def get_fields(self, request: HttpRequest, obj: CabinLayout | None = None) -> tuple[str, ...]:
        return ("code", "aircraft", "seats", "source") if obj else ("code", "source")

    def get_readonly_fields(
        self, request: HttpRequest, obj: CabinLayout | None = None
    ) -> list[str]:
        return ["code", "aircraft", "seats"] if obj else []

    @admin.display(description="seats")
    def seats(self, layout: CabinLayout) -> str:
        by_cabin = Counter(seat.cabin for seat in layout.parsed.seats.values())
        parts = ", ".join(f"{count} {cabin}" for cabin, count in by_cabin.items())
        return f"{layout.total_seats}: {parts}"


class WhenFilter(admin.SimpleListFilter):
    """Flights to come, unless asked otherwise."""

    title = "departure"
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("past", "departed"), ("all", "all")]

    def choices(self, changelist: Any) -> Any:
        choices = list(super().choices(changelist))
        choices[0]["display"] = "to come"
        return choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Flight]) -> QuerySet[Flight]:
        match self.value():
            case "all":
                return queryset
            case "past":
                return queryset.filter(departure__lte=Now())
            case _:
                return queryset.filter(departure__gt=Now())


@admin.register(Flight)
class FlightAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("number", "route", "leaves", "arrives", "layout_id", "fare", "on_sale")
    list_filter = (WhenFilter, "on_sale")
    list_select_related = ("origin", "destination")
    list_per_page = 50
    ordering = ("departure", "id")
    search_fields = ("number",)
    search_help_text = "A number (FB100), a route (CDG-JFK), an airport, a date (2026-12-24)"
    autocomplete_fields = ("origin", "destination", "layout")
    fields = (
        "number", "origin", "destination", "departure", "leaves", "arrival", "arrives", "layout",
        "base_fare_cents", "currency", "on_sale",
    )  # fmt: skip
    paginator = CappedPaginator
    show_full_result_count = False

    def get_readonly_fields(self, request: HttpRequest, obj: Flight | None = None) -> list[str]:
        if obj is None:
            return ["leaves", "arrives"]
        # Another number or another route is another flight. The rest is operated and not edited:
        # see bookings/admin/flight_operations.py.
        return [field for field in self.fields if field not in EDITABLE]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Flight], search_term: str
    ) -> tuple[QuerySet[Flight], bool]:
        """Every word narrows the search; each kind has an index."""
        for word in search_term.upper().split():
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
        return f"{flight.base_fare_cents / 100:.2f} {flight.currency}"


def _meaning(word: str) -> Q:
    try:
        return Q(departure_date=dt.date.fromisoformat(word))
    except ValueError:
        pass
    origin, dash, destination = word.partition("-")
    if dash:
        return Q(origin=origin) & (Q(destination=destination) if destination else Q())
    if len(word) == 3 and word.isalpha():
        return Q(origin=word) | Q(destination=word)
    return Q(number=word)


def _local(time: dt.datetime) -> str:
    return f"{time:%a %d %b %Y %H:%M %Z}"
