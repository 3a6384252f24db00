"""What a payment provider must offer: four verbs, and what each of them promises."""

from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from bookings.models import Outcome

VERBS = ("charge", "void", "refund", "lookup")


@dataclass(frozen=True)
class Answer:
    """What the gateway said: the outcome, a reason to read, its own reference."""

    outcome: Outcome
    reason: str = ""
    reference: str = ""


class GatewayTimeout(Exception):
    """The gateway did not answer in time. It may have charged all the same."""


class Gateway(Protocol):
    """What a payment provider must offer.

    It must keep its keys: what is said of each verb below holds also when a call is made again,
    while an earlier one for the same key is still on its way, and after one that nobody waited
    for. It is made anew for each call, and must allow for many calls at once, each in a thread
    of its own.

    It need not keep the time: a call that takes longer than PAYMENT_TIMEOUT_SECONDS, until what it
    returned is read, is not waited for (see `deadline`). It need not catch anything: whatever it
    raises, or returns that is not what is said here, leaves the outcome unknown, as GatewayTimeout
    does; a void or a refund that returns anything was not made. It should have time-outs of its
    own all the same, since a call that hangs keeps a thread for as long. It may use the database,
    whose connections of that thread are closed after the call.
    """

    def charge(self, *, key: str, amount_cents: int, currency: str, code: str) -> Answer:
        """Charge once for this idempotency key; the same key again gets the same answer."""
        ...

    def void(self, *, key: str) -> None:
        """Give back whatever was charged for the key; if nothing was, a charge that arrives
        later is refused. Doing it again changes nothing."""
        ...

    def refund(self, *, key: str, charge: str, amount_cents: int) -> None:
        """Give so much back of what was charged for the key `charge`, once for this key of its
        own. Raises, and gives nothing back, where less is left of the charge."""
        ...

    def lookup(self, *, key: str) -> Answer | None:
        """What became of the key; None if the gateway never heard of it."""
        ...


def gateway() -> Gateway:
    """The gateway named by the setting PAYMENT_GATEWAY. Raises ImproperlyConfigured."""
    try:
        provider: type[Gateway] = import_string(settings.PAYMENT_GATEWAY)
        if all(callable(getattr(provider, verb, None)) for verb in VERBS):
            return provider()
        reason = None
    except (ImportError, TypeError, ValueError) as error:  # The last two: dots without names, too.
        reason = error
    raise ImproperlyConfigured(
        f"The setting PAYMENT_GATEWAY is {settings.PAYMENT_GATEWAY[:60]!r}. It must be where a "
        "class can be imported from, one with charge, void, refund and lookup that is "
        "made of nothing."
    ) from reason
