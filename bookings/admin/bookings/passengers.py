"""Who travels, corrected by staff: the customers' own form, then the saga."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone

from bookings import saga
from bookings.admin.formats import label
from bookings.admin.forms import ReasonForm
from bookings.admin.permissions import CORRECT_PASSENGERS
from bookings.admin.staff_action import StaffAction
from bookings.errors import InvalidPassengers
from bookings.models import Booking
from bookings.saga.naming import passengers_of
from bookings.saga.passenger_transitions import PASSENGERS_CORRECTED
from bookings.views.passenger_forms import PassengersForm
from flights.admin.pages import ModelPages, require


def may_correct(user: User | AnonymousUser, booking: Booking) -> bool:
    """Whether the page should offer it; the saga decides when it is done."""
    correctable = booking.state in PASSENGERS_CORRECTED.source
    leaves = booking.flight.departure > timezone.now()
    return correctable and leaves and bool(user.has_perm(CORRECT_PASSENGERS))


def correct(page: ModelPages[Booking], request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """The view: who travels on GET, the correction on POST."""
    require(request, CORRECT_PASSENGERS)
    related = Booking.objects.select_related("flight__layout")
    booking = get_object_or_404(related, pk=booking_id)
    to_the_booking = HttpResponseRedirect(page.url("change", booking_id))
    if not may_correct(request.user, booking):
        messages.error(request, "As the booking stands, nobody travels on it.")
        return to_the_booking
    data = request.POST if request.method == "POST" else None
    asked, form = PassengersForm(booking, booking.flight, data=data), ReasonForm(data)
    # Who travels comes first.
    form.fields["reason"].widget.attrs.pop("autofocus")
    if _are_valid(asked, form, booking) and _corrected(page, request, booking, asked, form):
        return to_the_booking
    context = {
        "booking": booking,
        "label": label(booking),
        "asked": asked,
        "form": form,
        "back": page.url("change", booking_id),
    }
    title = f"Who travels on {label(booking)}"
    return page.render(request, "admin/bookings/booking/passengers.html", title, context)


def _are_valid(asked: PassengersForm, form: ReasonForm, booking: Booking) -> bool:
    """Whatever is wrong is said beside its field."""
    if asked.is_valid:
        try:
            passengers_of(booking.seats, booking.flight, asked.said(), timezone.now().date())
        except InvalidPassengers as refused:
            asked.blame(refused)
    return form.is_valid() and asked.is_valid and not asked.problems


def _corrected(
    page: ModelPages[Booking],
    request: HttpRequest,
    booking: Booking,
    asked: PassengersForm,
    form: ReasonForm,
) -> bool:
    """Do it; or say why not. What is logged names nobody."""
    action = StaffAction(page, request, "Correct who travels", label)
    done = action.run(
        booking,
        saga.correct_passengers,
        booking_id=booking.pk,
        said=asked.said(),
        email=asked.email,
        version=asked.version,
        **form.cleaned_data,
    )
    action.report()
    return done is not None
