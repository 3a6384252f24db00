"""Streams of the real web server: many at once, and none that outlives a stop."""

import socket
import time
from contextlib import ExitStack, suppress

import pytest

from flights.models import Flight
from tests.people import a_flight, a_hold
from tests.running import Processes

pytestmark = pytest.mark.django_db(transaction=True)

VIEWERS = 100


def look(web: Processes, flight: Flight) -> socket.socket:
    """An open seat map; what it is told is read by `hear`."""
    viewer = socket.create_connection(("127.0.0.1", web.port), timeout=5)
    viewer.sendall(f"GET /live/flights/{flight.pk}/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    return viewer


def hear(viewer: socket.socket, words: bytes) -> None:
    """Read until these words were told."""
    told = b""
    while words not in told:
        more = viewer.recv(4096)
        assert more, f"the stream ended after {told!r}"
        told += more


def is_over(viewer: socket.socket) -> bool:
    with suppress(ConnectionResetError):
        while viewer.recv(4096):
            pass
    return True


def test_a_stop_ends_every_stream_within_three_seconds(web: Processes) -> None:
    flight = a_flight()
    with ExitStack() as open_maps:
        viewers = [open_maps.enter_context(look(web, flight)) for _ in range(VIEWERS)]
        for viewer in viewers:
            hear(viewer, b"event: map")
        a_hold(flight, "12A")
        for viewer in viewers:
            hear(viewer, b'{"12A": "held"}')
        started = time.monotonic()
        web.stop()
        assert all(map(is_over, viewers))
        assert time.monotonic() - started < 3
