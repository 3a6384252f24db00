"""Streams of the real web server: many at once, and none that outlives a stop."""

import json
import socket
import time
from contextlib import ExitStack, suppress

import pytest
from django_redis import get_redis_connection

from bookings.live.publish import booking_channel, flight_channel
from flights.models import Flight
from tests.people import a_flight, a_hold
from tests.running import Processes, free_port, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

VIEWERS = 100


def look(web: Processes, flight: Flight, query: str = "") -> socket.socket:
    """An open seat map; what it is told is read by `hear`."""
    viewer = socket.create_connection(("127.0.0.1", web.port), timeout=5)
    path = f"/live/flights/{flight.pk}/{query}"
    viewer.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    return viewer


def hear(viewer: socket.socket, words: bytes) -> None:
    """Read until these words were told."""
    told = b""
    while words not in told:
        more = viewer.recv(2**20)
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


def test_the_server_drops_who_does_not_read_instead_of_keeping_it_all(web: Processes) -> None:
    flight = a_flight()
    booking = a_hold(flight, "12A")
    query, channel = f"?booking={booking.pk}", booking_channel(booking.pk)
    with look(web, flight, query) as slow, look(web, flight, query) as quick:
        for viewer in (slow, quick):
            hear(viewer, b"event: map")
        # Far more than fits between a server and a browser.
        for number in range(200):
            said = f"{number} {'x' * 100_000}"
            get_redis_connection().publish(channel, json.dumps(said))
            hear(quick, b'x"\n\n')
        hear(slow, b"\r\n0\r\n\r\n")


def test_the_viewers_of_several_web_processes_are_all_told(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEB_PROCESSES", "2")
    web = Processes("web", port=free_port())
    web.start()
    flight, viewers = a_flight(), list[socket.socket]()
    with ExitStack() as closing:
        closing.callback(web.stop)

        def both_have_viewers() -> bool:
            viewers.append(closing.enter_context(look(web, flight)))
            hear(viewers[-1], b"event: map")
            # Each process is told of the flight on a connection of its own.
            [(_, processes)] = get_redis_connection().pubsub_numsub(flight_channel(flight.pk))
            return bool(processes == 2)

        wait_until(both_have_viewers, "a viewer at each process")
        a_hold(flight, "12A")
        for viewer in viewers:
            hear(viewer, b'{"12A": "held"}')
