"""No answer is without words, and none without the headers that keep a browser safe."""

import asyncio
from typing import Any

import pytest
from django.test import Client

from bookings.live.viewer import Message, Viewer
from flightbooking import early
from tests.people import a_flight, a_hold

pytestmark = pytest.mark.django_db(transaction=True)

SAFE = {
    "cache-control": "no-store",
    "content-security-policy": "frame-ancestors 'none'",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
# A page's button, of which somebody kept the address; methods of no page; requests without sense.
ODD: list[tuple[str, str, dict[str, Any], int]] = [
    ("GET", "/flights/{flight}/seat/", {}, 405),
    ("GET", "/bookings/{booking}/pay/", {}, 405),
    *((method, "/", {}, 405) for method in ("PUT", "PATCH", "DELETE", "TRACE", "OPTIONS")),
    ("TRACE", "/admin/", {}, 405),
    ("DELETE", "/bookings/{booking}/", {}, 405),
    ("GET", "/", {"HTTP_HOST": "evil.example"}, 400),
    ("GET", "/health", {"HTTP_HOST": "testserver@evil"}, 400),
    ("POST", "/flights/{flight}/seat/", {"data": b"seat=" + b"A" * 300_000}, 413),
    ("POST", "/flights/{flight}/", {"data": b"&".join([b"a=1"] * 2000)}, 400),
    ("GET", "/admin", {}, 301),
]


@pytest.mark.parametrize(("method", "path", "sent", "status"), ODD, ids=range(len(ODD)))
def test_what_is_refused_is_refused_in_words_and_safely(
    method: str, path: str, sent: dict[str, Any], status: int
) -> None:
    flight = a_flight()
    address = path.format(booking=a_hold(flight).pk, flight=flight.pk)
    form = {"content_type": "application/x-www-form-urlencoded", **sent}
    answer = Client(raise_request_exception=False).generic(method, address, **form)
    assert answer.status_code == status
    assert {name for name, value in SAFE.items() if value not in answer.get(name, "")} == set()
    assert status == 301 or b"Petrel" in answer.content
    assert (status == 405) == ("Allow" in answer)


@pytest.mark.parametrize("status", early.REFUSALS)
@pytest.mark.parametrize("path", ["/flights/1/", "/live/flights/1/", "/api/orders"])
def test_so_is_what_django_is_not_asked_about(path: str, status: int) -> None:
    start, body = said_by(lambda send: early.refuse({"path": path}, send, status))
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    assert start["status"] == status
    assert {name for name, value in SAFE.items() if value not in headers.get(name, "")} == set()
    assert early.REFUSALS[status][1] in body["body"].decode()
    assert (b"Petrel" in body["body"]) == (path != "/api/orders")


def test_who_is_dropped_before_his_stream_began_is_told_when_to_come_back() -> None:
    async def dropped(send: Any) -> None:
        viewer = Viewer(asyncio.Event().wait, send)  # type: ignore[arg-type]
        viewer.drop()
        await viewer.serve(asyncio.Event().wait)  # type: ignore[arg-type]

    start, body = said_by(dropped)
    assert start["status"] == 503
    assert dict(start["headers"])[b"retry-after"] == b"1"
    assert b"come back" in body["body"]


def said_by(answer: Any) -> list[Message]:
    said: list[Message] = []

    async def send(message: Message) -> None:
        said.append(message)

    asyncio.run(answer(send))
    return said
