"""The bookings' pages: find one, read what happened to it, act through the saga."""

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from bookings.admin.bookings import (
    other_flight,
    passengers,
    refunds,
    reseat,
    saved_searches,
    search,
)
from bookings.admin.bookings.history import history_of
from bookings.admin.bookings.operations import OperatedBookings
from bookings.admin.formats import clock, duration, label, money
from bookings.admin.read_only import ReadOnlyPages
from bookings.fares import terms_of
from bookings.invariants import overdue_after_seconds
from bookings.models import OPEN, Booking, Change, PaymentStatus
from bookings.models.passengers import everybody
from flights import known_fares


@admin.register(Booking)
class BookingAdmin(OperatedBookings, ReadOnlyPages[Booking]):
    list_display = (
        "label", "status", "due", "flight_link", "seats_chosen", "name", "price", "created",
    )  # fmt: skip
    list_filter = (search.FlightFilter, search.AttentionFilter, search.StateFilter)
    # Sorting a million bookings by anything else would take the time of reading them all.
    ordering = ("-created_at",)
    sortable_by = ("created",)
    search_fields = ("record_locator",)
    search_help_text = search.HELP
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
                    ("fare_sold", "conditions"),
                    ("created", "hold_limit", "due"),
                    ("attempts", "last_error"),
                    "seat_changes",
                    ("failures", "version"),
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Booking]:
        return Booking.objects.select_related("flight__origin")

    def get_urls(self) -> list[URLPattern]:
        save, forget = partial(saved_searches.save, self), partial(saved_searches.forget, self)
        return [
            self.page("<uuid:booking_id>/move/", "move", partial(reseat.move, self)),
            self.page(
                "<uuid:booking_id>/to-flight/", "to_flight", partial(other_flight.move, self)
            ),
            self.page(
                "<uuid:booking_id>/passengers/", "passengers", partial(passengers.correct, self)
            ),
            self.page("retry-refunds/", "retry_refunds", partial(refunds.retry_all, self)),
            self.page("searches/", "save_search", save),
            self.page("searches/<int:search_id>/forget/", "forget_search", forget),
            *super().get_urls(),
        ]

    def list_context(self, request: HttpRequest) -> dict[str, object]:
        return {
            "saved_searches": saved_searches.of_operator(request),
            "search_to_save": saved_searches.kept(request.GET),
        }

    def change_context(self, request: HttpRequest, obj: Booking) -> dict[str, object]:
        history = history_of(obj)
        return {
            **vars(history),
            "possible": self.possible(request, obj, history.under_way),
            "may_move": reseat.may_move(request.user, obj),
            "may_move_to_flight": other_flight.may_move(request.user, obj),
            "may_correct": passengers.may_correct(request.user, obj),
            "travelling": [
                (seat, one)
                for seat, passenger in zip(obj.seats, obj.passengers, strict=False)
                for one in everybody([passenger])
            ],
        }

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Booking], search_term: str
    ) -> tuple[QuerySet[Booking], bool]:
        # Of a list no join: that would be made for the whole table before it is sorted.
        queryset = queryset.select_related(None).prefetch_related("flight")
        if search_term.strip():
            queryset = search.found(queryset, search_term)
        return queryset, False

    @admin.display(description="booking")
    def label(self, booking: Booking) -> str:
        return self.label_of(booking)

    @admin.display(description="state")
    def status(self, booking: Booking) -> str:
        """The payment's too, where it does not follow from the state."""
        state = booking.get_state_display()
        if booking.change_of_id:
            state = f"Change: {state}"
        if booking.payment_status in (PaymentStatus.NONE, PaymentStatus.CHARGED):
            return state
        return f"{state}, {booking.get_payment_status_display()}"

    @admin.display(description="changes of seats")
    def seat_changes(self, booking: Booking) -> str:
        """Of a change, the booking that is to have its seats; of any other its changes."""
        if booking.change_of:
            words = f"These seats are for {label(booking.change_of)}"
            return format_html('<a href="{}">{}</a>', _page_of(booking.change_of), words)
        changes = Change.objects.select_related("booking").filter(booking__change_of=booking)
        lines = (
            (_page_of(each.booking), f"{each}: {each.booking.get_state_display()}")
            for each in changes.order_by("booking__created_at")
        )
        return format_html_join(mark_safe("<br>"), '<a href="{}">{}</a>', lines) or "-"

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

    @admin.display(description="fare")
    def fare_sold(self, booking: Booking) -> str:
        return str(known_fares.get(booking.fare_id))

    @admin.display(description="conditions, as sold")
    def conditions(self, booking: Booking) -> str:
        return terms_of(booking, booking.flight).words

    @admin.display(description="created", ordering="created_at")
    def created(self, booking: Booking) -> str:
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


def _page_of(booking: Booking) -> str:
    return reverse("admin:bookings_booking_change", args=[booking.pk])
