"""The way back to the held seats, on every page of the browser that holds them.

It is kept in a cookie, so that no page asks the database for it: whoever shows a hold, or what
became of it, notes it. At the latest it is forgotten when the hold's time is over.
"""

import re
import time
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from bookings.models import OPEN, Booking
from bookings.views.journey import journey_in, journey_of
from flights.htmx import HtmxRequest
from flights.models import Flight

COOKIE = "held"
# flight id, flight number, booking id, when its time is over in seconds since 1970, the search
ENTRY = re.compile(
    r"([0-9]{1,19})\.([A-Z0-9]{3,8})\.([0-9a-f]{32})\.([0-9]{10})\.([A-Z0-9~-]{0,24})"
)
# Cookies have 4 kB together.
MOST = 8


class Held(NamedTuple):
    """One hold, as the cookie tells of it."""

    flight_id: str
    number: str
    booking: str
    due: str
    search: str


def note(request: HtmxRequest, flight: Flight, booking: Booking | None) -> None:
    """This is the browser's open booking on the flight now; None: it has none."""
    known = {held.flight_id: held for held in _held(request)}
    before = known.pop(str(flight.pk), None)
    if booking and booking.seats and booking.due_at and booking.state in OPEN:
        due = str(int(booking.due_at.timestamp()))
        now = journey_of(request)
        search = before.search if before and not now.said else now.word
        known[str(flight.pk)] = Held(str(flight.pk), flight.number, booking.pk.hex, due, search)
    request.held = list(known.values())[-MOST:]  # type: ignore[attr-defined]


def note_booking(request: HtmxRequest, flight: Flight, booking: Booking, *, is_own: bool) -> None:
    """The same by a booking's own page, which others may look at too."""
    is_known = booking.pk.hex in {held.booking for held in _held(request)}
    if is_known or (is_own and booking.state in OPEN):
        note(request, flight, booking)


def kept[R: HttpResponseBase](request: HttpRequest, response: R) -> R:
    """The answer, with what was noted of the request."""
    value = "_".join(".".join(held) for held in _held(request))
    if value == request.COOKIES.get(COOKIE, ""):
        return response
    if value:
        life, secure = settings.HOLD_LIMIT_SECONDS, settings.SESSION_COOKIE_SECURE
        response.set_cookie(
            COOKIE, value, max_age=life, secure=secure, httponly=True, samesite="Lax"
        )
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response


def links(request: HttpRequest) -> SafeString:
    """For the head of a page: nothing, or a link for each hold."""
    found = _held(request)
    if len(found) == 1:
        return format_html('<a href="{}">Your held seats</a>', _address(found[0]))
    link = '<a href="{}">Your held seats on {}</a>'
    return format_html_join("", link, ((_address(held), held.number) for held in found))


def links_swapped(request: HttpRequest) -> SafeString:
    """The same for a page that stands already, beside what htmx swaps into it."""
    return format_html('<span id="held" hx-swap-oob="true">{}</span>', links(request))


def in_templates(request: HttpRequest) -> dict[str, object]:
    """Context processor: `held`, asked only by a template that shows it."""
    return {"held": lambda: links(request)}


def _address(held: Held) -> str:
    return reverse("booking", args=[UUID(held.booking)]) + journey_in(held.search).query


def _held(request: HttpRequest) -> list[Held]:
    noted: list[Held] | None = getattr(request, "held", None)
    if noted is not None:
        return noted
    matches = map(ENTRY.fullmatch, request.COOKIES.get(COOKIE, "").split("_")[:MOST])
    held = [Held(*match.groups()) for match in matches if match]
    return [one for one in held if int(one.due) > time.time()]
