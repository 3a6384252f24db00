"""Who travels, as somebody typed it, wrong or right: known again when seats are held anew.

A hold that is over when the form is sent ends its booking; the next one begins empty. So what was
typed is kept by the browser that sent it, in a cookie that only its pages of bookings get, no
longer than a hold, and until a booking is confirmed. Nobody else is shown it.
"""

from collections.abc import Mapping

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

COOKIE, PATH = "who_travels", "/bookings/"
# Browsers keep no longer one. A party whose names are that long types them again.
MOST = 3_800


def note(request: HttpRequest, said: Mapping[str, str]) -> None:
    """This was typed, by field; nothing: forget it."""
    request.who_travels = dict(said)  # type: ignore[attr-defined]


def known(request: HttpRequest) -> dict[str, str]:
    """What this browser sent last, by field."""
    value = request.COOKIES.get(COOKIE, "")
    try:
        said: dict[str, str] = signing.loads(
            value, salt=COOKIE, max_age=settings.HOLD_LIMIT_SECONDS
        )
    except signing.BadSignature:
        return {}
    return said


def kept[R: HttpResponseBase](request: HttpRequest, response: R) -> R:
    """The answer, with what was noted of the request."""
    noted: dict[str, str] | None = getattr(request, "who_travels", None)
    if noted:
        life, secure = settings.HOLD_LIMIT_SECONDS, settings.SESSION_COOKIE_SECURE
        value = signing.dumps(noted, salt=COOKIE, compress=True)
        if len(value) <= MOST:
            response.set_cookie(
                COOKIE, value, life, path=PATH, secure=secure, httponly=True, samesite="Lax"
            )
    elif noted is not None and COOKIE in request.COOKIES:
        response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
    return response
