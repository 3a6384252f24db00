"""Tracebacks as the log has them: nothing of an error's text can pass for a line of the log, and
of thousands of the same kind one a minute is written."""

import re
from collections.abc import Callable, Iterable
from traceback import TracebackException, walk_tb

from flights.one_line import one_line

SECONDS = 60
# Kinds that a process remembers.
MOST_KINDS = 1000
# What Python itself writes over several lines: where it was, and the code that is there.
PLACE = re.compile(r'[\s|]*File "')


class Tracebacks:
    """Which tracebacks were written within the minute."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        # Kind -> when it was written, and how often it was not since.
        self.remembered: dict[int, tuple[float, int]] = {}

    def lines(self, error: BaseException) -> list[str]:
        """The traceback; nothing if the same was written within the minute."""
        kind, now = _kind(error), self._now()
        since, left_out = self.remembered.get(kind, (None, 0))
        if since is not None and now - since < SECONDS:
            self.remembered[kind] = since, left_out + 1
            return []
        self.remembered.pop(kind, None)
        self.remembered[kind] = now, 0
        if len(self.remembered) > MOST_KINDS:
            del self.remembered[next(iter(self.remembered))]
        return [*_lines(TracebackException.from_exception(error).format()), *_said(left_out)]


def _kind(error: BaseException) -> int:
    """The same for errors of one class that came the same way, whatever they say."""
    way = (
        (frame.f_code.co_filename, frame.f_code.co_name, line)
        for frame, line in walk_tb(error.__traceback__)
    )
    return hash((type(error).__module__, type(error).__qualname__, *way))


def _lines(parts: Iterable[str]) -> list[str]:
    lines = list[str]()
    for part in parts:
        text = part.strip("\n")
        lines += map(one_line, text.split("\n") if PLACE.match(text) else [text])
    return lines


def _said(left_out: int) -> list[str]:
    if not left_out:
        return []
    times = "1 time" if left_out == 1 else f"{left_out} times"
    return [f"(the same was raised {times} more since it was last written)"]
