"""The simulated gateway as a test steers it, and a worker that stops wherever the test wants."""

from collections.abc import Callable
from typing import Any, ClassVar

from bookings.payments import Answer, gateway
from tests.people import MoodyGateway
from tests.proof.model_gateway import Mood, Work


class GatewayDown(Exception):
    pass


class SteeredGateway(MoodyGateway):
    """In the mood that the test chose; or it repeats what a worker was told some time ago."""

    mood: ClassVar[Mood] = Mood()
    # The answer, or the error, that a worker has got already.
    told: ClassVar[tuple[str, object] | None] = None

    def fate(self, code: str) -> str:
        return self.mood.fate

    def charge(self, **asked: Any) -> Answer:
        answer: Answer = self._say(lambda: super(SteeredGateway, self).charge(**asked))
        return answer

    def lookup(self, *, key: str) -> Answer | None:
        def ask() -> Any:
            if not self.mood.answers_lookups:
                raise GatewayDown
            return super(SteeredGateway, self).lookup(key=key)

        answer: Answer | None = self._say(ask)
        return answer

    def void(self, *, key: str) -> None:
        self._give_back(lambda: super(SteeredGateway, self).void(key=key))

    def refund(self, **about: Any) -> None:
        self._give_back(lambda: super(SteeredGateway, self).refund(**about))

    def _give_back(self, give_back: Callable[[], None]) -> None:
        def ask() -> None:
            if not self.mood.refunds:
                raise GatewayDown
            give_back()

        self._say(ask)

    def _say(self, ask: Callable[[], Any]) -> Any:
        if self.told is None:
            return ask()
        _, answer = self.told
        if isinstance(answer, Exception):
            raise answer
        return answer


class Worker:
    """Somebody who took a step and has not done yet what follows it."""

    def __init__(self, work: Work, effect: Callable[[], None]) -> None:
        self.work, self.effect = work, effect
        # What the gateway told it: in the model, and in the world.
        self.told: tuple[str, tuple[str, object]] | None = None


def ask(work: Work, cents: int, mood: Mood) -> tuple[str, object]:
    """Ask the gateway what this worker asks; what came back, to be told to it later."""
    SteeredGateway.mood = mood
    calls: dict[str, Callable[[], object]] = {
        "charge": lambda: gateway().charge(
            key=work.key, amount_cents=cents, currency="EUR", code="12345"
        ),
        "lookup": lambda: gateway().lookup(key=work.key),
        "void": lambda: gateway().void(key=work.key),
        "refund": lambda: gateway().refund(
            key=work.key, charge=work.charge, amount_cents=work.cents
        ),
    }
    try:
        return work.kind, calls[work.kind]()
    except Exception as error:
        return work.kind, error


def write_down(effect: Callable[[], None], told: tuple[str, object] | None) -> None:
    """The worker goes on, having been told this; or free to ask by itself."""
    SteeredGateway.told = told
    try:
        effect()
    finally:
        SteeredGateway.told = None
