"""Real processes for tests: the stack's own, against this test process's database and Redis."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from django.db import connection
from django_redis import get_redis_connection
from kombu import pools
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from flightbooking import processes
from flightbooking.celery import app
from flightbooking.local.embedded import Redis
from flights import redis_circuit
from tests import environment

READY_SECONDS = 30


class Processes:
    """Processes of the stack by name, on the test database."""

    def __init__(self, *names: str, port: int = 0, **variables: str) -> None:
        self.names = names
        self.port = port
        self._commands = processes.commands(port=port)
        self._variables = variables
        self._log = environment.own_folder() / "log"
        self._running: dict[str, processes.Process] = {}

    @property
    def url(self) -> str:
        """Where the web process answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start what does not run, and come back when everything is at work."""
        if not all(map(self._runs, self.names)):
            self.wait()

    def wait(self) -> None:
        """Come back when everything is at work; what has ended is started again."""

        def at_work() -> bool:
            for name in self.names:
                if not self._runs(name):
                    self._running[name] = self._spawn(name)
            return all(map(self._answers, self.names))

        wait_until(at_work, f"{self.names}; their output is in {self._log}")

    def kill(self, *names: str) -> None:
        """End these at once, as kill -9 or a power cut does."""
        for name in names:
            processes.kill(self._running.pop(name))

    def stop(self) -> None:
        processes.stop(self._running.values(), seconds=5)
        self._running.clear()

    def _runs(self, name: str) -> bool:
        return name in self._running and self._running[name].poll() is None

    def _spawn(self, name: str) -> processes.Process:
        ours = {
            "DATABASE_URL": environment.with_database(str(connection.settings_dict["NAME"])),
            "DJANGO_SETTINGS_MODULE": environment.SETTINGS,
        }
        return processes.spawn(
            self._commands[name],
            log=self._log / f"{name}.log",
            environment={**os.environ, **ours, **self._variables},
        )

    def _answers(self, name: str) -> bool:
        if name == "web":
            return _web_answers(self.url)
        return name not in ("work", "timers") or _worker_answers(name)


def _worker_answers(queue: str) -> bool:
    try:
        worker = f"{queue}@{socket.gethostname()}"
        return bool(app.control.ping(timeout=0.5, limit=1, destination=[worker]))
    except (RedisError, OperationalError, OSError):
        return False  # Our own connection was cut; the next ask makes a new one.


def _web_answers(url: str) -> bool:
    try:
        urlopen(url, timeout=5).close()
    except HTTPError:
        return True
    except OSError:
        return False
    return True


def wait_until(condition: Callable[[], bool], what: str, *, seconds: float = READY_SECONDS) -> None:
    """Ask again and again; fails with `what` was waited for when the time is up."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"Waited {seconds} s for {what}."
        time.sleep(0.02)


def free_port() -> int:
    """A TCP port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class OwnRedis(Redis):
    """The embedded Redis of this test process."""

    def freeze(self) -> None:
        self.send(signal.SIGSTOP)

    def thaw(self) -> None:
        self.send(signal.SIGCONT)

    def stop(self) -> None:
        self.thaw()
        super().stop()


class RedisServer:
    """The Redis of this test process and its workers: to be stopped, frozen and emptied at will."""

    def __init__(self) -> None:
        self._server = environment.relay or OwnRedis(environment.own_folder())
        self._routes: dict[bytes, bytes] = {}

    def stop(self) -> None:
        """Nobody listens any more; what was written is there again after `start`."""
        self._server.stop()

    def start(self) -> None:
        self._server.ensure()

    def freeze(self) -> None:
        """Connections are taken, but nothing is answered."""
        self._server.freeze()

    def thaw(self) -> None:
        self._server.thaw()

    def flush(self) -> None:
        """Everything in it is lost: locks, cache, queues, and the routes to them."""
        redis = get_redis_connection()
        self._routes = {key: redis.dump(key) for key in redis.keys("_kombu.*")}
        redis.flushdb()

    def restore(self) -> None:
        """Running and answering again, with the routes that workers declare only at their start."""
        self.thaw()
        self.start()
        forget_connections()
        redis = get_redis_connection()
        for key, routes in self._routes.items():
            redis.restore(key, 0, routes, replace=True)
        self._routes.clear()


def forget_connections() -> None:
    """Drop this process's connections to a Redis that went away, and that it was away."""
    get_redis_connection().connection_pool.disconnect()
    pools.reset()
    app._after_fork()  # type: ignore[attr-defined]
    redis_circuit.rest(0)


@pytest.fixture
def redis_server(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    """The Redis that this test and its workers use; put right again after the test."""
    server = RedisServer()
    yield server
    server.restore()
    if needs_workers(request.node):
        request.getfixturevalue("celery_workers").wait()


_WORKERS = pytest.StashKey[Processes]()


@pytest.fixture(scope="session")
def celery_workers(request: pytest.FixtureRequest, django_db_setup: None) -> Iterator[Processes]:
    """Celery's workers for both queues, as the stack runs them; restarted before a test if gone."""
    workers = Processes("work", "timers")
    request.config.stash[_WORKERS] = workers
    workers.start()
    yield workers
    del request.config.stash[_WORKERS]
    workers.stop()


@pytest.fixture(autouse=True)
def _workers_only_where_asked_for(request: pytest.FixtureRequest) -> None:
    """A test finds the workers running, whatever was done to them before, or finds none.

    What a test without them leaves undone must stay undone.
    """
    if needs_workers(request.node):
        request.getfixturevalue("celery_workers").start()
    elif workers := request.config.stash.get(_WORKERS, None):
        workers.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with workers come first, so that each process starts its workers once, then what
    is long, so that no process is left alone with it at the end."""
    items.sort(key=lambda item: (not needs_workers(item), not _is_long(item)))


def _is_long(item: pytest.Item) -> bool:
    return bool(item.get_closest_marker("xdist_group")) or "proof" in item.path.parts


def needs_workers(item: pytest.Item) -> bool:
    return "celery_workers" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def live_stack(celery_workers: Processes) -> Iterator[Processes]:
    """The web server at `.url`, with the workers; no beat and no sweeper."""
    web = Processes("web", port=free_port())
    web.start()
    yield web
    web.stop()
