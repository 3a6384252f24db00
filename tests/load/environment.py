"""Where the benchmark runs: its own folder, emptied before each run, and its own environment."""

import fcntl
import os
import shutil
import sys
from pathlib import Path

from flightbooking import processes
from flightbooking.local.embedded import Postgres, Redis

VAR_DIR = processes.BASE_DIR / "var" / "bench"
# The gateway's time is not ours. Everything else is as `make run` has it.
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "flightbooking.settings",
    "VAR_DIR": str(VAR_DIR),
    "PAYMENT_LATENCY_SECONDS": "0-0",
    "PAYMENT_FAILURE_RATE": "0",
    # All of them come from here.
    "CONNECTIONS_PER_ADDRESS": "100000",
}
NOT_INHERITED = (
    *("DATABASE_URL", "REDIS_URL", "DEBUG", "LOG_LEVEL", "STATIC_FROM_SOURCE"),
    *("HOLD_LIMIT_SECONDS", "SEAT_HOLD_SECONDS", "SWEEP_SECONDS", "WEB_PROCESSES"),
)


class Refused(Exception):
    """The benchmark cannot run or go on; the message says why in one line."""


def prepare() -> int:
    """Set the environment for this process and all that it starts, before the settings are read.

    Ends servers that a killed run left, and throws their data away. Returns the lock on the
    folder, to be kept open.
    """
    if sys.platform != "linux":
        raise Refused("The benchmark reads /proc, which only Linux has.")
    for name in NOT_INHERITED:
        os.environ.pop(name, None)
    os.environ.update(ENVIRONMENT)
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    lock = _lock()
    for server in (Postgres(VAR_DIR), Redis(VAR_DIR)):
        server.stop()
        shutil.rmtree(server.data, ignore_errors=True)
    return lock


def _lock() -> int:
    lock = os.open(VAR_DIR / "bench.lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Refused("Another benchmark runs in this folder.") from None
    return lock


def short(path: Path) -> Path:
    """The path as seen from the project's folder."""
    return path.relative_to(processes.BASE_DIR)
