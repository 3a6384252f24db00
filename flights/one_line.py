"""What others wrote, made safe to print, to log and to store: other companies, files, people."""

from traceback import TracebackException

MOST = 10_000


def one_line(text: str, most: int = MOST) -> str:
    r"""The text with `\n` for a line's end, `\x1b` for the escape key and so on; cut after `most`.

    So it begins no line of its own, and steers neither the terminal it is shown on nor which
    way its neighbours run. Letters of every script stay as they are.
    """
    text = text[: most + 1]
    if not text.isprintable():
        text = "".join(c if c.isprintable() else _code(c) for c in text)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def told(error: BaseException) -> str:
    """The error in one line: its class and what it says."""
    said = str(TracebackException(type(error), error, None, compact=True))
    return one_line(f"{type(error).__qualname__}: {said}" if said else type(error).__qualname__)


def _code(character: str) -> str:
    return character.encode("unicode_escape").decode()
