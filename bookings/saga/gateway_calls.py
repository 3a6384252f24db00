"""A call of the gateway: what is asked, and what is written down of what became of it.

What its class returns or raises is put into our own words in the call's own thread, under the
deadline: an object of another company's may do anything when it is looked at.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from uuid import UUID

from bookings.models import Outcome
from bookings.payments import Answer, GatewayTimeout, deadline
from flights.one_line import one_line, told

log = logging.getLogger(__name__)


class GatewayFailed(Exception):
    """The gateway raised something, or returned what means nothing. What, in one line."""


@dataclass(frozen=True)
class Call[T]:
    """What a step that is committed asks the gateway, in no transaction and on no connection."""

    booking_id: UUID
    # What the gateway said, in our own words.
    ask: Callable[[], T]
    # Is given what returns that, or raises GatewayFailed or GatewayTimeout instead.
    record: Callable[[Callable[[], T]], None]

    def start(self) -> Future[T]:
        """Ask; what is known by the deadline. An answer after it is recorded by itself."""
        return deadline.ask(self._said, late=lambda answer: self.record(lambda: answer))

    def __call__(self) -> None:
        """Ask, wait, and record, all of it here."""
        self.record(self.start().result)

    def _said(self) -> T:
        try:
            return self.ask()
        except GatewayTimeout:
            raise GatewayTimeout from None
        except BaseException as error:
            # In our words also for the log, which writes for one thread at a time.
            failure = GatewayFailed(told(error)).with_traceback(error.__traceback__)
            log.error("The payment gateway failed", exc_info=failure)
            raise failure from None


def understood(said: Answer | None) -> Answer:
    """The answer as we keep it. Raises whatever comes of looking at it."""
    if said is None:
        return Answer(Outcome.UNKNOWN, "The payment service has no record of it.")
    # Another company's words: as long as they like, and with whatever in them. What counts is
    # the outcome.
    reason, reference = str(said.reason or ""), str(said.reference or "")
    return Answer(Outcome(said.outcome), one_line(reason, 200), one_line(reference, 60))


def require_done(refund: Callable[[], object]) -> None:
    """A refund that was made returns nothing; anything else may mean that it was not."""
    if (said := refund()) is not None:
        raise TypeError(f"refund returned {type(said).__name__} instead of None")


def answer_of(asked: Callable[[], Answer]) -> Answer:
    """The gateway's answer. Whatever goes wrong on the way leaves the outcome unknown."""
    try:
        return asked()
    except Exception as error:
        return Answer(Outcome.UNKNOWN, why(error))


def why(error: Exception) -> str:
    """What went wrong at the gateway, in words for everybody."""
    if isinstance(error, GatewayTimeout):
        return "The payment service did not answer in time."
    return "The payment service could not be reached."
