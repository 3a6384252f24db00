"""The seat map: a flight's cabin, and this customer's hold on it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings import saga
from bookings.errors import BookingError, FlightNotFound, HoldExpired, SeatTaken
from bookings.models import Booking
from bookings.views.browser import identified
from bookings.views.cabin_drawing import cabin_html
from bookings.views.forms import MapQuery, SeatForm, SeatsForm
from bookings.views.panel import Panel, panel_of, panel_showing
from bookings.views.refusals import guarded
from bookings.views.seat_choice import set_seat, set_seats
from flights import known_flights
from flights.htmx import HtmxRequest
from flights.models import Flight


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@guarded
@identified
def seat_map(request: HtmxRequest, flight_id: int, *, browser_id: UUID) -> HttpResponse:
    """GET: the map. POST: the whole form, from a browser without scripts."""
    flight = flight_of(flight_id)
    if request.method == "POST":
        return _choose(request, flight, browser_id)
    asked = MapQuery(request.GET).said()
    panel = panel_of(flight, browser_id)
    panel.party = asked["party"]
    known = flight.layout.parsed.seats
    if gone := [seat for seat in asked["gone"] if seat in known and seat in panel.others]:
        panel.gone(gone)
    return page_of(request, panel)


@require_POST
@never_cache
@guarded
@identified
def seat(request: HtmxRequest, flight_id: int, *, browser_id: UUID) -> HttpResponse:
    """Hold one seat, or give it back."""
    flight = flight_of(flight_id)
    form = SeatForm(request.POST)
    if not form.is_valid():
        raise BookingError
    name, wanted = form.cleaned_data["seat"], form.cleaned_data["wanted"]
    before = saga.open_booking(flight_id=flight.id, browser_id=browser_id)
    try:
        after = set_seat(
            before, flight_id=flight.id, browser_id=browser_id, seat=name, wanted=wanted
        )
    except BookingError as error:
        panel = refused(flight, browser_id, error, before)
    else:
        panel = panel_showing(flight, browser_id, after)
        panel.said = f"Seat {name} is {'held for you' if wanted else 'given back'}."
    return answer(request, panel)


@require_safe
@never_cache
@guarded
@identified
def panel(request: HtmxRequest, flight_id: int, *, browser_id: UUID) -> HttpResponse:
    """The summary again: when the clock reaches zero, or the page is looked at again."""
    shown = panel_of(flight_of(flight_id), browser_id)
    booking_id = MapQuery(request.GET).said()["booking"]
    if booking_id and not shown.booking and not shown.notice:
        mine = Booking.objects.filter(pk=booking_id, flight_id=flight_id, browser_id=browser_id)
        shown.say_how_it_ended(mine.first())
    return render(request, "seat_map.html#panel", {"panel": shown, "swapped": True})


def _choose(request: HtmxRequest, flight: Flight, browser_id: UUID) -> HttpResponse:
    form = SeatsForm(request.POST)
    if not form.is_valid():
        raise BookingError
    before = saga.open_booking(flight_id=flight.id, browser_id=browser_id)
    try:
        after, gone = set_seats(flight_id=flight.id, browser_id=browser_id, **form.cleaned_data)
    except BookingError as error:
        return page_of(request, refused(flight, browser_id, error, before))
    if gone:
        panel = panel_showing(flight, browser_id, after)
        panel.refuse(SeatTaken(gone))
        return page_of(request, panel)
    return redirect("seat_map", flight.id)


def refused(flight: Flight, browser_id: UUID, error: BookingError, before: Booking | None) -> Panel:
    """The panel as it stands, and why the change was refused; `before` is the hold it was for."""
    panel = panel_of(flight, browser_id)
    panel.refuse(error)
    if isinstance(error, HoldExpired) and before:
        panel.say_how_it_ended(Booking.objects.get(pk=before.pk))
    return panel


def answer(request: HtmxRequest, panel: Panel) -> HttpResponse:
    """The summary for htmx; for a plain form the whole page, which a reload must not post again."""
    if request.htmx:
        context = {"panel": panel, "swapped": True}
        return render(request, "seat_map.html#panel", context, status=panel.status)
    if panel.notice or panel.proposal:
        return page_of(request, panel)
    return redirect("seat_map", panel.flight.id)


def page_of(request: HtmxRequest, panel: Panel) -> HttpResponse:
    """The whole page around a panel."""
    proposed = panel.proposal.seats if panel.proposal else ()
    cabin = cabin_html(panel.flight, panel.owned, frozen=panel.frozen, proposed=proposed)
    return render(request, "seat_map.html", {"panel": panel, "cabin": cabin}, status=panel.status)


def flight_of(flight_id: int) -> Flight:
    """The flight with all that is shown of it. Raises FlightNotFound."""
    related = Flight.objects.select_related("layout", "origin", "destination")
    flight = related.filter(pk=flight_id).first()
    if flight is None:
        raise FlightNotFound
    known_flights.remember(flight)
    return flight
