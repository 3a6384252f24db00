"""Messages to Redis of the same few milliseconds, sent together by a thread after the commit."""

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

# So much later than the first of them at most; 0 sends each by itself, at once.
SECONDS = 0.01


class Gatherer[T]:
    """Sends what was added since it last did, at most every SECONDS.

    Nobody waits for it. A process that is killed loses what it had not sent: only what is found
    in Postgres anyhow may go this way.
    """

    def __init__(self, send: Callable[[list[T]], object]) -> None:
        self._send = send
        self._items: list[T] = []
        self._added = threading.Event()
        self._lock = threading.Lock()
        self._process = 0

    def add(self, item: T) -> None:
        """Have it sent soon."""
        if not SECONDS:
            self._send([item])
            return
        with self._lock:
            self._items.append(item)
            # A thread does not come along into a fork.
            if self._process != os.getpid():
                self._process = os.getpid()
                threading.Thread(target=self._run, name="gatherer", daemon=True).start()
                atexit.register(self._flush)
        self._added.set()

    def _run(self) -> None:
        while True:
            self._added.wait()
            self._added.clear()
            self._flush()
            time.sleep(SECONDS)

    def _flush(self) -> None:
        with self._lock:
            items, self._items = self._items, []
        if not items:
            return
        try:
            self._send(items)
        except Exception:
            # Whoever comes next still needs this thread.
            log.exception("What was gathered could not be sent")
