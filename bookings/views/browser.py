"""Who is asking: a random number in a signed cookie, made up at the first map or booking."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from bookings.views.rights import right_to

COOKIE = "browser"
SALT = "bookings.browser"
# Browsers keep no cookie longer than this.
MAX_AGE_SECONDS = 400 * 24 * 3600


def identified[R: HttpResponseBase](view: Callable[..., R]) -> Callable[..., R]:
    """Give the view its `browser_id`, and the browser a cookie to come back with.

    Where this browser has a right to the booking that the view is about, it is that of its maker.
    """

    @wraps(view)
    def run(request: HttpRequest, *args: object, **kwargs: object) -> R:
        known = known_browser_id(request)
        browser_id = known or uuid4()
        booking_id = kwargs.get("booking_id")
        right = right_to(request, booking_id) if isinstance(booking_id, UUID) else None
        acting = right.maker if right else browser_id
        response = view(request, *args, browser_id=acting, **kwargs)
        if known is None:
            _remember(response, browser_id)
        return response

    return run


def known_browser_id(request: HttpRequest) -> UUID | None:
    """The customer this browser was before; None if new, or if the cookie is not ours."""
    value = request.get_signed_cookie(COOKIE, default=None, salt=SALT)
    try:
        return UUID(value) if value else None
    except ValueError:
        return None


def _remember(response: HttpResponseBase, browser_id: UUID) -> None:
    response.set_signed_cookie(
        COOKIE,
        browser_id.hex,
        salt=SALT,
        max_age=MAX_AGE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
