"""The lines of the log: read by people on a terminal, or with LOG_FORMAT=json by machines."""

import json
import logging
import logging.config
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from flightbooking.tracebacks import Tracebacks
from flights.one_line import one_line, told


class SafeFormatter(logging.Formatter):
    """Whatever is logged, whoever wrote it, is one line, and only a traceback comes below."""

    def __init__(
        self, fmt: str | None = None, *, now: Callable[[], float] = time.monotonic, style: Any = "{"
    ) -> None:
        super().__init__(fmt, style=style)
        self.tracebacks = Tracebacks(now)

    def said(self, record: logging.LogRecord) -> str:
        """The message, with what its error says."""
        try:
            message = record.getMessage()
        except Exception as unspeakable:
            message = f"{record.msg!r} ({told(unspeakable)})"
        error = _error(record)
        return one_line(f"{message}: {told(error)}" if error else message)

    def below(self, record: logging.LogRecord) -> list[str]:
        """The lines of its traceback, and of the stack if it was asked for."""
        error = _error(record)
        stack = map(one_line, (record.stack_info or "").splitlines())
        return [*(self.tracebacks.lines(error) if error else ()), *stack]


def _error(record: logging.LogRecord) -> BaseException | None:
    return record.exc_info[1] if isinstance(record.exc_info, tuple) else None


class OneLine(SafeFormatter):
    """For people."""

    def format(self, record: logging.LogRecord) -> str:
        record.message = self.said(record)
        record.asctime = self.formatTime(record)
        line = one_line(self.formatMessage(record))
        return "\n  | ".join([line, *self.below(record)])


class Json(SafeFormatter):
    """For machines: one JSON object a record, on one line, its traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.said(record),
            "process": record.process,
            "thread": record.threadName,
        }
        if below := self.below(record):
            line["exception"] = "\n".join(below)
        return json.dumps(line)


def configure(config: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG: what nobody caught and what is warned of goes to the log too."""
    logging.config.dictConfig(config)
    logging.captureWarnings(True)
    sys.excepthook = _ended
    threading.excepthook = _thread_ended
    sys.unraisablehook = _ignored


def _ended(kind: type[BaseException], error: BaseException, way: TracebackType | None) -> None:
    if isinstance(error, Exception):
        logging.getLogger("flightbooking").critical("It ended", exc_info=(kind, error, way))
    else:
        sys.__excepthook__(kind, error, way)


def _thread_ended(thread: threading.ExceptHookArgs) -> None:
    if thread.exc_value and not isinstance(thread.exc_value, SystemExit):
        name = thread.thread.name if thread.thread else "?"
        logging.getLogger("flightbooking").error("Thread %s ended", name, exc_info=thread.exc_value)


def _ignored(what: "sys.UnraisableHookArgs") -> None:
    """Raised where nobody could catch it: by what ends with an object, or with the program."""
    log, where = logging.getLogger("flightbooking"), what.err_msg or "Exception ignored in"
    log.error("%s %r", where, what.object, exc_info=what.exc_value)


def logging_config(*, style: str, level: str) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, as `text` or as `json`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "text": {"()": OneLine, "fmt": "{asctime} {levelname:<7} {name}: {message}"},
            "json": {"()": Json},
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": style}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers would say everything twice.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            # A refusal is an ordinary answer: only what is our own fault is worth a line.
            "django.request": {"level": "ERROR"},
            # The web server and Celery give these handlers of their own, where they have none.
            "_granian": {"handlers": [], "propagate": True},
            "granian.access": {"handlers": [], "propagate": True},
            "celery.task": {"handlers": ["stderr"], "propagate": False},
            "multiprocessing": {"handlers": ["stderr"], "propagate": False},
        },
    }
