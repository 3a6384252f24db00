"""What looks the same to many is drawn once: text with holes for what differs.

A template draws it, with a stand-in in the place of everything that differs; filling the holes
is a join of strings, some hundred times faster than drawing.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from threading import Lock

from django.http import HttpRequest
from django.middleware.csp import get_nonce
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from bookings.views.held_seats import links

# Cannot occur in HTML, nor in what staff write into a layout.
HOLE = "\x00"
# What no two pages have in common: the secrets of their forms and of their scripts, and whose they
# are.
OWN: dict[str, Callable[[HttpRequest], object]] = {
    "csrf_token": get_token,
    "csp_nonce": get_nonce,
    "held": links,
}


def hole(name: str) -> SafeString:
    """What a template is given for something that differs."""
    # Safe: made of constants.
    return mark_safe(f"{HOLE}{name}{HOLE}")


@dataclass(frozen=True)
class Drawing:
    """Text, and between its pieces the names of the holes."""

    pieces: tuple[bytes, ...]
    holes: tuple[str, ...]

    def filled(self, request: HttpRequest, contents: Mapping[str, bytes]) -> bytes:
        """The whole text for one browser; the contents are HTML already."""
        own = {name: str(OWN[name](request)).encode() for name in OWN.keys() & set(self.holes)}
        parts = [self.pieces[0]]
        for name, piece in zip(self.holes, self.pieces[1:], strict=True):
            parts += own[name] if name in own else contents[name], piece
        return b"".join(parts)


def draw(template: str, context: Mapping[str, object]) -> Drawing:
    """Have the template draw it; what is in OWN need not be in the context."""
    own = {name: hole(name) for name in OWN}
    parts = render_to_string(template, {**own, **context}).split(HOLE)
    return Drawing(tuple(text.encode() for text in parts[::2]), tuple(parts[1::2]))


class Kept[T]:
    """The last so many things that were made; each stays as it is for as long as its key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: dict[Hashable, T] = {}
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made for the key, or is now."""
        made = self._made.get(key)
        if made is None:
            made = make()
            with self._lock:
                self._made[key] = made
                if len(self._made) > self._most:
                    del self._made[next(iter(self._made))]
        return made


class Same:
    """A key that is equal only to one for the very same object, which lives as long as the key."""

    def __init__(self, it: object) -> None:
        self._it = it

    def __hash__(self) -> int:
        return id(self._it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other._it is self._it
