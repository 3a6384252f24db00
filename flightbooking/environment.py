"""Settings as the environment gives them: a refusal says which, what was given, what may be.

An empty one counts as none: that is how compose files pass on what is not set.
"""

import os
import re
from collections.abc import Callable
from email.policy import default as mail_policy
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

FLAGS = {"true": True, "yes": True, "on": True, "1": True}
FLAGS |= {"false": False, "no": False, "off": False, "0": False}
NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,9})?"
LABEL = re.compile("[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?")
# They steer terminals, begin lines of their own, or are half of a letter.
NO_LETTERS = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")


def text(name: str, default: str = "") -> str:
    """Without the blanks around it, which nobody means."""
    given = os.environ.get(name, "").strip()
    if NO_LETTERS.search(given):
        raise refusal(name, None, "text that can be printed, in UTF-8")
    return given or default


def words(name: str, default: str = "", *, pattern: str, example: str) -> list[str]:
    """What stands between commas."""
    given = text(name, default)
    found = [word.strip() for word in given.split(",") if word.strip()]
    if (given and not found) or not all(re.fullmatch(pattern, word) for word in found):
        raise refusal(name, given, f"words between commas, each such as {example}")
    return found


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


def address(
    name: str,
    default: str = "",
    *,
    pattern: str,
    example: str,
    read: Callable[[str], object] = str,
) -> str:
    """A URL that `read`, which is who has to, can read. What was given may have a password in it,
    so that is not said."""
    given = text(name, default)
    try:
        known = re.fullmatch(pattern, given) and urlsplit(given).port != 0
        if known:
            read(given)
    except Exception:  # Whatever a library says of a port that is no number.
        known = False
    if given and not known:
        raise refusal(name, None, f"an address such as {example}")
    return given


def sender(name: str, default: str) -> str:
    """Whom a mail is from: one address, with a name where one is given."""
    given = text(name, default)
    try:
        (found,) = mail_policy.header_factory("From", given).addresses
        known = found.domain and found.username.isascii() and " " not in found.username
        host_name(found.domain)
    except (ValueError, IndexError):  # There are two, or half of one.
        known = False
    if not known:
        raise refusal(name, given, f"one address such as {default}")
    return given


def site(url: str) -> None:
    """Raises ValueError where a browser could find no such site."""
    host_name(urlsplit(url).hostname or "")


def host_name(domain: str) -> None:
    """Raises ValueError where there can be no such name: RFC 1035, and underscores, which private
    networks have. An address of IPv6 has been read as one already."""
    # Refuses labels that are empty or have more than 63 octets.
    known = domain.encode("idna").decode().removesuffix(".")
    is_address = ":" in known or known.startswith("[")
    if not is_address and not (len(known) < 254 and all(map(LABEL.fullmatch, known.split(".")))):
        raise ValueError(domain)


def var_dir() -> Path:
    """Where this machine's data are. Its folders are made by whoever needs them, see `made`."""
    return Path(text("VAR_DIR", str(Path(__file__).resolve().parent.parent / "var"))).resolve()


def made(folder: Path) -> Path:
    """The folder, made if it is not there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        known = os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        known = False
    if not known:
        raise refusal("VAR_DIR", str(folder), "in a folder that can be written")
    return folder


def refusal(name: str, given: str | None, allowed: str) -> ImproperlyConfigured:
    said = "cannot be read" if given is None else f"is {given[:60]!r}"
    return ImproperlyConfigured(f"The setting {name} {said}. It must be {allowed}.")
