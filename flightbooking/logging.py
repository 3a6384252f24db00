"""The lines of the log: read by people on a terminal, or with LOG_FORMAT=json by machines."""

import json
import logging
from datetime import UTC, datetime
from typing import Any


class OneLine(logging.Formatter):
    """For people: one line a record, and only a traceback below it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802, logging's name
        # What comes from outside must not be able to begin a line of its own.
        record.message = record.message.replace("\r", "\\r").replace("\n", "\\n")
        return super().formatMessage(record)


class Json(logging.Formatter):
    """For machines: one JSON object a record, on one line, its traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
            "thread": record.threadName,
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def logging_config(*, style: str, level: str) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, as `text` or as `json`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "text": {
                "()": OneLine,
                "format": "{asctime} {levelname:<7} {name}: {message}",
                "style": "{",
            },
            "json": {"()": Json},
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": style}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers would say everything twice.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            # A refusal is an ordinary answer: only what is our own fault is worth a line.
            "django.request": {"level": "ERROR"},
        },
    }
