"""The environment of a test run, decided before Django's settings read it.

Tests never touch the data of a running stack: their servers keep their data in var/test. Two
runs side by side take different slots, and so different databases and Redis servers, as do
the processes of one run under pytest-xdist.
"""

import fcntl
import os
import sys
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.redis_relay import RedisRelay

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var" / "test"
# "gw0", "gw1" … under pytest-xdist.
PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "")

# In front of the Redis that was given, if one was.
relay: RedisRelay | None = None

# Of the test processes and of those that `tests.running` starts.
SETTINGS = "tests.settings"
DEFAULTS = {
    "PAYMENT_LATENCY_SECONDS": "0-0.05",
    "STATIC_FROM_SOURCE": "true",
    "WEB_PROCESSES": "1",
}


def prepare() -> None:
    """Set VAR_DIR, DATABASE_URL, REDIS_URL and the tests' defaults for everything started here."""
    if "flightbooking.settings" in sys.modules:
        raise RuntimeError("Settings were read too early; unset DJANGO_SETTINGS_MODULE.")
    from flightbooking.local import embedded

    os.environ["VAR_DIR"] = str(VAR_DIR)
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    (VAR_DIR / "static").mkdir(parents=True, exist_ok=True)  # WhiteNoise misses it loudly.
    database, redis = (_given(name) for name in ("DATABASE_URL", "REDIS_URL"))
    slot = _slot()
    os.environ["DATABASE_URL"] = database or _renamed(
        _hurried(embedded.database_url(VAR_DIR)), slot
    )
    os.environ["REDIS_URL"] = _relayed(redis) if redis else embedded.redis_url(own_folder())


def _hurried(database: str) -> str:
    """The same URL, of a server of our own that answers before what it commits is on the disk:
    a power cut may lose it, the end of a process does not."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET synchronous_commit = off")
        connection.execute("SELECT pg_reload_conf()")
    return database


def own_folder() -> Path:
    """What only this test process uses: its Redis and its processes' logs."""
    return VAR_DIR / _slot() / (PROCESS or "main")


def with_database(name: str) -> str:
    """DATABASE_URL with another database in it."""
    return _renamed(os.environ["DATABASE_URL"], name)


def _renamed(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def _relayed(redis: str) -> str:
    """The URL of a database of our own in a Redis that was given, through a door of our own."""
    global relay
    relay = RedisRelay(redis, database=int(PROCESS.removeprefix("gw") or 0))
    return relay.url


def _given(name: str) -> str:
    # xdist's processes inherit what the first process has set; they must know what it was given.
    return os.environ.setdefault(f"TEST_{name}", os.environ.get(name, ""))


def _slot() -> str:
    if "TEST_SLOT" not in os.environ:
        os.environ["TEST_SLOT"] = _take_slot()
    return os.environ["TEST_SLOT"]


def _take_slot() -> str:
    """The first name that no other run has; the lock goes when this process does."""
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        slot = f"run{number}"
        lock = os.open(VAR_DIR / f"{slot}.lock", os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            return slot
    raise AssertionError
