"""Find a booking again: by its code and a passenger's family name, or by the link of a mail."""

from collections.abc import Iterator
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookings.errors import BookingError, NoSuchTrip, TooManyTries
from bookings.models import Booking
from bookings.models.passengers import everybody
from bookings.notifications.links import is_key
from bookings.views import rights
from bookings.views.refusals import guarded
from flights.client_address import client_address
from flights.folding import fold
from flights.plain import plain_code
from flights.tries import count_try

# Of one client, and of one code whoever asks for it, in so many seconds.
MOST_TRIES, STRETCH_SECONDS = 20, 600
LINK_ENDED = "This link has ended. Please find your booking by its code and a name."


class TripForm(forms.Form):
    """The booking code and a family name, as people write them."""

    locator = forms.CharField(
        max_length=40, error_messages={"required": "Please give the booking code, like X7K2PM."}
    )
    surname = forms.CharField(
        max_length=200,
        error_messages={"required": "Please give the family name of one who travels."},
    )

    def clean_locator(self) -> str:
        return plain_code(self.cleaned_data["locator"])


@guarded
def trip(request: HttpRequest) -> HttpResponse:
    """Ask for both, and lead to the booking that has them."""
    if request.method != "POST":
        return _asking(request, TripForm())
    form = TripForm(request.POST)
    if not form.is_valid():
        return _asking(request, form, status=400)
    try:
        booking = _found(request, **form.cleaned_data)
    except BookingError as error:
        return _asking(request, form, refused=error.message, status=error.status)
    rights.give(request, booking)
    return redirect("booking", booking.pk)


@require_safe
@guarded
def link(request: HttpRequest, booking_id: UUID, key: str) -> HttpResponse:
    """Whoever was written to, until the departure."""
    booking = Booking.objects.select_related("flight").filter(pk=booking_id).first()
    is_known = booking is not None and booking.email and is_key(booking, key)
    if booking is None or not is_known or booking.flight.departure <= timezone.now():
        return _asking(request, TripForm(), refused=LINK_ENDED, status=404)
    rights.give(request, booking)
    return redirect("booking", booking.pk)


def _found(request: HttpRequest, locator: str, surname: str) -> Booking:
    """The booking. A name that is wrong and a code that nobody has are answered alike, and take
    the same: one query, one comparison. Raises NoSuchTrip, TooManyTries."""
    for what, who in (("trip by client", client_address(request)), ("trip by code", locator)):
        if count_try(what, who, seconds=STRETCH_SECONDS) > MOST_TRIES:
            raise TooManyTries
    booking = Booking.objects.filter(record_locator=locator).first() or Booking()
    if squeezed(surname) not in set(_surnames(booking)) - {""}:
        raise NoSuchTrip
    return booking


def _surnames(booking: Booking) -> Iterator[str]:
    """By which it is found: of whoever travels, or of who booked where nobody is named."""
    names = [one.family or one.given for one in everybody(booking.passengers)]
    for name in names or [booking.name, booking.name.rpartition(" ")[2]]:
        yield squeezed(name)


def squeezed(name: str) -> str:
    """Without capitals, accents, spaces and hyphens."""
    return fold(name).replace(" ", "")


def _asking(
    request: HttpRequest, form: TripForm, *, refused: str = "", status: int = 200
) -> HttpResponse:
    response = render(request, "trip.html", {"form": form, "refused": refused}, status=status)
    if status == TooManyTries().status:
        response["Retry-After"] = str(STRETCH_SECONDS)
    return response
