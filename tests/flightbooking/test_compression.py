"""Pages are compressed, and nothing else is."""

import gzip
import re
from urllib.request import Request, urlopen

import pytest
from django.test import Client

from tests.people import a_flight
from tests.running import Processes

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_page_is_a_fraction_of_its_size_and_the_same_page(client: Client) -> None:
    path = f"/flights/{a_flight().pk}/"
    plain = client.get(path)
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]
    packed = client.get(path, headers={"Accept-Encoding": "br;q=1, gzip;q=0.8"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Length"] == str(len(packed.content))
    assert len(packed.content) < len(plain.content) / 5

    def unlike(html: bytes) -> str:
        return re.sub(r'(value|nonce)="[\w-]{22,64}"', "", html.decode())

    assert unlike(gzip.decompress(packed.content)) == unlike(plain.content)
    # What htmx puts into it, and what staff see.
    for headers, page in (({"HX-Request": "true"}, f"{path}panel/"), ({}, "/admin/login/")):
        answer = client.get(page, headers={"Accept-Encoding": "gzip", **headers})
        assert answer.headers["Content-Encoding"] == "gzip"


def test_how_long_it_is_says_nothing(client: Client) -> None:
    answers = [client.get("/nowhere/", headers={"Accept-Encoding": "gzip"}) for _ in range(12)]
    assert len({len(answer.content) for answer in answers}) > 3


@pytest.mark.parametrize("accepts", ["", "identity", "gzip;q=0", "gzip; q=0.0, br", "xgzip"])
def test_who_takes_no_gzip_is_sent_none(client: Client, accepts: str) -> None:
    answer = client.get("/", headers={"Accept-Encoding": accepts})
    assert "Content-Encoding" not in answer.headers


def test_the_api_stays_as_it_was(client: Client) -> None:
    flight = a_flight()
    for path in (f"/api/flights/{flight.pk}", "/health", "/metrics"):
        answer = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in answer.headers, path


def test_through_the_web_server_pages_come_whole_and_streams_at_once(live_stack: Processes) -> None:
    flight = a_flight()

    def ask(path: str) -> Request:
        return Request(live_stack.url + path, headers={"Accept-Encoding": "gzip"})

    with urlopen(ask(f"/flights/{flight.pk}/"), timeout=10) as answer:
        body = answer.read()
        assert answer.headers["Content-Encoding"] == "gzip"
        assert int(answer.headers["Content-Length"]) == len(body)
        assert b"</html>" in gzip.decompress(body)
    with urlopen(ask(f"/live/flights/{flight.pk}/"), timeout=10) as stream:
        assert stream.headers["Content-Encoding"] is None
        assert stream.readline()
    style = re.search(rb'href="(/static/css/tokens[^"]*)"', gzip.decompress(body))
    assert style
    with urlopen(ask(style[1].decode()), timeout=10) as static:
        # As they lie in the source; collected, they are compressed once.
        assert b"--paper" in static.read()
