"""/health, with everything up, and with one thing after the other gone."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client

from tests.running import RedisServer, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_ok_when_everything_is_up() -> None:
    answer = Client().get("/health")
    assert (answer.status_code, answer.content) == (200, b"OK")
    assert answer["Content-Type"].startswith("text/plain")
    assert "no-store" in answer["Cache-Control"]


def test_a_redis_that_is_gone_is_named(redis_server: RedisServer) -> None:
    redis_server.stop()
    answer = Client().get("/health")
    assert (answer.status_code, answer.content) == (503, b"DOWN: redis")


def test_a_redis_that_hangs_is_named_within_a_second(redis_server: RedisServer) -> None:
    redis_server.freeze()
    began = time.monotonic()
    answer = Client().get("/health")
    assert time.monotonic() - began < 1
    assert (answer.status_code, answer.content) == (503, b"DOWN: redis")


@contextmanager
def database_at(host: str, port: int) -> Iterator[None]:
    """New connections go there; the test's own stays."""
    before = {name: connection.settings_dict[name] for name in ("HOST", "PORT")}
    connection.settings_dict.update(HOST=host, PORT=port)
    try:
        yield
    finally:
        connection.settings_dict.update(before)


def test_a_database_that_hangs_is_named_within_a_second() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, database_at(*silent.getsockname()):
        began = time.monotonic()
        answer = Client().get("/health")
        assert time.monotonic() - began < 1
    assert (answer.status_code, answer.content) == (503, b"DOWN: database")


def test_many_checks_of_a_database_that_hangs_soon_see_it_return() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        database_at(*silent.getsockname()),
        ThreadPoolExecutor(10) as load_balancers,
    ):
        answers = load_balancers.map(lambda _: Client().get("/health"), range(10))
        assert {answer.content for answer in answers} == {b"DOWN: database"}
    wait_until(lambda: Client().get("/health").status_code == 200, "the database", seconds=5)
