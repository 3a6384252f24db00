"""The web server's entry point: pages by Django in threads, streams by the event loop.

ASGI and not granian's own interface (RSGI), which costs the same: there a stream takes any
amount of what its browser does not read, and the server's memory with it.
"""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import reverse

from flightbooking.processes import CONNECTIONS

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flightbooking.settings")

# Requests that Django answers at the same time, each with a database connection.
THREADS = 8
# How many bytes a body may have, and how many seconds it may take. Django's own limit, which
# answers in words, is a little lower; whoever may see the schedule's page uploads files there.
BODY = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 2**16, 15
UPLOAD = 32 * 2**20, 120
# The web server takes no more connections than that; some must be left for pages.
MOST_STREAMS = CONNECTIONS - 500

django = get_wsgi_application()

from bookings.live.hub import Hub  # noqa: E402 - models, so after Django is set up
from bookings.live.viewer import Message, Receive, Send  # noqa: E402
from flightbooking.crowds import Crowd, Crowded, allow_files, watch  # noqa: E402
from flightbooking.early import refuse  # noqa: E402
from flightbooking.page_threads import PageThreads  # noqa: E402
from flights.admin.schedule import SCHEDULE  # noqa: E402
from flights.client_address import behind_proxies  # noqa: E402

type Answer = Callable[[dict[str, Any], bytes, Send], Awaitable[None]]

UPLOAD_PATH = reverse(SCHEDULE)
# Whoever watches as much as one may can still open a page.
STREAMS_PER_ADDRESS = settings.CONNECTIONS_PER_ADDRESS * 4 // 5
crowd = Crowd()
pages = PageThreads(django, threads=THREADS)
hub = Hub()
FLIGHT = re.compile(r"/live/flights/(\d{1,18})/")
BOOKING = re.compile(r"/live/bookings/([0-9a-f-]{36})/")


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """`/live/…` is a stream, everything else a page."""
    if scope["type"] == "lifespan":
        await _live_and_end(receive, send)
        return
    is_stream, address = scope["path"].startswith("/live/"), _client_address(scope)
    most = STREAMS_PER_ADDRESS if is_stream else settings.CONNECTIONS_PER_ADDRESS
    try:
        with crowd.one_more(address, most=most):
            if is_stream:
                await _stream(scope, receive, send)
            else:
                await _page(scope, receive, send, partial(pages.answer, address=address))
    except Crowded:
        await refuse(scope, send, 429)


def _client_address(scope: dict[str, Any]) -> str:
    forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    peer = scope["client"][0] if scope["client"] else ""
    return behind_proxies(b",".join(forwarded).decode("latin-1"), peer)


async def _page(scope: dict[str, Any], receive: Receive, send: Send, answer: Answer) -> None:
    """Read the whole body before a thread is taken: who sends slowly keeps only himself waiting."""
    limits, has_body = BODY, _has_body(scope)
    if has_body and scope["path"] == UPLOAD_PATH:
        if not await _is_shown(scope, send, answer):
            return
        limits = UPLOAD
    try:
        body = await _body(receive, *limits) if has_body else b""
    except TimeoutError:
        await refuse(scope, send, 408)
    except OverflowError:
        await refuse(scope, send, 413)
    except EOFError:  # Gone, or what comes is no body: then there is somebody to tell.
        await refuse(scope, send, 400)
    else:
        await answer(scope, body, send)


async def _is_shown(scope: dict[str, Any], send: Send, answer: Answer) -> bool:
    """Ask for the page without the body: who may not see it has his answer, and is not read."""
    told: list[Message] = []

    async def keep(message: Message) -> None:
        told.append(message)

    await answer({**scope, "method": "HEAD"}, b"", keep)
    if told[0]["status"] == 200:
        return True
    for message in told:
        await send(message)
    return False


async def _body(receive: Receive, most_bytes: int, seconds: float) -> bytes:
    """Raises TimeoutError, OverflowError (too long), EOFError (there is no more)."""
    body = bytearray()
    async with asyncio.timeout(seconds):
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise EOFError
            body += message.get("body", b"")
            if len(body) > most_bytes:
                raise OverflowError
            if not message.get("more_body"):
                return bytes(body)


def _has_body(scope: dict[str, Any]) -> bool:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return bool(value != b"0")
        if name == b"transfer-encoding":
            return True
    return False


async def _live_and_end(receive: Receive, send: Send) -> None:
    await receive()
    listening = asyncio.create_task(hub.listen())
    allow_files(CONNECTIONS + 1000)
    if not settings.TRUSTED_PROXIES:  # Theirs are the only connections, for everybody.
        watch(settings.CONNECTIONS_PER_ADDRESS)
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
        await refuse(scope, send, 404)
    elif hub.open >= MOST_STREAMS:
        await refuse(scope, send, 503)
    else:
        flight_id = int(flight.group(1)) if flight else None
        await hub.stream(receive, send, flight_id=flight_id, booking_id=booking_id)


def _booking_id(text: str) -> str | None:
    try:
        return str(UUID(text))
    except ValueError:
        return None
