"""The seat map: a flight's cabin, and this customer's hold on it."""

from dataclasses import replace
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.context_processors import csrf
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings.errors import BookingError, HoldExpired, SeatTaken
from bookings.models import Booking
from bookings.seats.seat_map import look
from bookings.views.browser import identified
from bookings.views.cabin_drawing import cabin_html, legend_of_prices
from bookings.views.drawn_once import Drawing, Kept, Same, draw, hole
from bookings.views.forms import MapQuery, SeatForm, SeatsForm
from bookings.views.held_seats import links_swapped, note
from bookings.views.journey import Journey, journey_of
from bookings.views.panel import Panel, panel_of
from bookings.views.refusals import guarded
from bookings.views.seat_choice import set_seat, set_seats
from flights.htmx import HtmxRequest

# The page around the cabin and the panel, for each flight as it is now.
_pages: Kept[Drawing] = Kept(256)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded
@identified
def seat_map(request: HtmxRequest, flight_id: int, *, browser_id: UUID) -> HttpResponse:
    """GET: the map. POST: the whole form, from a browser without scripts."""
    if request.method == "POST":
        return _choose(request, flight_id, browser_id)
    asked = MapQuery(request.GET).said()
    panel = panel_of(flight_id, browser_id)
    known = panel.flight.layout.parsed.seats
    if gone := [seat for seat in asked["gone"] if seat in known and seat in panel.others]:
        panel.gone(gone)
    return page_of(request, panel)


@require_POST
@guarded
@identified
def seat(request: HtmxRequest, flight_id: int, *, browser_id: UUID) -> HttpResponse:
    """Hold one seat, or give it back."""
    before = look(flight_id, browser_id).booking
    form = SeatForm(request.POST)
    if not form.is_valid():
        raise BookingError
    name, wanted = form.cleaned_data["seat"], form.cleaned_data["wanted"]
    try:
        set_seat(before, flight_id=flight_id, browser_id=browser_id, seat=name, wanted=wanted)
    except BookingError as error:
        panel = refused(flight_id, browser_id, error, before)
    else:
        panel = panel_of(flight_id, browser_id)
        panel.said = f"Seat {name} is {'held for you' if wanted else 'given back'}."
    return answer(request, panel)


@require_safe
@guarded
@identified
def panel(request: HtmxRequest, flight_id: int, *, browser_id: UUID) -> HttpResponse:
    """The summary again: when the clock reaches zero, or the page is looked at again."""
    shown = panel_of(flight_id, browser_id)
    booking_id = MapQuery(request.GET).said()["booking"]
    if booking_id and not shown.booking and not shown.notice:
        mine = Booking.objects.filter(pk=booking_id, flight_id=flight_id, browser_id=browser_id)
        shown.say_how_it_ended(mine.first())
    return answer(request, shown)


def _choose(request: HtmxRequest, flight_id: int, browser_id: UUID) -> HttpResponse:
    before = look(flight_id, browser_id).booking
    form = SeatsForm(request.POST)
    if not form.is_valid():
        raise BookingError
    try:
        _, gone = set_seats(flight_id=flight_id, browser_id=browser_id, **form.cleaned_data)
    except BookingError as error:
        return page_of(request, refused(flight_id, browser_id, error, before))
    if gone:
        panel = panel_of(flight_id, browser_id)
        panel.refuse(SeatTaken(gone))
        return page_of(request, panel)
    return to_map(request, flight_id)


def to_map(request: HtmxRequest, flight_id: int) -> HttpResponse:
    """To the flight's map, which still knows what was searched for."""
    return redirect(reverse("seat_map", args=[flight_id]) + journey_of(request).query)


def refused(flight_id: int, browser_id: UUID, error: BookingError, before: Booking | None) -> Panel:
    """The panel as it stands, and why the change was refused; `before` is the hold it was for."""
    panel = panel_of(flight_id, browser_id)
    panel.refuse(error)
    if isinstance(error, HoldExpired) and before:
        panel.say_how_it_ended(Booking.objects.get(pk=before.pk))
    return panel


def answer(request: HtmxRequest, panel: Panel) -> HttpResponse:
    """The summary for htmx; for a plain form the whole page, which a reload must not post again."""
    if request.htmx:
        _know(request, panel)
        return HttpResponse(_summary(request, panel, swapped=True), status=panel.status)
    if panel.notice or panel.proposal:
        return page_of(request, panel)
    return to_map(request, panel.flight.id)


def _know(request: HtmxRequest, panel: Panel) -> None:
    """What of the panel is the browser's: the search that led here, and the hold."""
    panel.journey = panel.journey if panel.journey.said else journey_of(request)
    note(request, panel.flight, panel.booking)


def page_of(request: HtmxRequest, panel: Panel) -> HttpResponse:
    """The whole page around a panel."""
    _know(request, panel)
    journey = panel.journey
    contents = {
        "query": escape(journey.query).encode(),
        "results": escape(journey.results(panel.flight)).encode(),
        "fields": journey.fields.encode(),
        **{f"from:{name}": words.encode() for name, words in panel.cabin_words.items()},
        "version": str(panel.version).encode(),
        "cabin": cabin_html(panel),
        "summary": b"" if panel.is_plain else _summary(request, panel).encode(),
    }
    return HttpResponse(_page(panel).filled(request, contents), status=panel.status)


def _page(panel: Panel) -> Drawing:
    """The page around them, of which nothing is this customer's own."""
    look = replace(panel.look, booking=None, prices={})
    nobodys = Panel(look, Journey().but(party=panel.party), asked=panel.asked)
    context = {
        "panel": nobodys,
        "frozen": panel.frozen,
        "bands": legend_of_prices(panel.flight),
        "cabins": [(cabin, hole(f"from:{cabin.name}")) for cabin in panel.cabins],
        "summary": "" if panel.is_plain else hole("summary"),
        **{name: hole(name) for name in ("version", "cabin", "query", "results", "fields")},
    }
    if panel.asked:
        return draw("seat_map.html", context)
    key = Same(panel.flight), panel.frozen, panel.party, panel.is_plain
    return _pages.get(key, lambda: draw("seat_map.html", context))


def _summary(request: HtmxRequest, panel: Panel, *, swapped: bool = False) -> str:
    context = {**csrf(request), "panel": panel, "swapped": swapped}
    context["held"] = links_swapped(request)
    return render_to_string("seat_map.html#panel", context)
