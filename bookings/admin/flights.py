"""The flights' pages with what only bookings know: how full each flight is."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from bookings.admin.load import Load, load_of
from flights.admin import FlightAdmin
from flights.models import Flight


class LoadedChangeList(ChangeList):
    """A page of flights, each with its load: one query for the page."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        flights = list(self.result_list)
        loads = load_of(flights)
        for flight in flights:
            flight.load_now = loads.get(flight.pk, Load())  # for the column below
        self.result_list = flights


admin.site.unregister(Flight)


@admin.register(Flight)
class FlightWithLoadAdmin(FlightAdmin):
    def get_list_display(self, request: HttpRequest) -> list[Any]:
        number, *others = super().get_list_display(request)
        return [number, "load", *others]

    def get_list_select_related(self, request: HttpRequest) -> list[str]:
        return [*self.list_select_related, "layout"]

    class Media:
        css = {"all": ("bookings/admin.css",)}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LoadedChangeList

    def get_fields(self, request: HttpRequest, obj: Flight | None = None) -> list[Any]:
        fields = list(super().get_fields(request, obj))
        return [*fields, "load", "bookings"] if obj else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Flight | None = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), "load", "bookings"]

    @admin.display(description="sold + held")
    def load(self, flight: Flight) -> str:
        load = getattr(flight, "load_now", None) or load_of([flight]).get(flight.pk, Load())
        blocked = f" ({load.blocked} blocked)" if load.blocked else ""
        return f"{load.sold} + {load.held} of {flight.layout.total_seats}{blocked}"

    @admin.display(description="bookings")
    def bookings(self, flight: Flight) -> str:
        address = reverse("admin:bookings_booking_changelist", query={"flight": flight.pk})
        return format_html('<a href="{}">Bookings of this flight</a>', address)
