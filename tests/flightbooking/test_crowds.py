"""One client, however much it opens, leaves room for the others."""

import asyncio
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from urllib.request import urlopen

import pytest
from pytest_django import Settings

from bookings.live.viewer import Message
from flightbooking import asgi, crowds, processes
from flights.models import Flight
from tests.people import a_flight
from tests.running import Processes, free_port, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

MOST = 20
HALF_A_HEADER = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-"
# Each test's are its own: the server may still be counting what another has just closed.
_addresses = map("127.0.0.{}".format, count(2))


@pytest.fixture
def greedy() -> str:
    return next(_addresses)


@pytest.fixture
def modest() -> str:
    return next(_addresses)


@pytest.fixture(scope="module")
def web_server(django_db_setup: None) -> Iterator[Processes]:
    server = Processes("web", port=free_port(), CONNECTIONS_PER_ADDRESS=str(MOST))
    yield server
    server.stop()


def connect(web: Processes, address: str, sent: bytes) -> socket.socket:
    own = socket.create_connection(("127.0.0.1", web.port), 5, source_address=(address, 0))
    own.sendall(sent)
    return own


def is_open(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return bool(connection.recv(1000))
    except BlockingIOError:
        return True
    except OSError:
        return False


def watching(flight: Flight) -> bytes:
    return f"GET /live/flights/{flight.pk}/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def answer_to(connection: socket.socket) -> bytes:
    connection.settimeout(5)
    return connection.recv(4096)


@pytest.mark.parametrize("sent", [b"", HALF_A_HEADER])
def test_connections_beyond_what_an_address_may_have_are_ended(
    web: Processes, greedy: str, modest: str, sent: bytes
) -> None:
    with ExitStack() as closing:
        crowd = [closing.enter_context(connect(web, greedy, sent)) for _ in range(3 * MOST)]
        others = [closing.enter_context(connect(web, modest, sent)) for _ in range(MOST - 5)]
        wait_until(lambda: sum(map(is_open, crowd)) <= MOST, "the crowd to be ended", seconds=8)
        assert all(map(is_open, others))
        with urlopen(f"{web.url}/health", timeout=5) as answer:
            assert answer.read() == b"OK"


def test_streams_of_one_address_leave_it_room_for_a_page(
    web: Processes, greedy: str, modest: str
) -> None:
    flight, most = a_flight(), MOST * 4 // 5
    with ExitStack() as closing:

        def watch(address: str) -> socket.socket:
            return closing.enter_context(connect(web, address, watching(flight)))

        watched = [watch(greedy) for _ in range(most)]
        assert all(b" 200 " in answer_to(each) for each in watched)
        refused = answer_to(watch(greedy))
        assert b" 429 " in refused
        assert b"retry-after: 10" in refused
        assert b"Too much is open from your address" in refused
        page = closing.enter_context(
            connect(web, greedy, b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        )
        assert b" 200 " in answer_to(page)
        assert b" 200 " in answer_to(watch(modest))
        for each in watched[:2]:
            each.close()
        wait_until(lambda: b" 200 " in answer_to(watch(greedy)), "a place that came free")


def test_who_is_refused_a_stream_does_not_keep_the_connection(web: Processes, modest: str) -> None:
    with connect(web, modest, watching(a_flight()).replace(b"/live/flights", b"/live/none")) as one:
        assert b" 404 " in answer_to(one)
        wait_until(lambda: not is_open(one), "the connection to end", seconds=2)


def test_a_header_that_does_not_come_to_its_end_is_waited_for_so_long_and_no_longer() -> None:
    (command,) = [each for name, each in processes.commands().items() if name == "web"]
    assert command[command.index("--http") + 1] == "1"
    seconds = int(command[command.index("--http1-header-read-timeout") + 1]) / 1000
    assert seconds == processes.HEADER_SECONDS <= 15


def test_who_says_nothing_for_long_is_left(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, modest: str
) -> None:
    monkeypatch.setattr(processes, "HEADER_SECONDS", 1)
    quick = Processes("web", port=free_port())
    quick.start()
    with ExitStack() as closing:
        closing.callback(quick.stop)
        silent = [
            closing.enter_context(connect(quick, modest, sent))
            for sent in (b"", HALF_A_HEADER, b"PRI * HTTP/2.0")
        ]
        wait_until(lambda: not any(map(is_open, silent)), "the connections to end", seconds=8)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "status"),
    [(0, [b"203.0.113.9"], 429), (1, [b"192.0.2.1", b"203.0.113.9"], 404), (1, [], 429)],
)
def test_behind_our_proxies_each_client_has_its_own_share(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, proxies: int, forwarded: list[bytes],
    status: int,
) -> None:  # fmt: skip
    settings.TRUSTED_PROXIES = proxies
    monkeypatch.setattr(asgi, "STREAMS_PER_ADDRESS", 1)
    headers = [(b"x-forwarded-for", each) for each in forwarded]
    with asgi.crowd.one_more("192.0.2.1", most=1):
        assert said_to("192.0.2.1", headers) == status


def test_half_a_network_of_addresses_is_one_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "STREAMS_PER_ADDRESS", 1)
    with asgi.crowd.one_more("2001:db8:1:2::", most=1):
        assert said_to("2001:db8:1:2:a:b:c:d", []) == 429
        assert said_to("2001:db8:1:3::1", []) == 404
    with asgi.crowd.one_more("192.0.2.7", most=1):
        assert said_to("::ffff:192.0.2.7", []) == 429


def said_to(peer: str, headers: list[tuple[bytes, bytes]]) -> int:
    """The status of the answer to a stream that there is not."""
    said: list[Message] = []

    async def say(message: Message) -> None:
        said.append(message)

    async def never() -> Message:
        raise AssertionError("nothing is read")

    scope = {"type": "http", "path": "/live/none/", "method": "GET", "query_string": b""}
    asyncio.run(asgi.application(scope | {"headers": headers, "client": (peer, 1)}, never, say))
    status: int = said[0]["status"]
    return status


def test_a_process_may_open_as_many_files_as_it_may_have_connections() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
    try:
        crowds.allow_files(processes.CONNECTIONS)
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= min(processes.CONNECTIONS, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
