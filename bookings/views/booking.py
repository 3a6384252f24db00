"""One booking, from the hold to its end: paying, progress, result, and trying again."""

from contextlib import suppress
from functools import cache
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.context_processors import csrf
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from bookings import saga
from bookings.errors import (
    BookingChanged,
    BookingError,
    InvalidPassengers,
    NotYours,
    OpenBookingExists,
    SeatTaken,
)
from bookings.fares import still_sold
from bookings.models import Booking, State
from bookings.models.passengers import are_complete
from bookings.views import rights, who_travels
from bookings.views.browser import identified
from bookings.views.drawn_once import Drawing, draw, hole
from bookings.views.forms import PaymentForm
from bookings.views.held_seats import links_swapped, note_booking
from bookings.views.journey import journey_of, to_page
from bookings.views.passenger_forms import PassengersForm, said_of
from bookings.views.refusals import guarded
from bookings.views.shown_booking import Shown, payment_words, shown_booking
from flights.htmx import HtmxRequest

# What the address says when who travels is to be changed.
EDIT = "passengers"


@require_safe
@guarded
@identified
def booking(request: HtmxRequest, booking_id: UUID, *, browser_id: UUID | None) -> HttpResponse:
    """The booking as it stands."""
    return _page(request, _shown(request, booking_id, browser_id))


@require_safe
@guarded
@identified
def progress(request: HtmxRequest, booking_id: UUID, *, browser_id: UUID | None) -> HttpResponse:
    """The booking again: 204 while it is at the version that the page has seen."""
    shown = _shown(request, booking_id, browser_id)
    if request.GET.get("seen") == str(shown.booking.version):
        return HttpResponse(status=204)
    return HttpResponse(_booking(request, shown))


@require_POST
@guarded
@identified
def pay(request: HtmxRequest, booking_id: UUID, *, browser_id: UUID | None) -> HttpResponse:
    """Start the payment. What is filled in wrongly is refused before anything is spent."""
    form = PaymentForm(request.POST)
    refused: BookingError | None = None
    if form.is_valid():
        try:
            saga.start_payment(booking_id=booking_id, browser_id=browser_id, **form.cleaned_data)
        except BookingError as error:
            refused = error
    shown = _own(request, booking_id, browser_id)
    shown.form = form
    return _answer(request, shown, refused, is_valid=form.is_valid())


@require_POST
@guarded
@identified
def passengers(request: HtmxRequest, booking_id: UUID, *, browser_id: UUID | None) -> HttpResponse:
    """Name who travels, all of them or nobody; what is wrong is said beside its field."""
    seen = _own(request, booking_id, browser_id)
    form = PassengersForm(seen.booking, seen.flight, data=request.POST)
    who_travels.note(request, form.typed)
    refused: BookingError | None = None
    if form.is_valid:
        try:
            saga.name_passengers(
                booking_id=booking_id,
                said=form.said(),
                email=form.email,
                version=form.version,
                browser_id=browser_id,
            )
        except InvalidPassengers as error:
            form.blame(error)
        except BookingError as error:
            refused = error
    is_valid = form.is_valid and not form.problems
    shown = _own(request, booking_id, browser_id)
    if refused or not is_valid:
        shown.asked = form
    return _answer(request, shown, refused, is_valid=is_valid)


@require_POST
@guarded
@identified
def fare(request: HtmxRequest, booking_id: UUID, *, browser_id: UUID | None) -> HttpResponse:
    """Sell the held seats at another fare."""
    refused: BookingError | None = None
    code = request.POST.get("fare", "")
    try:
        saga.choose_fare(booking_id=booking_id, fare=code, browser_id=browser_id)
    except BookingError as error:
        refused = error
    shown = _own(request, booking_id, browser_id)
    shown.said = "" if refused else f"{shown.terms.fare}, {shown.terms.cost.price}."
    return _answer(request, shown, refused, is_valid=True)


def _answer(
    request: HtmxRequest, shown: Shown, refused: BookingError | None, *, is_valid: bool
) -> HttpResponse:
    """The booking after a form: the page again where the form or the saga refuses."""
    if refused and refused.status == 404:
        raise refused
    shown.refusal = refused.message if refused else ""
    status = refused.status if refused else 200 if is_valid else 400
    if request.htmx:
        return HttpResponse(_booking(request, shown), status=status)
    if status == 200:
        return to_page(request, "booking", shown.booking.pk)
    return _page(request, shown, status=status)


@require_POST
@guarded
@identified
def cancel(request: HtmxRequest, booking_id: UUID, *, browser_id: UUID | None) -> HttpResponse:
    """Give the hold up."""
    saga.cancel(booking_id=booking_id, browser_id=browser_id)
    return to_page(request, "booking", booking_id)


def _shown(request: HtmxRequest, booking_id: UUID, browser_id: UUID | None) -> Shown:
    shown = shown_booking(booking_id, browser_id)
    note_booking(request, shown.flight, shown.booking, is_own=shown.is_own)
    if shown.is_own:
        is_missing = shown.is_hold and not are_complete(shown.booking.passengers)
        if is_missing or (shown.may_rename and EDIT in request.GET):
            draft = who_travels.known(request)
            shown.asked = PassengersForm(shown.booking, shown.flight, draft=draft)
        if shown.booking.state == State.CONFIRMED:
            who_travels.note(request, {})
    return shown


def _own(request: HtmxRequest, booking_id: UUID, browser_id: UUID | None) -> Shown:
    """The same where something is to be done. Raises NotYours."""
    shown = _shown(request, booking_id, browser_id)
    if not shown.is_own:
        raise NotYours
    return shown


@require_POST
@guarded
@identified
def again(request: HtmxRequest, booking_id: UUID, *, browser_id: UUID | None) -> HttpResponse:
    """Hold an ended booking's seats again; those that others have now are named on the map."""
    old = saga.find_booking(booking_id)
    if not old.is_of(browser_id):
        raise NotYours
    gone: list[str] = []
    fare = still_sold(old)
    while seats := [seat for seat in old.seats if seat not in gone]:
        try:
            held = saga.hold_seats(
                flight_id=old.flight_id, seats=seats, fare=fare, browser_id=browser_id
            )
        except SeatTaken as error:
            gone += error.seats
        except OpenBookingExists:
            return to_page(request, "seat_map", old.flight_id)
        else:
            if gone:
                break
            _name_again(old, held, browser_id)
            if rights.right_to(request, booking_id):
                rights.give(request, held)
            return to_page(request, "booking", held.id)
    query = urlencode({**dict(journey_of(request).said), "gone": ",".join(gone)})
    return redirect(f"{reverse('seat_map', args=[old.flight_id])}?{query}")


def _name_again(old: Booking, held: Booking, browser_id: UUID | None) -> None:
    """The same people in the same seats; whom the form has to ask for again, it asks for."""
    if are_complete(old.passengers):
        with suppress(InvalidPassengers, BookingChanged):
            saga.name_passengers(
                booking_id=held.pk, said=said_of(old), email=old.email, browser_id=browser_id
            )


def _page(request: HtmxRequest, shown: Shown, *, status: int = 200) -> HttpResponse:
    contents = {
        "number": shown.flight.number.encode(),
        "content": _booking(request, shown).encode(),
    }
    return HttpResponse(_around(is_paying=shown.is_paying).filled(request, contents), status=status)


@cache
def _around(*, is_paying: bool) -> Drawing:
    """The page around a booking."""
    flight, shown = {"number": hole("number")}, {"is_paying": is_paying}
    context = {"flight": flight, "shown": shown, "content": hole("content")}
    return draw("booking.html", context)


def _booking(request: HtmxRequest, shown: Shown) -> str:
    drawn = render_to_string("booking.html#booking", {**csrf(request), **_context(request, shown)})
    # The head of the page stands already, and may still lead to what is paid by now.
    return drawn + links_swapped(request) if request.htmx else drawn


def _context(request: HtmxRequest, shown: Shown) -> dict[str, object]:
    journey = journey_of(request)
    return {
        "shown": shown,
        "query": journey.query,
        "results": journey.results(shown.flight),
        "booking": shown.booking,
        "flight": shown.flight,
        "pay_address": reverse("pay", args=[shown.booking.pk]),
        **payment_words(),
    }
