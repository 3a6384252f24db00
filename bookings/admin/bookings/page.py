"""The bookings' pages: find one, read what happened to it, act through the saga."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin import ActionLocation
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from bookings.admin import acting
from bookings.admin.bookings import reseat, saved_searches, search
from bookings.admin.bookings.history import story
from bookings.admin.bookings.operations import OPERATIONS
from bookings.admin.formats import clock, duration, money
from bookings.admin.formats import label as label_of
from bookings.admin.read_only import ReadOnlyAdmin
from bookings.invariants import overdue_after_seconds
from bookings.models import OPEN, Booking, PaymentStatus


@admin.register(Booking)
class BookingAdmin(ReadOnlyAdmin):
    list_display = (
        "label", "standing", "due", "flight_link", "seats_chosen", "name", "price", "born",
    )  # fmt: skip
    list_filter = (search.FlightFilter, search.AttentionFilter, search.StateFilter)
    # Sorting a million bookings by anything else would take the time of reading them all.
    ordering = ("-created_at",)
    sortable_by = ("born",)
    search_fields = ("record_locator",)
    search_help_text = search.HELP
    actions = [acting.choice(operation) for operation in OPERATIONS.values()]
    # Neither the customer's id nor the payment code is shown to anybody.
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("id", "record_locator"),
                    ("name", "email"),
                    ("flight_link", "seats_chosen"),
                    ("state", "payment_status", "price"),
                    ("born", "hold_limit", "due"),
                    ("attempts", "last_error"),
                    ("failures", "version"),
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Booking]:
        # Not a join: that would be made for the whole table before it is sorted.
        return Booking.objects.prefetch_related("flight")

    def get_urls(self) -> list[URLPattern]:
        return [
            self._path("act/<slug:name>/", acting.act, "act"),
            self._path("<uuid:booking_id>/move/", reseat.move, "move"),
            self._path("searches/", saved_searches.save, "save_search"),
            self._path("searches/<int:search_id>/forget/", saved_searches.forget, "forget_search"),
            *super().get_urls(),
        ]

    def _path(self, route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        guarded = self.admin_site.admin_view(partial(view, self))
        return path(route, guarded, name=f"bookings_booking_{name}")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            "saved_searches": saved_searches.of_operator(request),
            "search_to_save": saved_searches.kept(request.GET),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def get_actions(
        self, request: HttpRequest, action_location: Any = ActionLocation.CHANGE_LIST
    ) -> dict[str, Any]:
        """What this operator may do."""
        return {
            name: action
            for name, action in super().get_actions(request, action_location).items()
            if name not in OPERATIONS or OPERATIONS[name].allowed(request.user)
        }

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Booking], search_term: str
    ) -> tuple[QuerySet[Booking], bool]:
        if search_term.strip():
            queryset = search.found(queryset, search_term)
        return queryset, False

    @admin.display(description="booking")
    def label(self, booking: Booking) -> str:
        return label_of(booking)

    @admin.display(description="state")
    def standing(self, booking: Booking) -> str:
        """The money too, where it does not follow from the state."""
        if booking.payment_status in (PaymentStatus.NONE, PaymentStatus.CHARGED):
            return booking.get_state_display()
        return f"{booking.get_state_display()}, {booking.get_payment_status_display()}"

    @admin.display(description="flight")
    def flight_link(self, booking: Booking) -> str:
        address = reverse("admin:flights_flight_change", args=[booking.flight_id])
        return format_html('<a href="{}">{}</a>', address, booking.flight)

    @admin.display(description="seats")
    def seats_chosen(self, booking: Booking) -> str:
        return ", ".join(booking.seats)

    @admin.display(description="price")
    def price(self, booking: Booking) -> str:
        return money(booking.total_cents, booking.currency)

    @admin.display(description="created", ordering="created_at")
    def born(self, booking: Booking) -> str:
        return clock(booking.created_at)

    @admin.display(description="next step")
    def due(self, booking: Booking) -> str:
        if booking.due_at is None:
            return "-"
        seconds = round((booking.due_at - timezone.now()).total_seconds())
        when = f"in {duration(seconds)}" if seconds >= 0 else f"due for {duration(-seconds)}"
        failed = f", errors: {booking.failures}" if booking.failures else ""
        urgent = failed or seconds < -overdue_after_seconds()
        return format_html(
            '<span class="{}" title="{}">{}{}</span>',
            "urgent" if urgent else "due",
            clock(booking.due_at),
            when,
            failed,
        )

    @admin.display(description="held until at most")
    def hold_limit(self, booking: Booking) -> str:
        if booking.state not in OPEN:
            return "-"
        return clock(booking.created_at + timedelta(seconds=settings.HOLD_LIMIT_SECONDS))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        booking = context["original"]
        context.update(story(booking))
        context["possible"] = [
            operation
            for operation in OPERATIONS.values()
            if operation.allowed(request.user) and operation.foretell(booking, context["trying"])
        ]
        context["may_move"] = reseat.may_move(request.user, booking)
        return super().render_change_form(request, context, *args, **kwargs)
