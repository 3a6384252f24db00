"""Finding a flight."""

import datetime as dt
import re
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from bookings.views.forms import SearchForm, most_seats
from bookings.views.journey import Journey, journey
from bookings.views.offers import DAYS, ORDERS, days_of, first_day, in_order, offers_of
from bookings.views.refusals import guarded
from flights.htmx import HtmxRequest
from flights.models import Flight
from flights.search import (
    NO_SUCH_PAGE,
    InvalidSearch,
    flights_of_days,
    search_flights,
    suggest_airports,
)

PAGE = 12


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
    searched = journey({**route, **{name: asked[name] for name in ("date", "party", "sort")}})
    found = _on_a_day(asked, searched) or _one_after_the_other(asked, route, searched)
    if not found["offers"] and not asked["after"]:
        words, flights = _nearby(route, asked["date"])
        found |= {"instead_words": words, "instead": offers_of(flights, searched)}
    found["searched"] = bool(route or asked["date"])
    return found | {"asked": asked, "journey": searched}


def _on_a_day(asked: dict[str, Any], searched: Journey) -> dict[str, Any] | None:
    """The flights of a route on a day, in the order that was asked for, and the days around it."""
    origin, destination, date = asked["origin"], asked["destination"], asked["date"]
    if not (origin and destination and date):
        return None
    first = first_day(date, origin)
    flights = flights_of_days(origin=origin, destination=destination, first=first, days=DAYS)
    if flights is None:
        return None
    days = days_of(offers_of(flights, searched), first, date, searched)
    [of_day] = (day.offers for day in days if day.is_asked)
    begin = _read_position(asked["after"])
    offers = in_order(of_day, searched)[begin : begin + PAGE]
    more = len(of_day) > begin + PAGE
    orders = [
        (word, searched.but(sort=sort), sort == searched.sort) for sort, (word, _) in ORDERS.items()
    ]
    return {
        "offers": offers,
        "days": days,
        "orders": orders if len(of_day) > 1 else [],
        "more": urlencode([*searched.said, ("after", begin + PAGE)]) if more else "",
    }


def _read_position(after: str) -> int:
    """How many offers were shown before."""
    if after and not re.fullmatch("[0-9]{1,5}", after):
        raise InvalidSearch(NO_SUCH_PAGE)
    return int(after or 0)


def _one_after_the_other(
    asked: dict[str, Any], route: dict[str, Any], searched: Journey
) -> dict[str, Any]:
    page = search_flights(**route, date=asked["date"], after=asked["after"] or None, limit=PAGE)
    more = [*searched.said, ("after", page.next_cursor)] if page.next_cursor else []
    return {"offers": offers_of(page.flights, searched), "more": urlencode(more)}


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
