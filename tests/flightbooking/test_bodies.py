"""Whoever sends a request slowly, or for ever, keeps nobody else waiting."""

import asyncio
import json
import re
import socket
from contextlib import ExitStack
from urllib.request import Request, urlopen

import pytest
from django.test import Client

from bookings.live.viewer import Message
from flightbooking import asgi
from tests.bookings.admin.staff import a_supervisor, staff_with
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


def upload(web: Processes, session: str, path: str = "/admin/flights/flight/schedule/") -> bytes:
    """What is answered to a file of 30 MiB before a byte of it is sent."""
    with socket.create_connection(("127.0.0.1", web.port), timeout=5) as sender:
        sender.sendall(
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid={session}\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\n"
            f"Content-Length: {30 * 2**20}\r\n\r\n".encode()
        )
        sender.settimeout(1)
        try:
            return sender.recv(4096)
        except TimeoutError:
            return b""


def session_of(client: Client) -> str:
    return client.cookies["sessionid"].value


def test_who_may_not_upload_is_told_so_before_a_byte_is_read(web: Processes) -> None:
    assert b"302" in upload(web, "")
    assert b"location: /admin/login/?next=" in upload(web, "made-up")
    assert b"403" in upload(web, session_of(staff_with("view_flight", name="vera")))
    assert upload(web, session_of(a_supervisor())) == b""


def test_elsewhere_in_the_admin_a_body_is_no_longer_than_on_any_page(web: Processes) -> None:
    for path in ("/admin/login/", "/admin/flights/flight/add/", "/admin/flights/flight/schedule"):
        with socket.create_connection(("127.0.0.1", web.port), timeout=5) as sender:
            length = asgi.BODY[0] + 1
            head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\n"
            sender.sendall(head.encode() + b" " * length)
            assert b" 413 " in sender.recv(200)


def test_a_schedule_of_many_megabytes_still_arrives(web: Processes) -> None:
    olga = a_supervisor()
    page = Request(
        f"{web.url}/admin/flights/flight/schedule/",
        headers={"Cookie": f"sessionid={session_of(olga)}"},
    )
    with urlopen(page, timeout=10) as answer:
        token = re.search(rb'csrfmiddlewaretoken" value="(\w+)"', answer.read())
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
    assert token
    parts = (
        b'--x\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n%s\r\n'
        b'--x\r\nContent-Disposition: form-data; name="do"\r\n\r\nimport\r\n'
        b'--x\r\nContent-Disposition: form-data; name="import-file"; filename="a.csv"\r\n\r\n'
        b"%s\r\n--x--\r\n"
    ) % (token[1], b"number,origin\n" * 400_000)
    page.data = parts
    page.add_header("Content-Type", "multipart/form-data; boundary=x")
    page.add_header("Cookie", f"sessionid={session_of(olga)}; {cookie}")
    with urlopen(page, timeout=30) as answer:
        assert b"Import of a.csv" in answer.read()


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/api/orders", b"application/json"), ("/booking/x/", b"text/html; charset=utf-8")],
)
def test_what_is_refused_early_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, path: str, kind: bytes
) -> None:
    monkeypatch.setattr(asgi, "BODY", (100, 0.05))
    for answer, words in ((b"x" * 101, b"more than may be sent"), (b"", b"took too long")):
        start, body = said_to(path, answer)
        assert dict(start["headers"])[b"content-type"] == kind
        assert words in body["body"]
        if path.startswith("/api"):
            assert json.loads(body["body"]).keys() == {"error", "message"}


def said_to(path: str, sent: bytes) -> list[Message]:
    """The answer to a body that says no end, or nothing for ever."""
    said: list[Message] = []

    async def receive() -> Message:
        if not sent:
            await asyncio.sleep(60)
        return {"type": "http.request", "body": sent, "more_body": True}

    async def say(message: Message) -> None:
        said.append(message)

    scope: dict[str, object] = {
        "type": "http",
        "path": path,
        "headers": [(b"content-length", b"5")],
    }
    scope["client"] = ("192.0.2.1", 5000)
    asyncio.run(asgi.application(scope, receive, say))
    return said


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

    scope: dict[str, object] = {
        "type": "http",
        "path": "/api/orders",
        "headers": [(b"content-length", b"5")],
    }
    scope["client"] = ("192.0.2.1", 5000)
    asyncio.run(asgi.application(scope, never, say))
    assert said[0]["status"] == 408


def test_streams_leave_room_for_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi.hub, "open", asgi.MOST_STREAMS)
    said = []

    async def say(message: Message) -> None:
        said.append(message)

    async def never() -> Message:
        raise AssertionError("nothing is read")

    scope: dict[str, object] = {
        "type": "http",
        "path": "/live/flights/1/",
        "method": "GET",
        "query_string": b"",
    }
    scope |= {"headers": [], "client": ("192.0.2.1", 5000)}
    asyncio.run(asgi.application(scope, never, say))
    assert said[0]["status"] == 503


UPGRADE = (
    b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@pytest.mark.parametrize("path", [b"/health", b"/live/flights/1/"])
def test_who_would_speak_websocket_has_the_page(web: Processes, path: bytes) -> None:
    with socket.create_connection(("127.0.0.1", web.port), timeout=5) as sender:
        sender.sendall(UPGRADE % path)
        assert b" 200 " in sender.recv(200)


@pytest.mark.parametrize("chunk", [b"ZZ\r\n", b"-1\r\n", b"5;" + b"a" * 30_000, b"1\r\nabc"])
def test_what_is_no_body_is_no_fault_of_ours(web: Processes, chunk: bytes) -> None:
    with socket.create_connection(("127.0.0.1", web.port), timeout=5) as sender:
        sender.sendall(IN_CHUNKS + chunk)
        answer = sender.recv(4096)
    assert b" 400 " in answer
    assert b"INVALID_REQUEST" in answer
