"""The flights' pages with what only bookings know: who sits where, and what may be done."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, reverse
from django.utils.html import format_html

from bookings.admin.flights import acting
from bookings.admin.flights.occupancy import booking_of, flight_history, occupants, seat_history
from bookings.admin.flights.operations import BLOCK_PERMISSION, OPERATIONS, PERMISSION
from bookings.admin.formats import label
from bookings.admin.reports import views as reports
from bookings.saga.flight_cancellation import progress
from bookings.seats.load import Load, load_of
from bookings.views.cabin_drawing import occupancy_html
from flights import history
from flights.admin.flights import FlightAdmin
from flights.admin.signature import signature
from flights.models import Flight

SEE_BOOKINGS = "bookings.view_booking"


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
    actions = [acting.choice(operation) for operation in OPERATIONS.values()]
    change_form_template = "admin/flights/flight/change_form.html"

    class Media:
        css = {"all": ("bookings/admin.css",)}

    def get_urls(self) -> list[URLPattern]:
        unblock = partial(acting.block, self, wanted=False)
        return [
            self.page("act/<slug:name>/", "act", partial(acting.act, self)),
            self.page("<int:flight_id>/swap/", "swap", partial(acting.swap, self)),
            self.page("<int:flight_id>/block/", "block", partial(acting.block, self, wanted=True)),
            self.page("<int:flight_id>/unblock/", "unblock", unblock),
            self.page("<int:flight_id>/now/", "now", self.now),
            self.page("<int:flight_id>/seat/", "seat", self.seat),
            self.page("<int:flight_id>/manifest.<slug:kind>", "manifest", reports.flights_manifest),
            self.page("day/", "day", partial(reports.day, self)),
            self.page("day.<slug:kind>", "day_file", reports.day_file),
            *super().get_urls(),
        ]

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(PERMISSION))

    def has_delete_permission(self, request: HttpRequest, obj: Flight | None = None) -> bool:
        """Flights are cancelled: who booked one must find it for ever."""
        return False

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        number, *others = super().get_list_display(request)
        return [number, "load", *others]

    def get_list_select_related(self, request: HttpRequest) -> list[str]:
        return [*self.list_select_related, "layout"]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"may_report": request.user.has_perm(reports.PERMISSION)}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LoadedChangeList

    def get_fields(self, request: HttpRequest, obj: Flight | None = None) -> list[Any]:
        fields = list(super().get_fields(request, obj))
        return [*fields, "cancelled_at", "bookings"] if obj else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Flight | None = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), "cancelled_at", "bookings"]

    def save_model(self, request: HttpRequest, obj: Flight, form: Any, change: bool) -> None:
        """Write what was edited and nothing else, which others may have changed meanwhile."""
        if not change:
            super().save_model(request, obj, form, change)
        flight, now = history.lock_flight(obj.pk)
        edited = {name: form.cleaned_data[name] for name in form.changed_data} if change else {}
        name, by = "edited" if change else "created", signature(request)
        if edited:
            history.change(flight, name, at=now, by=by, **edited)
        elif not change:
            history.record(flight, name, at=now, by=by, changes={})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if flight := context.get("original"):
            seats = occupants(flight, named=self._may_see_bookings(request))
            context |= self._now(request, flight, seats)
            context["cabin"] = occupancy_html(flight, seats)
        return super().render_change_form(request, context, *args, **kwargs)

    def now(self, request: HttpRequest, flight_id: int) -> HttpResponse:
        """What changes while one looks: the seats, the load, what may be done, the history."""
        flight = self._visible(request, flight_id)
        seats = occupants(flight, named=self._may_see_bookings(request))
        context = self._now(request, flight, seats)
        return render(request, "admin/flights/flight/change_form.html#now", context)

    def seat(self, request: HttpRequest, flight_id: int) -> HttpResponse:
        """One seat's history."""
        flight = self._visible(request, flight_id)
        if not self._may_see_bookings(request):
            raise PermissionDenied
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
    ) -> dict[str, Any]:
        load = load_of([flight]).get(flight.pk, Load())
        operate = self.has_operate_permission(request)
        return {
            "flight": flight,
            "load_now": load,
            "free": flight.layout.total_seats - sum(load),
            "seats": seats,
            "possible": [
                each for each in OPERATIONS.values() if operate and each.foretell(flight, load)
            ],
            "may_swap": operate and not flight.cancelled_at,
            "may_report": request.user.has_perm(reports.PERMISSION),
            "may_block": request.user.has_perm(BLOCK_PERMISSION),
            "cancellation": progress(flight.pk) if flight.cancelled_at else None,
            "story": flight_history(flight),
        }

    def _visible(self, request: HttpRequest, flight_id: int) -> Flight:
        related = Flight.objects.select_related("layout", "origin", "destination")
        flight = related.filter(pk=flight_id).first()
        if flight is None:
            raise Http404
        if not self.has_view_permission(request, flight):
            raise PermissionDenied
        return flight

    def _may_see_bookings(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(SEE_BOOKINGS))

    @admin.display(description="sold + held")
    def load(self, flight: Flight) -> str:
        load = getattr(flight, "load_now", None) or load_of([flight]).get(flight.pk, Load())
        blocked = f" ({load.blocked} blocked)" if load.blocked else ""
        return f"{load.sold} + {load.held} of {flight.layout.total_seats}{blocked}"

    @admin.display(description="bookings")
    def bookings(self, flight: Flight) -> str:
        address = reverse("admin:bookings_booking_changelist", query={"flight": flight.pk})
        return format_html('<a href="{}">Bookings of this flight</a>', address)
