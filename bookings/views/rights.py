"""Rights to a booking in another browser than the one that made it, for a stated time.

Who showed that a booking is theirs, by the link of a mail or by its code and a passenger's name,
acts as the browser that made it. A signed cookie says so, so that no page asks the database.
"""

import time
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from bookings.models import Booking

COOKIE, PATH = "rights", "/bookings/"
# From when it was shown.
SECONDS = 3600
# Cookies have 4 kB together.
MOST = 8


class Right(NamedTuple):
    """To act as this browser, None: as the program, that made the booking."""

    maker: UUID | None


def give(request: HttpRequest, booking: Booking) -> None:
    """To whoever asks, from now on."""
    until = int(time.time()) + SECONDS
    maker = booking.browser_id.hex if booking.browser_id else ""
    others = [each for each in _given(request) if each[0] != booking.pk.hex]
    request.rights = [*others, [booking.pk.hex, maker, until]][-MOST:]  # type: ignore[attr-defined]


def right_to(request: HttpRequest, booking_id: UUID) -> Right | None:
    """None for whoever has shown nothing, or too long ago."""
    found = (maker for booking, maker, _ in _given(request) if booking == booking_id.hex)
    maker = next(found, None)
    return None if maker is None else Right(UUID(maker) if maker else None)


def kept[R: HttpResponseBase](request: HttpRequest, response: R) -> R:
    """The answer, with what was given to whoever asked."""
    given: list[list[Any]] | None = getattr(request, "rights", None)
    if given is not None:
        secure = settings.SESSION_COOKIE_SECURE
        value = signing.dumps(given, salt=COOKIE, compress=True)
        response.set_cookie(
            COOKIE, value, SECONDS, path=PATH, secure=secure, httponly=True, samesite="Lax"
        )
    return response


def _given(request: HttpRequest) -> list[list[Any]]:
    """Those that have not ended."""
    try:
        given = signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=SECONDS)
    except signing.BadSignature:
        return []
    return [each for each in given if each[2] > time.time()]
