"""What a running stack consists of, each process's command written down once.

`make run`, the tests and the benchmark start them from here. In a container
`python -m flightbooking.processes work` becomes the worker.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from flightbooking import environment

BASE_DIR = Path(__file__).resolve().parent.parent
LOG_BYTES = 10_000_000
# Of one web process at the same time.
CONNECTIONS = 4096
# So long a connection may be open without a whole request having arrived on it.
HEADER_SECONDS = 15
# Web processes where nothing else is said: each keeps nine connections to Postgres, which lets
# a hundred in, and workers need some too.
MOST_WEB_PROCESSES = 6

type Process = subprocess.Popen[bytes]


def commands(*, host: str = "127.0.0.1", port: int = 8000) -> dict[str, list[str]]:
    """Every process of the stack by its name; all but `web` and `beat` may run many times."""
    return {
        "web": [
            *_module("granian", "--interface", "asgi", "flightbooking.asgi:application"),
            *("--host", host, "--port", str(port), "--workers", str(_web_processes())),
            # Connections at the same time: nearly all of them are streams of open seat maps.
            *("--backpressure", str(CONNECTIONS), "--backlog", "2048"),
            # HTTP/1 alone: who says nothing at all might still want to speak HTTP/2, and would be
            # waited for without end.
            *("--http", "1", "--http1-header-read-timeout", str(HEADER_SECONDS * 1000)),
            # Nobody here speaks WebSocket: who asks for it has the page.
            "--no-ws",
            *("--workers-kill-timeout", "2", "--respawn-failed-workers"),
            *("--no-access-log", "--log-level", "warning"),
        ],
        # Payments have threads of their own (bookings/saga/workers.py), which wait for the gateway.
        "work": _worker("work", concurrency=4),
        "timers": _worker("timers", concurrency=2),
        # One schedule entry, so nothing worth keeping in a file that a kill -9 can spoil.
        "beat": _celery("beat", "--scheduler", "celery.beat:Scheduler", "--pidfile="),
        "sweeper": [sys.executable, "manage.py", "expire_holds", "--loop"],
    }


def _web_processes() -> int:
    """How many answer requests: WEB_PROCESSES, or one for every two processors."""
    by_processors = min((os.cpu_count() or 1) // 2, MOST_WEB_PROCESSES)
    return environment.whole("WEB_PROCESSES", max(1, by_processors), least=1, most=256)


def _worker(queue: str, *, concurrency: int) -> list[str]:
    return [
        *_celery("worker", "--queues", queue, "--hostname", f"{queue}@%h"),
        *("--pool", "threads", "--concurrency", str(concurrency)),
        # Workers have nothing to say to each other; this is most of their start and idle time.
        *("--without-mingle", "--without-gossip", "--without-heartbeat"),
    ]


def _celery(*arguments: str) -> list[str]:
    return _module("celery", "-A", "flightbooking", *arguments, "--loglevel", "WARNING")


def _module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]


def spawn(
    command: list[str],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    inherit: Collection[int] = (),
) -> Process:
    """Start a process in a session of its own that writes to `log` and goes when we go."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=BASE_DIR,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            pass_fds=inherit,
            preexec_fn=_end_with_parent,
        )


def stop(processes: Iterable[Process], *, seconds: float) -> None:
    """Ask the processes to end, and after `seconds` end them with all their children."""
    processes = list(processes)
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + seconds
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0, deadline - time.monotonic()))
        kill(process)


def kill(process: Process) -> None:
    """End a process and all its children at once."""
    kill_group(process.pid)
    process.wait()


def kill_group(group: int) -> None:
    """End every process that `spawn` started under this number, if any is left."""
    # Nobody is left, is what these mean; macOS says it with a PermissionError.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


_libc = ctypes.CDLL(None)


def _end_with_parent() -> None:
    # Linux only: a parent that is killed with -9 takes its children along.
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        _libc.prctl(pr_set_pdeathsig, signal.SIGTERM)


def main() -> None:
    name = sys.argv[1]
    command = commands(host=environment.host(), port=environment.port())[name]
    os.chdir(BASE_DIR)
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
