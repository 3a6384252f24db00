"""Settings as the environment gives them: a refusal says which, what was given, what may be.

An empty one counts as none: that is how compose files pass on what is not set.
"""

import os
import re
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

FLAGS = {"true": True, "yes": True, "on": True, "1": True}
FLAGS |= {"false": False, "no": False, "off": False, "0": False}
NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,9})?"


def text(name: str, default: str = "") -> str:
    return os.environ.get(name) or default


def words(name: str, default: str = "") -> list[str]:
    """What stands between commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def flag(name: str, *, default: bool) -> bool:
    """Whatever else is given, a mistyped "true" included, is not taken for "false"."""
    given = text(name, str(default)).lower()
    if given not in FLAGS:
        raise refusal(name, given, "true or false")
    return FLAGS[given]


def choice(name: str, *allowed: str) -> str:
    """One of these, the first unless another is given; capitals do not matter."""
    given = text(name, allowed[0])
    for each in allowed:
        if given.lower() == each.lower():
            return each
    raise refusal(name, given, f"one of {', '.join(allowed)}")


def whole(name: str, default: int, *, least: int, most: int) -> int:
    given = text(name, str(default))
    if not re.fullmatch("[0-9]{1,9}", given) or not least <= int(given) <= most:
        raise refusal(name, given, f"a whole number from {least} to {most}")
    return int(given)


def host() -> str:
    """Where the web server listens, and at which `port`."""
    return text("HOST", "127.0.0.1")


def port() -> int:
    return whole("PORT", 8000, least=1, most=65535)


def number(name: str, default: float, *, least: float, most: float) -> float:
    given = text(name, str(default))
    if not re.fullmatch(NUMBER, given) or not least <= float(given) <= most:
        raise refusal(name, given, f"a number from {least:g} to {most:g}")
    return float(given)


def span(name: str, default: str, *, most: float) -> tuple[float, float]:
    """ "1-4": anything between these; a single number is always that."""
    given = text(name, default)
    match = re.fullmatch(rf"({NUMBER})(?:-({NUMBER}))?", given)
    low, high = (float(match[1]), float(match[2] or match[1])) if match else (1, 0)
    if not low <= high <= most:
        raise refusal(name, given, f"a number from 0 to {most:g}, or two such as {default}")
    return low, high


def address(name: str, default: str = "", *, schemes: str, example: str) -> str:
    """A URL. What was given may have a password in it, so that is not said."""
    given = text(name, default)
    try:
        parts = urlsplit(given)
        known = parts.scheme in schemes.split() and (parts.port or 1)
    except ValueError:  # The port is no number, or brackets stay open.
        known = False
    if given and not known:
        raise refusal(name, None, f"an address such as {example}")
    return given


def refusal(name: str, given: str | None, allowed: str) -> ImproperlyConfigured:
    said = "cannot be read" if given is None else f"is {given[:60]!r}"
    return ImproperlyConfigured(f"The setting {name} {said}. It must be {allowed}.")
