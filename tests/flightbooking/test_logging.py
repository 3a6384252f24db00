"""The lines of the log."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable

import pytest

from flightbooking.logging import Json, OneLine, logging_config
from flightbooking.processes import BASE_DIR


def a_record(message: str, *args: object, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("bookings.saga", logging.WARNING, "", 0, message, args, info)


def raised(error: Exception, *, cause: Exception | None = None) -> Exception:
    try:
        raise error from cause
    except type(error) as caught:
        return caught


def raised_elsewhere(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


def text(*, now: Callable[[], float] = lambda: 0) -> OneLine:
    return OneLine("{message}", now=now)


def test_a_line_for_people_says_when_how_bad_who_and_what() -> None:
    formatter = OneLine("{asctime} {levelname:<7} {name}: {message}")
    assert formatter.format(a_record("Seats went back")).endswith(
        " WARNING bookings.saga: Seats went back"
    )


# A line's ends, a terminal's codes in seven and eight bits, text that runs backwards or is not
# seen, and half a character.
STEERING = [
    "\n", "\r", "\x0b", "\x0c", "\x1b[2J", "\x1b]0;title\x07", "\x00", "\x08", "\x7f", "\x85",
    "\x9b31m", "\u2028", "\u2029", "\u202e", "\u2066", "\u200f", "\u061c", "\u200b", "\ufeff",
    "\U000e0041", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("steering", STEERING)
def test_nothing_from_outside_steers_a_terminal_or_begins_a_line_of_its_own(steering: str) -> None:
    bad = f"no{steering}2026-11-26 ERROR all is lost"
    error = raised(ValueError(bad), cause=KeyError(bad))
    error.add_note(bad)
    record = a_record("It failed: %s", bad, error=error)
    record.stack_info = f"Stack:\n  {bad}"
    record.name = f"gateway{steering}"
    formatter = OneLine("{name} {message}")
    first, *others = formatter.format(record).split("\n")
    assert "".join([first, *others]).isprintable()
    assert "all is lost" in first
    assert all(line.startswith("  | ") for line in others)
    fields = json.loads(line := Json().format(record))
    assert line.isprintable()
    assert fields["message"].isprintable()
    assert "".join(fields["exception"].split("\n")).isprintable()


def test_the_text_of_an_error_is_one_line_also_in_its_traceback() -> None:
    lines = text().format(a_record("It failed", error=raised(ValueError("two\nlines")))).split("\n")
    assert lines[0] == r"It failed: ValueError: two\nlines"
    assert lines[-1] == r"  | ValueError: two\nlines"
    assert any(line.endswith("raise error from cause") for line in lines)


def test_names_and_words_of_every_script_stay_as_they_are() -> None:
    assert text().format(a_record("Łukasz 山田 علی é €")) == "Łukasz 山田 علی é €"


def test_a_text_without_end_is_cut() -> None:
    error = raised(ValueError("x" * 5_000_000))
    assert len(text().format(a_record("%s", "x" * 5_000_000, error=error))) < 50_000
    assert len(Json().format(a_record("%s", "x" * 5_000_000, error=error))) < 50_000


def test_what_cannot_be_written_does_not_stop_the_line() -> None:
    class Speechless(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no words\nERROR all is lost")

    for formatter in (text(), Json()):
        line = formatter.format(a_record("It failed: %s", Speechless(), error=Speechless()))
        assert line.count("\n") <= 1
        assert "It failed: %s" in line
        assert "Speechless" in line
    assert "%d seats" in text().format(a_record("%d seats", "no"))


def test_the_same_traceback_is_written_once_a_minute_and_how_often_it_was_not() -> None:
    clock = [0.0]
    formatter = text(now=lambda: clock[0])
    written = []
    for number in range(1000):
        clock[0] = number / 10
        error = raised(ConnectionError(f"try {number}"))
        written.append(formatter.format(a_record("Booking %s failed", number, error=error)))
    full = [line for line in written if "\n" in line]
    assert [line.split("\n")[0] for line in full] == [
        "Booking 0 failed: ConnectionError: try 0",
        "Booking 600 failed: ConnectionError: try 600",
    ]
    assert written[1] == "Booking 1 failed: ConnectionError: try 1"
    assert full[1].endswith("\n  | (the same was raised 599 times more since it was last written)")
    assert "times more" not in full[0]


def test_another_error_and_the_same_from_another_place_have_tracebacks_of_their_own() -> None:
    formatter = text()
    errors = [
        raised(ConnectionError("a")),
        raised(TimeoutError("a")),
        raised_elsewhere(ConnectionError("a")),
        raised(ConnectionError("b")),
        raised_elsewhere(ConnectionError("b")),
    ]
    lines = [formatter.format(a_record("It failed", error=error)) for error in errors]
    assert ["\n" in line for line in lines] == [True, True, True, False, False]


def test_however_many_kinds_there_are_memory_has_an_end() -> None:
    formatter = text()
    for number in range(3000):
        kind = type(f"Kind{number}", (Exception,), {})
        assert "\n" in formatter.format(a_record("It failed", error=raised(kind())))
    assert len(formatter.tracebacks.remembered) <= 1000


def test_a_line_for_machines_is_one_json_object() -> None:
    clock = [0.0]
    formatter = Json(now=lambda: clock[0])
    record = a_record("It failed", error=raised(ValueError("two\nlines")))
    line = formatter.format(record)
    assert "\n" not in line
    fields = json.loads(line)
    assert (fields["level"], fields["logger"], fields["message"]) == (
        "WARNING",
        "bookings.saga",
        "It failed: ValueError: two\\nlines",
    )
    assert fields["exception"].endswith("\nValueError: two\\nlines")
    assert "exception" not in json.loads(formatter.format(record))
    clock[0] = 61
    assert "1 time more" in json.loads(formatter.format(record))["exception"]


@pytest.mark.parametrize("style", ["text", "json"])
def test_both_styles_can_be_configured(style: str) -> None:
    config = logging_config(style=style, level="INFO")
    assert config["handlers"]["stderr"]["formatter"] in config["formatters"]


EVERYBODY = r"""
import logging, os, threading, warnings
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
from granian.log import configure_logging
configure_logging("warning")
import django
django.setup()
from celery.utils.log import get_logger, get_task_logger
from billiard.util import get_logger as of_processes
from flightbooking.celery import app
app.log.setup(loglevel="WARNING", redirect_stdouts=True)
BAD = "\n\x1b[31mERROR all is lost"

def fail(): raise ValueError(BAD)

for log in (
    *map(logging.getLogger, ("_granian", "granian.access", "django.request", "django.server")),
    *map(logging.getLogger, ("asyncio", "bookings", "celery.worker", "provider")),
    get_task_logger("provider"), get_logger("provider"), of_processes(),
):
    log.error("of " + log.name + BAD)
    try: fail()
    except ValueError: log.exception("failed")
print("printed" + BAD)
warnings.warn("warned" + BAD)
thread = threading.Thread(target=fail, name="of a provider" + BAD)
thread.start()
thread.join()
fail()
"""


# Where nobody can catch it, in a process whose standard error is nobody's log.
AT_THE_END = r"""
import atexit, os
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
BAD = "\n\x1b[31mERROR all is lost"

class Connection:
    def __del__(self): raise ValueError("of a connection" + BAD)

def close(): raise ValueError("of a provider" + BAD)

Connection()
atexit.register(close)
"""


def written_by(program: str) -> str:
    """To standard error, of which every line must be one of ours."""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=BASE_DIR, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == ""
    assert "\x1b" not in done.stderr
    ours = ("20", "  | ")
    assert [line for line in done.stderr.splitlines() if not line.startswith(ours)] == []
    return done.stderr


def test_every_logger_of_every_process_writes_such_lines() -> None:
    written = written_by(EVERYBODY)
    assert "of _granian\\n" in written
    assert "of celery.task" not in written
    for said in ("printed", "warned", "of a provider", "of provider", "of multiprocessing"):
        assert said in written


def test_what_nobody_could_catch_is_written_so_too() -> None:
    written = written_by(AT_THE_END)
    for said in ("of a connection", "of a provider"):
        assert f"ValueError: {said}\\n" in written
