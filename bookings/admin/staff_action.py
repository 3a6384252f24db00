"""What a member of staff does by the saga: run in their name, logged, and told about."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.db import OperationalError
from django.db.models import Model
from django.http import HttpRequest

from bookings.errors import BookingChanged, BookingError
from flights.admin.pages import ModelPages
from flights.admin.signature import signature

CHANGED = "It was changed while you were deciding; please look at it again."


class Refused(Exception):
    """Nothing was done; the message says why, to an operator."""


@contextmanager
def said_plainly() -> Iterator[None]:
    """Turn what the saga refuses, or a lock that is waited for too long, into Refused."""
    try:
        yield
    except BookingChanged as error:
        raise Refused(CHANGED) from error
    except BookingError as error:
        raise Refused(error.message) from error
    except OperationalError as error:
        raise Refused("The booking is busy; please try again.") from error


class StaffAction[M: Model]:
    """One action on one thing or on several, each by itself: one that is refused stops no other.

    Then `report` says what was done, and what was not and why.
    """

    def __init__(
        self,
        page: ModelPages[M],
        request: HttpRequest,
        label: str,
        name_of: Callable[[M], str] = str,
        said: str = "done for",
    ) -> None:
        self._page, self._request = page, request
        self._label, self._name_of, self._said = label, name_of, said
        self._done: list[str] = []
        self._told: list[str] = []
        self._refused: defaultdict[str, list[str]] = defaultdict(list)

    def run[T](
        self,
        thing: M,
        use_case: Callable[..., T],
        *,
        reason: str,
        tell: Callable[[T], str] | None = None,
        **arguments: object,
    ) -> T | None:
        """What the use case gives, of which there may be more to tell; None where it refuses."""
        try:
            with said_plainly():
                result = use_case(by=signature(self._request), reason=reason, **arguments)
        except Refused as refusal:
            self._refused[str(refusal)].append(self._name_of(thing))
            return None
        told = [tell(result)] if tell else []
        self._told += told
        self._done.append(self._name_of(thing))
        self._page.log_change(self._request, thing, ": ".join([self._label, *told, reason]))
        return result

    def report(self) -> None:
        """Say it on the next page."""
        if self._done:
            done = f"{self._label}: {self._said} {', '.join(self._done)}"
            messages.success(self._request, f"{'. '.join([done, *self._told])}.")
        for why, refused in self._refused.items():
            text = f"{self._label}: refused for {', '.join(refused)}. {why}"
            messages.error(self._request, text)
