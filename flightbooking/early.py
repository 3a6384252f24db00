"""What the web server refuses before Django is asked: JSON to programs, a sentence to others."""

from typing import Any

from bookings.api.errors import PREFIX, answer
from bookings.live.viewer import Send

# By HTTP status: the API's code, and what to say.
REFUSALS = {
    404: ("NOT_FOUND", "There is nothing at this address."),
    408: ("REQUEST_TIMEOUT", "The request took too long to arrive. Please try again."),
    413: ("CONTENT_TOO_LARGE", "That is more than may be sent here."),
    429: ("TOO_MANY_REQUESTS", "Too much is open from your address. Please close some of it."),
    503: ("UNAVAILABLE", "Too many look on at the moment. Please try again in a while."),
}


# What is asked of whoever is one too many: to come back then.
RETRY_AFTER_SECONDS = 10


async def refuse(scope: dict[str, Any], send: Send, status: int) -> None:
    """The connection ends with it: kept open, it would take the place of somebody else's."""
    code, words = REFUSALS[status]
    body, kind = f"{words}\n".encode(), b"text/plain; charset=utf-8"
    if scope["path"].startswith(PREFIX):
        body, kind = answer(status, code, words).content, b"application/json"
    headers = [(b"content-type", kind), (b"x-content-type-options", b"nosniff")]
    headers.append((b"connection", b"close"))
    if status in (429, 503):
        headers.append((b"retry-after", str(RETRY_AFTER_SECONDS).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
