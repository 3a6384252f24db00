"""Moving a booking to another flight: the flights of its route, then the saga."""

from collections.abc import Sequence
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone

from bookings import saga
from bookings.admin.formats import label, money
from bookings.admin.forms import ReasonForm
from bookings.admin.permissions import RESEAT
from bookings.admin.staff_action import StaffAction
from bookings.models import Booking
from bookings.saga.disruption_transitions import MOVED_TO_FLIGHT
from bookings.saga.other_flights import Offer, offers
from flights.admin.pages import ModelPages, require


class FlightForm(ReasonForm):
    """The flight instead of the present one, and the version that it was chosen on."""

    flight_id = forms.TypedChoiceField(
        coerce=int,
        error_messages={
            "required": "Choose a flight first.",
            "invalid_choice": "That flight has no room for them any more.",
        },
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def offer(self, offered: Sequence[Offer]) -> None:
        """Say which flights there are to choose from."""
        field = self.fields["flight_id"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(each.flight.pk, each.flight) for each in offered if each.seats]


def may_move(user: User | AnonymousUser, booking: Booking) -> bool:
    """Whether the page should offer it; the saga decides when it is done."""
    movable = booking.state in MOVED_TO_FLIGHT.source
    return movable and booking.flight.departure > timezone.now() and bool(user.has_perm(RESEAT))


def move(page: ModelPages[Booking], request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """The view: the flights on GET, the move on POST."""
    require(request, RESEAT)
    related = Booking.objects.select_related("flight__layout")
    booking = get_object_or_404(related, pk=booking_id)
    to_the_booking = HttpResponseRedirect(page.url("change", booking_id))
    if not may_move(request.user, booking):
        messages.error(request, "As the booking stands, it cannot be moved to another flight.")
        return to_the_booking
    offered = offers(booking)
    form = FlightForm(request.POST if request.method == "POST" else None)
    form.offer(offered)
    if form.is_valid() and _moved(page, request, booking, form):
        return to_the_booking
    context = {
        "booking": booking,
        "label": label(booking),
        "price": money(booking.total_cents, booking.currency),
        "form": form,
        "offered": offered,
        "chosen": form["flight_id"].value(),
        "back": page.url("change", booking_id),
    }
    title = f"Move {label(booking)} to another flight"
    return page.render(request, "admin/bookings/booking/to_flight.html", title, context)


def _moved(
    page: ModelPages[Booking], request: HttpRequest, booking: Booking, form: FlightForm
) -> bool:
    """Do it; or say why not."""

    def became(now: Booking) -> str:
        return f"{booking.flight} became {now.flight}, seats {', '.join(now.seats)}"

    action = StaffAction(page, request, "Move to another flight", label)
    chosen = form.cleaned_data
    done = action.run(booking, saga.move_to_flight, booking_id=booking.pk, tell=became, **chosen)
    action.report()
    return done is not None
