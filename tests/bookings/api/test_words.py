"""A refusal is in our own words: it quotes no library and no interpreter."""

import re
from itertools import product
from typing import Any
from uuid import uuid4

import pytest

from flights.models import Flight
from tests.bookings.api.conftest import Program

pytestmark = pytest.mark.django_db(transaction=True)

JSON = "application/json"
FOREIGN = re.compile(
    r"recursion|sys\.|set_int|codec|decode|delimiter|Expecting|char \d|dictionary|tuple"
    r"|valid string|valid list|valid integer|None|instance|Traceback|DATA_UPLOAD|settings|\(.*\)",
    re.IGNORECASE,
)
# What may be in a field of JSON, each of them wrong for most fields.
ODD: list[object] = [
    None,
    True,
    0,
    -1,
    1.5,
    2**70,
    "",
    "x",
    "\ud800",
    "\0",
    [],
    [None],
    [[]],
    {},
    {"a": 1},
]


def said(answer: Any) -> str:
    message: str = answer.json()["message"]
    assert not FOREIGN.search(message), message
    return message


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"[" * 100_000, "must be JSON, and not so deeply nested."),
        (b'{"a":' * 50_000, "must be JSON, and not so deeply nested."),
        (b'{"flightId": ' + b"9" * 5000 + b"}", "must be JSON, with shorter numbers."),
        (b"[-" + b"1" * 4301 + b"]", "must be JSON, with shorter numbers."),
        (b'{"flightId":\n 1 1}', "must be JSON, which it is not from line 2, column 4 on."),
        (b"{'flightId': 1}", "must be JSON, which it is not from line 1, column 2 on."),
        (b'{"name": "Andr\xe9"}', "must be JSON in UTF-8, which byte 15 is not."),
        (b'"\x01"', "must be JSON, which it is not from line 1, column 2 on."),
    ],
    ids=["lists", "objects", "number", "negative", "comma", "quotes", "latin-1", "control"],
)
def test_what_is_no_json_is_told_where(api: Program, body: bytes, words: str) -> None:
    order = f"/orders/{uuid4()}"
    for method, path in (("POST", "/orders"), ("PUT", f"{order}/seats"), ("POST", f"{order}/pay")):
        answer = api.call(method, path, data=body, content_type=JSON)
        assert answer.status_code == 400
        assert words in said(answer)


def test_a_body_that_is_too_long_is_told_how_long_it_may_be(api: Program) -> None:
    answer = api.call("POST", "/orders", data=b" " * 3_000_000, content_type=JSON)
    assert said(answer) == "The request body could not be read: at most 262,144 bytes."


def test_no_field_is_refused_in_the_words_of_a_library(api: Program, flight: Flight) -> None:
    order = api.hold(flight, "12A")
    for one, other in product(ODD, ODD):
        said_or_done(api.post("/orders", {"flightId": one, "seats": other}))
        said_or_done(api.post(f"/orders/{order}/pay", {"paymentCode": one, "name": other}))
        said_or_done(api.post(f"/orders/{order}/pay", {"paymentCode": "00000", "email": [one]}))
    for query in ("limit=0", "limit=1e3", f"limit={'9' * 5000}", "limit=", "date=2026-13-01"):
        said_or_done(api.get(f"/flights?{query}"))
    for query in ("date=٢٠٢٦-01-01", "origin=%00", "after=zz", "limit=10000", "limit=-1"):
        said_or_done(api.get(f"/flights?{query}"))


def said_or_done(answer: Any) -> None:
    status = answer.status_code
    assert status < 500
    if status >= 400:
        said(answer)
