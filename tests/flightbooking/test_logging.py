"""The lines of the log."""

import json
import logging

import pytest

from flightbooking.logging import Json, OneLine, logging_config


def a_record(message: str, error: Exception | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("bookings.saga", logging.WARNING, "", 0, message, (), info)


def test_a_line_for_people_says_when_how_bad_who_and_what() -> None:
    formatter = OneLine("{asctime} {levelname:<7} {name}: {message}", style="{")
    assert formatter.format(a_record("Seats went back")).endswith(
        " WARNING bookings.saga: Seats went back"
    )


def test_nothing_from_outside_begins_a_line_of_its_own() -> None:
    formatter = OneLine("{message}", style="{")
    assert formatter.format(a_record("no\nERROR all is lost")) == "no\\nERROR all is lost"


def test_a_line_for_machines_is_one_json_object() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        line = Json().format(a_record("It failed", error))
    assert "\n" not in line
    fields = json.loads(line)
    assert (fields["level"], fields["logger"], fields["message"]) == (
        "WARNING",
        "bookings.saga",
        "It failed",
    )
    assert "ValueError: two\nlines" in fields["exception"]


@pytest.mark.parametrize("style", ["text", "json"])
def test_both_styles_can_be_configured(style: str) -> None:
    config = logging_config(style=style, level="INFO")
    assert config["handlers"]["stderr"]["formatter"] in config["formatters"]
