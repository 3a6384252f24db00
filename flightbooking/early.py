"""What the web server refuses before Django is asked: JSON to programs, a page to people."""

from functools import cache
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.csp import build_policy

from bookings.api.errors import PREFIX, answer
from bookings.live.viewer import Send
from flightbooking.caching import NOT_STORED

# By HTTP status: the API's code, and what to say.
REFUSALS = {
    400: ("INVALID_REQUEST", "The request could not be understood."),
    404: ("NOT_FOUND", "There is nothing at this address."),
    408: ("REQUEST_TIMEOUT", "The request took too long to arrive. Please try again."),
    413: ("CONTENT_TOO_LARGE", "That is more than may be sent here."),
    429: ("TOO_MANY_REQUESTS", "Too much is open from your address. Please close some of it."),
    503: ("UNAVAILABLE", "Too many look on at the moment. Please try again in a while."),
}
# Pages with a look of their own.
TEMPLATES = {404: "404.html", 503: "503.html"}
# What is asked of whoever is one too many: to come back then.
RETRY_AFTER_SECONDS = 10
# As Django's middleware has them. The connection ends: kept open, it would take the place of
# somebody else's.
HEADERS = {
    "cache-control": NOT_STORED,
    "connection": "close",
    "content-security-policy": build_policy(settings.SECURE_CSP),
    "referrer-policy": settings.SECURE_REFERRER_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": settings.X_FRAME_OPTIONS,
}


async def refuse(scope: dict[str, Any], send: Send, status: int) -> None:
    """Answer this, in the asker's own form, and end the connection."""
    kind, body = _said(scope["path"].startswith(PREFIX), status)
    headers = {**HEADERS, "content-type": kind, "content-length": str(len(body))}
    if status in (429, 503):
        headers["retry-after"] = str(RETRY_AFTER_SECONDS)
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


@cache
def _said(to_program: bool, status: int) -> tuple[str, bytes]:
    """The content type, and the words."""
    code, words = REFUSALS[status]
    if to_program:
        return "application/json", answer(status, code, words).content
    page = render_to_string(TEMPLATES.get(status, "refused.html"), {"message": words})
    return "text/html; charset=utf-8", page.encode()
