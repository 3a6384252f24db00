"""The web server's entry point: pages by Django in threads, streams by the event loop.

A page goes through WSGI, which costs a fraction of a millisecond; through Django's own ASGI
handler it would cost two or three, and an open stream would hold a thread.
"""

import asyncio
import os
import re
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flightbooking.settings")

# Requests that Django answers at the same time, each with a database connection.
THREADS = 8

pages = WSGIMiddleware(get_wsgi_application(), workers=THREADS)  # type: ignore[arg-type]

from bookings.live import Hub, Message, Receive, Send  # noqa: E402 - models, so after Django is set up

hub = Hub()
FLIGHT = re.compile(r"/live/flights/(\d{1,18})/")
BOOKING = re.compile(r"/live/bookings/([0-9a-f-]{36})/")


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """`/live/…` is a stream, everything else a page."""
    if scope["type"] == "lifespan":
        await _live_and_end(receive, send)
    elif scope["path"].startswith("/live/"):
        await _stream(scope, receive, send)
    else:
        await pages(scope, _coroutine(receive), send)  # type: ignore[arg-type]


def _coroutine(receive: Receive) -> Receive:
    """The web server's `receive` returns a future, and a2wsgi wants a coroutine."""

    async def received() -> Message:
        return await receive()

    return received


async def _live_and_end(receive: Receive, send: Send) -> None:
    await receive()
    listening = asyncio.create_task(hub.listen())
    await send({"type": "lifespan.startup.complete"})
    await receive()
    listening.cancel()
    hub.close()
    await send({"type": "lifespan.shutdown.complete"})


async def _stream(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """`/live/flights/<id>/`, `…?booking=<id>` as well, or `/live/bookings/<id>/` alone."""
    flight, booking = FLIGHT.fullmatch(scope["path"]), BOOKING.fullmatch(scope["path"])
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("booking", [""])[0]
    booking_id = _booking_id(booking.group(1) if booking else asked)
    if scope["method"] != "GET" or not (flight or booking_id):
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body"})
        return
    flight_id = int(flight.group(1)) if flight else None
    await hub.stream(receive, send, flight_id=flight_id, booking_id=booking_id)


def _booking_id(text: str) -> str | None:
    try:
        return str(UUID(text))
    except ValueError:
        return None
