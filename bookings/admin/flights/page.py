"""The flights' pages with what only bookings know: who sits where, and what may be done."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, reverse
from django.utils.html import format_html

from bookings.admin.flights.aircraft import swap
from bookings.admin.flights.occupancy import booking_of, flight_history, occupants, seat_history
from bookings.admin.flights.operations import OperatedFlights
from bookings.admin.flights.seats import block, unblock
from bookings.admin.formats import label
from bookings.admin.permissions import BLOCK_SEATS, OPERATE_FLIGHTS, SEE_BOOKINGS
from bookings.admin.reports import views as reports
from bookings.models import Booking
from bookings.saga.disruptions import unanswered
from bookings.saga.flight_cancellation import progress
from bookings.seats.load import Load, load_of
from bookings.views.cabin_drawing import occupancy_html
from flights import history
from flights.admin.flights import FlightAdmin
from flights.admin.pages import require
from flights.admin.signature import signature
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
class FlightWithLoadAdmin(OperatedFlights, FlightAdmin):
    list_display = ("number", "load", *FlightAdmin.list_display[1:])
    change_form_template = "admin/flights/flight/change_form.html"

    class Media:
        css = {"all": ("bookings/admin.css",)}

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("<int:flight_id>/swap/", "swap", partial(swap, self)),
            self.page("<int:flight_id>/block/", "block", partial(block, self)),
            self.page("<int:flight_id>/unblock/", "unblock", partial(unblock, self)),
            self.page("<int:flight_id>/now/", "now", self.now),
            self.page("<int:flight_id>/seat/", "seat", self.seat),
            self.page("<int:flight_id>/manifest.<slug:kind>", "manifest", reports.flights_manifest),
            self.page("day/", "day", partial(reports.day, self)),
            self.page("day.<slug:kind>", "day_file", reports.day_file),
            *super().get_urls(),
        ]

    def has_delete_permission(self, request: HttpRequest, obj: Flight | None = None) -> bool:
        """Flights are cancelled: who booked one must find it for ever."""
        return False

    def get_list_select_related(self, request: HttpRequest) -> list[str]:
        return [*self.list_select_related, "layout"]

    def list_context(self, request: HttpRequest) -> dict[str, object]:
        may_report = request.user.has_perm(SEE_BOOKINGS)
        return {**super().list_context(request), "may_report": may_report}

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        return LoadedChangeList

    def get_fields(self, request: HttpRequest, obj: Flight | None = None) -> tuple[str, ...]:
        return (*self.fields, "cancelled_at", "bookings") if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Flight | None = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), "cancelled_at", "bookings"]

    def save_model(
        self, request: HttpRequest, obj: Flight, form: "forms.ModelForm[Flight]", change: bool
    ) -> None:
        """Write what was edited and nothing else, which others may have changed meanwhile."""
        if not change:
            super().save_model(request, obj, form, change)
        flight, now = history.lock_flight(obj.pk)
        fare: dict[str, Any] = {"base_fare_cents": obj.base_fare_cents, "currency": obj.currency}
        is_edited = change and flight.base_fare != obj.base_fare
        name, by = "edited" if change else "created", signature(request)
        if is_edited:
            history.change(flight, name, at=now, by=by, **fare)
        elif not change:
            history.record(flight, name, at=now, by=by, changes={})

    def change_context(self, request: HttpRequest, obj: Flight) -> dict[str, object]:
        seats = occupants(obj, named=request.user.has_perm(SEE_BOOKINGS))
        return {**self._now(request, obj, seats), "cabin": occupancy_html(obj, seats)}

    def now(self, request: HttpRequest, flight_id: int) -> HttpResponse:
        """What changes while one looks: the seats, the load, what may be done, the history."""
        flight = self._visible(request, flight_id)
        seats = occupants(flight, named=request.user.has_perm(SEE_BOOKINGS))
        context = self._now(request, flight, seats)
        return render(request, "admin/flights/flight/change_form.html#now", context)

    def seat(self, request: HttpRequest, flight_id: int) -> HttpResponse:
        """One seat's history."""
        flight = self._visible(request, flight_id)
        require(request, SEE_BOOKINGS)
        seat = flight.layout.parsed.seats.get(request.GET.get("seat", ""))
        if seat is None:
            raise Http404
        owner = booking_of(flight, seat.id)
        context = {
            "seat": seat,
            "lines": seat_history(flight, seat.id),
            "owner": owner,
            "owner_label": label(owner) if owner else "",
        }
        return render(request, "admin/flights/flight/seat.html", context)

    def _now(
        self, request: HttpRequest, flight: Flight, seats: dict[str, tuple[str, str]]
    ) -> dict[str, object]:
        load = load_of([flight]).get(flight.pk, Load())
        return {
            "flight": flight,
            "load_now": load,
            "free": flight.layout.total_seats - sum(load),
            "seats": seats,
            "possible": self.possible(request, flight, load),
            "may_swap": request.user.has_perm(OPERATE_FLIGHTS) and not flight.cancelled_at,
            "may_report": request.user.has_perm(SEE_BOOKINGS),
            "may_block": request.user.has_perm(BLOCK_SEATS),
            "cancellation": progress(flight.pk) if flight.cancelled_at else None,
            "unanswered": self._unanswered(request, flight),
            "history": flight_history(flight),
        }

    def _unanswered(self, request: HttpRequest, flight: Flight) -> list[tuple[Booking, str]]:
        """Whose customers have not said what becomes of them, each with a label."""
        is_asked = flight.disruptions and not flight.cancelled_at
        if not is_asked or not request.user.has_perm(SEE_BOOKINGS):
            return []
        return [(booking, label(booking)) for booking in unanswered(flight)]

    def _visible(self, request: HttpRequest, flight_id: int) -> Flight:
        related = Flight.objects.select_related("layout", "origin", "destination")
        flight = get_object_or_404(related, pk=flight_id)
        if not self.has_view_permission(request, flight):
            raise PermissionDenied
        return flight

    @admin.display(description="sold + held")
    def load(self, flight: Flight) -> str:
        load = getattr(flight, "load_now", None) or load_of([flight]).get(flight.pk, Load())
        blocked = f" ({load.blocked} blocked)" if load.blocked else ""
        return f"{load.sold} + {load.held} of {flight.layout.total_seats}{blocked}"

    @admin.display(description="bookings")
    def bookings(self, flight: Flight) -> str:
        address = reverse("admin:bookings_booking_changelist", query={"flight": flight.pk})
        return format_html('<a href="{}">Bookings of this flight</a>', address)
