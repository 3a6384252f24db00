"""A call of the gateway: what is asked, and what is written down of what became of it."""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from uuid import UUID

from bookings.models import Outcome
from bookings.payments import Answer, GatewayTimeout, deadline
from flights.one_line import one_line

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Call[T]:
    """What a step that is committed asks the gateway, in no transaction and on no connection."""

    booking_id: UUID
    ask: Callable[[], T]
    # Is given what returns the answer, or raises what was raised instead.
    record: Callable[[Callable[[], T]], None]

    def start(self) -> Future[T]:
        """Ask; what is known by the deadline. An answer after it is recorded by itself."""
        return deadline.ask(self.ask, late=lambda answer: self.record(lambda: answer))

    def __call__(self) -> None:
        """Ask, wait, and record, all of it here."""
        self.record(self.start().result)


def answer_of(asked: Callable[[], Answer | None]) -> Answer:
    """The gateway's answer. Whatever goes wrong on the way leaves the outcome unknown."""
    try:
        answer = asked() or Answer(Outcome.UNKNOWN, "The payment service has no record of it.")
        # Another company's words: as long as they like, and with whatever in them.
        reason, reference = one_line(answer.reason, 200), one_line(answer.reference, 60)
        return Answer(Outcome(answer.outcome), reason, reference)
    except GatewayTimeout as error:
        return Answer(Outcome.UNKNOWN, why(error))
    except Exception as error:
        log.exception("The payment gateway failed")
        return Answer(Outcome.UNKNOWN, why(error))


def why(error: Exception) -> str:
    """What went wrong at the gateway, in words for everybody."""
    if isinstance(error, GatewayTimeout):
        return "The payment service did not answer in time."
    return "The payment service could not be reached."
