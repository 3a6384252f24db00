"""Whoever sends a request slowly, or for ever, keeps nobody else waiting."""

import asyncio
import socket
from contextlib import ExitStack
from urllib.request import urlopen

import pytest

from bookings.live.viewer import Message
from flightbooking import asgi
from tests.running import Processes

pytestmark = pytest.mark.django_db(transaction=True)

UNFINISHED = (
    b"POST /api/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n{"
)
IN_CHUNKS = (
    b"POST /api/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)


def begin_to_send(web: Processes, length: int) -> socket.socket:
    sender = socket.create_connection(("127.0.0.1", web.port), timeout=5)
    sender.sendall(UNFINISHED % length)
    return sender


def test_more_unfinished_requests_than_threads_keep_no_page_waiting(web: Processes) -> None:
    with ExitStack() as senders:
        for _ in range(asgi.THREADS + 2):
            senders.enter_context(begin_to_send(web, 1000))
        with urlopen(f"{web.url}/health", timeout=5) as answer:
            assert answer.read() == b"OK"


def test_a_body_that_is_too_long_is_refused_while_it_comes(web: Processes) -> None:
    with begin_to_send(web, 10**9) as sender:
        # With the first byte, one more than there may be.
        sender.sendall(b" " * asgi.BODY[0])
        assert b" 413 " in sender.recv(200)


def test_a_body_that_comes_in_chunks_is_read_and_the_connection_kept(web: Processes) -> None:
    chunks = b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
    with socket.create_connection(("127.0.0.1", web.port), timeout=5) as sender:
        for _ in range(2):
            sender.sendall(IN_CHUNKS + chunks)
            assert b"flightId" in sender.recv(4096)


def test_a_body_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "BODY", (100, 0.05))
    said = []

    async def never() -> Message:
        await asyncio.sleep(60)
        return {}

    async def say(message: Message) -> None:
        said.append(message)

    scope = {"type": "http", "path": "/api/orders", "headers": [(b"content-length", b"5")]}
    asyncio.run(asgi.application(scope, never, say))
    assert said[0]["status"] == 408


def test_streams_leave_room_for_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi.hub, "open", asgi.MOST_STREAMS)
    said = []

    async def say(message: Message) -> None:
        said.append(message)

    async def never() -> Message:
        raise AssertionError("nothing is read")

    scope = {"type": "http", "path": "/live/flights/1/", "method": "GET", "query_string": b""}
    asyncio.run(asgi.application(scope, never, say))
    assert said[0]["status"] == 503
