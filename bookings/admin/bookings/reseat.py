"""Putting a booking's party into other seats: a form of what is free, then the saga."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from bookings import saga
from bookings.admin.acting import (
    PAGE,
    ReasonForm,
    Refused,
    SeatsField,
    said_plainly,
)
from bookings.admin.formats import label, money
from bookings.errors import BookingNotFound
from bookings.models import Booking, State
from bookings.seats.seat_map import free_seats
from flights.admin.signature import signature
from flights.cabin.seats import Cabin, Seat

PERMISSION = "bookings.move_seats"


class MoveForm(ReasonForm):
    """The seats instead of the present ones, and the version they were chosen on."""

    seats = SeatsField(
        error_messages={
            "required": "Choose seats first.",
            "invalid_choice": "Seat %(value)s is not free any more.",
        }
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, offered: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The seats come first.
        self.fields["reason"].widget.attrs.pop("autofocus")
        self.fields["seats"].choices = [(seat, seat) for seat in offered]  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Offer:
    """One seat to choose on the form."""

    seat: Seat
    is_own: bool
    is_chosen: bool


def may_move(user: User | AnonymousUser, booking: Booking) -> bool:
    """Whether the page should offer it; the saga decides when it is done."""
    movable = booking.state in (State.SEATS_RESERVED, State.CONFIRMED)
    return movable and booking.flight.departure > timezone.now() and bool(user.has_perm(PERMISSION))


def move(page: Any, request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """The view: offers on GET, moves on POST."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    try:
        booking = saga.find_booking(booking_id)
    except BookingNotFound as error:
        raise Http404 from error
    to_the_booking = HttpResponseRedirect(reverse(PAGE, args=[booking_id]))
    if not may_move(request.user, booking):
        messages.error(request, "As the booking stands, it cannot be moved.")
        return to_the_booking
    offered = free_seats(booking.flight) | set(booking.seats)
    form = _form(request, booking, sorted(offered))
    if form.is_bound and form.is_valid() and _moved(page, request, booking, form.cleaned_data):
        return to_the_booking
    return _asking(page, request, booking, offered, form)


def _form(request: HttpRequest, booking: Booking, offered: list[str]) -> MoveForm:
    if request.method == "POST":
        return MoveForm(request.POST, offered=offered)
    initial = {"version": booking.version, "seats": booking.seats}
    return MoveForm(initial=initial, offered=offered)


def _moved(page: Any, request: HttpRequest, booking: Booking, chosen: dict[str, Any]) -> bool:
    """Do it; or say why not."""
    try:
        with said_plainly():
            now = saga.reseat(booking_id=booking.pk, by=signature(request), **chosen)
    except Refused as refusal:
        messages.error(request, f"Move: refused for {label(booking)}. {refusal}")
        return False
    became = f"{', '.join(booking.seats)} became {', '.join(now.seats)}"
    page.log_change(request, booking, f"Move: {became}: {chosen['reason']}")
    messages.success(request, f"Move: done for {label(booking)}. {became}.")
    return True


def _asking(
    page: Any, request: HttpRequest, booking: Booking, offered: set[str], form: MoveForm
) -> TemplateResponse:
    chosen = set(form["seats"].value() or ())
    context = {
        **page.admin_site.each_context(request),
        "title": f"Move {label(booking)} to other seats",
        "opts": page.opts,
        "media": page.media,
        "booking": booking,
        "label": label(booking),
        "price": money(booking.total_cents, booking.currency),
        "form": form,
        # What is shown is how it stands now, and that is what is decided on.
        "version": booking.version,
        "cabins": _cabins(booking, offered, chosen),
        "back": reverse(PAGE, args=[booking.pk]),
    }
    return TemplateResponse(request, "admin/bookings/booking/move.html", context)


def _cabins(
    booking: Booking, offered: set[str], chosen: set[str]
) -> list[tuple[Cabin, list[tuple[int, list[Offer]]]]]:
    """Each cabin's rows that have a seat to offer, front to back."""
    cabins = []
    for cabin, rows in booking.flight.layout.parsed.cabin_rows():
        lines = [
            (
                row.number,
                [
                    Offer(seat, seat.id in booking.seats, seat.id in chosen)
                    for seat in row.seats
                    if seat.id in offered
                ],
            )
            for row in rows
        ]
        cabins.append((cabin, [line for line in lines if line[1]]))
    return [(cabin, lines) for cabin, lines in cabins if lines]
