"""The flights' pages with what only bookings know: how full each flight is."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from bookings.claims import OVERDUE
from bookings.models import SeatClaim, State
from flights.admin import FlightAdmin
from flights.models import Flight

SOLD = Q(booking__state=State.CONFIRMED)


class LoadedChangeList(ChangeList):
    """A page of flights, each with its load: one query for the page."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        flights = list(self.result_list)
        loads = load_of(flights)
        for flight in flights:
            flight.load_now = loads.get(flight.pk, (0, 0))  # for the column below
        self.result_list = flights


def load_of(flights: Iterable[Flight]) -> dict[int, tuple[int, int]]:
    """Seats sold and seats held now, by flight; nothing for an empty flight. One query."""
    claims = SeatClaim.objects.filter(flight__in=flights).exclude(OVERDUE).values("flight_id")
    rows = claims.annotate(sold=Count("seat", SOLD), held=Count("seat", ~SOLD))
    return {row["flight_id"]: (row["sold"], row["held"]) for row in rows}


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
        loads = getattr(flight, "load_now", None) or load_of([flight]).get(flight.pk, (0, 0))
        sold, held = loads
        return f"{sold} + {held} of {flight.layout.total_seats}"

    @admin.display(description="bookings")
    def bookings(self, flight: Flight) -> str:
        address = reverse("admin:bookings_booking_changelist", query={"flight": flight.pk})
        return format_html('<a href="{}">Bookings of this flight</a>', address)
