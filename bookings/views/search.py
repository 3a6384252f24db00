"""Finding a flight."""

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from bookings.seats.cheapest import cheapest_free
from bookings.seats.seat_map import taken_seats
from bookings.views.forms import SearchForm, most_seats
from bookings.views.journey import Journey, journey
from bookings.views.refusals import guarded
from flights.htmx import HtmxRequest
from flights.models import Flight
from flights.search import InvalidSearch, search_flights, suggest_airports

# From here on a flight says how few seats are left.
FEW = 9
PAGE = 12


@dataclass(frozen=True)
class Offer:
    """One flight in the list."""

    flight: Flight
    taken: frozenset[str]
    journey: Journey

    @property
    def party(self) -> int:
        return self.journey.party

    @property
    def left(self) -> int:
        """How many seats can be had."""
        return self.flight.layout.total_seats - len(self.taken)

    @property
    def from_cents(self) -> int | None:
        """What the cheapest of them costs."""
        return min(cheapest_free(self.flight, self.taken).values(), default=None)

    @property
    def is_full(self) -> bool:
        return self.left < 1

    @property
    def too_few(self) -> bool:
        return 0 < self.left < self.party

    @property
    def few(self) -> bool:
        return self.left <= FEW


@require_safe
@guarded
def flights(request: HtmxRequest) -> HttpResponse:
    """The search and what it found; without a search, the next departures."""
    form = SearchForm(request.GET)
    context: dict[str, Any] = {"form": form, "today": timezone.now().date(), "most": most_seats()}
    if not form.is_valid():
        return render(request, "flights.html", context, status=400)
    asked = form.cleaned_data
    try:
        context |= _found(asked)
    except InvalidSearch as error:
        form.add_error(None, str(error))
        return render(request, "flights.html", context, status=400)
    part = "flights.html#results" if request.htmx else "flights.html"
    response = render(request, part, context)
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    return response


@require_safe
@guarded
def airports(request: HtmxRequest) -> HttpResponse:
    """Options for the type-ahead: what is typed is `origin` or `destination`."""
    field = "destination" if "destination" in request.GET else "origin"
    found = suggest_airports(request.GET.get(field, ""))
    return render(request, "flights.html#options", {"airports": found, "field": field})


def _found(asked: dict[str, Any]) -> dict[str, Any]:
    route = {end: asked[end].code for end in ("origin", "destination") if asked[end]}
    page = search_flights(**route, date=asked["date"], after=asked["after"] or None, limit=PAGE)
    searched = journey({**route, "date": asked["date"], "party": asked["party"]})
    found: dict[str, Any] = {
        "searched": bool(route or asked["date"]),
        "asked": asked,
        "offers": _offers(page.flights, searched),
    }
    if page.next_cursor:
        found["more"] = urlencode([*searched.said, ("after", page.next_cursor)])
    if not page.flights:
        words, flights = _nearby(route, asked["date"])
        found |= {"instead_words": words, "instead": _offers(flights, searched)}
    return found


def _offers(flights: list[Flight], searched: Journey) -> list[Offer]:
    taken = taken_seats(flights)
    return [Offer(flight, taken[flight.id], searched) for flight in flights]


def _nearby(route: dict[str, str], date: dt.date | None) -> tuple[str, list[Flight]]:
    """When nothing was found, what comes closest from that day on, and words for it."""
    origin, destination = route.get("origin"), route.get("destination")
    on_route = partial(search_flights, origin=origin, destination=destination, limit=4)
    if date and (found := on_route(since=date).flights):
        return "These are the next ones:", found
    if date and (found := on_route().flights):
        return "It is flown before:", found
    if origin and (found := search_flights(origin=origin, since=date, limit=4).flights):
        return "From there you could fly here:", found
    found = search_flights(since=date, limit=4).flights
    return ("These flights depart next:" if found else ""), found
