"""Putting a booking's party into other seats: a form of what is free, then the saga."""

from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser, User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone

from bookings import saga
from bookings.admin.formats import label, money
from bookings.admin.forms import SeatsField, SeatsForm
from bookings.admin.permissions import RESEAT
from bookings.admin.staff_action import StaffAction
from bookings.errors import BookingNotFound
from bookings.models import Booking
from bookings.saga.staff_transitions import RESEATED
from bookings.seats.seat_map import free_seats
from flights.admin.pages import ModelPages, require
from flights.cabin.seats import Cabin, Seat


class MoveForm(SeatsForm):
    """The seats instead of the present ones, and the version they were chosen on."""

    seats = SeatsField(
        error_messages={
            "required": "Choose seats first.",
            "invalid_choice": "Seat %(value)s is not free any more.",
        }
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


@dataclass(frozen=True)
class Offer:
    """One seat to choose on the form."""

    seat: Seat
    is_own: bool
    is_chosen: bool


def may_move(user: User | AnonymousUser, booking: Booking) -> bool:
    """Whether the page should offer it; the saga decides when it is done."""
    movable = booking.state in RESEATED.source
    return movable and booking.flight.departure > timezone.now() and bool(user.has_perm(RESEAT))


def move(page: ModelPages[Booking], request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """The view: offers on GET, moves on POST."""
    require(request, RESEAT)
    try:
        booking = saga.find_booking(booking_id)
    except BookingNotFound as error:
        raise Http404 from error
    to_the_booking = HttpResponseRedirect(page.url("change", booking_id))
    if not may_move(request.user, booking):
        messages.error(request, "As the booking stands, it cannot be moved.")
        return to_the_booking
    offered = free_seats(booking.flight) | set(booking.seats)
    form = _form(request, booking, sorted(offered))
    if form.is_valid() and _moved(page, request, booking, form):
        return to_the_booking
    return _asking(page, request, booking, offered, form)


def _form(request: HttpRequest, booking: Booking, offered: list[str]) -> MoveForm:
    initial = {"version": booking.version, "seats": booking.seats}
    form = MoveForm(request.POST if request.method == "POST" else None, initial=initial)
    form.offer(offered)
    # The seats come first.
    form.fields["reason"].widget.attrs.pop("autofocus")
    return form


def _moved(
    page: ModelPages[Booking], request: HttpRequest, booking: Booking, form: MoveForm
) -> bool:
    """Do it; or say why not."""

    def became(now: Booking) -> str:
        return f"{', '.join(booking.seats)} became {', '.join(now.seats)}"

    action = StaffAction(page, request, "Move", label)
    chosen = form.cleaned_data
    done = action.run(booking, saga.reseat, booking_id=booking.pk, tell=became, **chosen)
    action.report()
    return done is not None


def _asking(
    page: ModelPages[Booking],
    request: HttpRequest,
    booking: Booking,
    offered: set[str],
    form: MoveForm,
) -> TemplateResponse:
    chosen = set(form["seats"].value() or ())
    context = {
        "booking": booking,
        "label": label(booking),
        "price": money(booking.total_cents, booking.currency),
        "form": form,
        # What is shown is how it stands now, and that is what is decided on.
        "version": booking.version,
        "cabins": _cabins(booking, offered, chosen),
        "back": page.url("change", booking.pk),
    }
    title = f"Move {label(booking)} to other seats"
    return page.render(request, "admin/bookings/booking/move.html", title, context)


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
