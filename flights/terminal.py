"""What commands are given by whoever is at a terminal, and who that is."""

import datetime as dt
import os
import re
from argparse import ArgumentTypeError
from collections.abc import Callable
from getpass import getuser

from flights.one_line import one_line


def whole(least: int, most: int) -> Callable[[str], int]:
    """Reads a whole number from `least` to `most`."""

    def read(text: str) -> int:
        if re.fullmatch("-?[0-9]{1,9}", text) and least <= int(text) <= most:
            return int(text)
        raise _refusal(text, f"a whole number from {least} to {most}")

    return read


def number(least: int, most: int) -> Callable[[str], float]:
    """Reads a number from `least` to `most`, with decimals or without."""

    def read(text: str) -> float:
        if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text) and least <= float(text) <= most:
            return float(text)
        raise _refusal(text, f"a number from {least} to {most}")

    return read


def day(text: str) -> dt.date:
    """Reads a date."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise _refusal(text, "a date like 2026-12-24") from None


def by_terminal() -> str:
    """Who acts, as every history writes it; an account without a name by its number."""
    try:
        name = getuser()
    except (KeyError, OSError):
        name = str(os.getuid())
    return f"terminal:{one_line(name, 100)}"


def _refusal(text: str, allowed: str) -> ArgumentTypeError:
    return ArgumentTypeError(f"{text[:60]!r} is not {allowed}")
