"""What a transition is: the fields of each line of the table (saga/table.py)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bookings.errors import BookingError, NotPossible
from bookings.models import Kind, State
from bookings.saga.conditions import Condition


@dataclass(frozen=True, eq=False)
class Transition:
    """What is one transition's own."""

    event: str
    source: tuple[State, ...]
    # Where it leads; nothing where the state stays.
    to: tuple[State, ...] = ()
    # Who causes it; staff say who they are.
    by: str = ""
    conditions: tuple[Condition, ...] = ()
    # Of many that meet them, which first.
    first: str = "due_at"
    # Column -> value. With several targets the state is among them.
    sets: Mapping[str, str] = field(default_factory=dict)
    # It replaces the seats by %(seats)s, of which %(new)s are claimed at %(cents)s.
    claims: bool = False
    # What is done beside: parts of the statement, each begun with a comma.
    also: str = ""
    # What its customer is told of it, where there is an address: see saga/outbox.py.
    tells: tuple[Kind, ...] = ()
    # The key of the payment attempt that it is about, of what is `changed`.
    key: str = "NULL"
    # What is said when the state is another one and no condition says it better.
    refusal: type[BookingError] | str = NotPossible

    @property
    def frees(self) -> bool:
        """Whether it gives all seats back."""
        return bool(self.to) and self.to[0] in (State.FAILED, State.EXPIRED, State.CANCELLED)

    @property
    def all_sets(self) -> dict[str, str]:
        """The columns that it changes, with their values."""
        state = {"state": f"'{self.to[0]}'"} if len(self.to) == 1 else {}
        forgotten = dict.fromkeys(("payment_code", "code_fingerprint"), "''")
        ended = {"due_at": "NULL", **forgotten} if self.frees else {}
        return {**state, **ended, **self.sets}

    @property
    def all_conditions(self) -> tuple[Condition, ...]:
        """Its own first: they say more."""
        source = [Condition(self.is_from, self.refusal)] if self.source else []
        return *self.conditions, *source

    @property
    def is_from(self) -> str:
        """SQL: the booking is in one of the states that it starts from."""
        return f"b.state IN ({', '.join(repr(str(state)) for state in self.source)})"


def transitions_in(module: Mapping[str, object]) -> tuple[Transition, ...]:
    """All that a module says by name."""
    return tuple(each for each in module.values() if isinstance(each, Transition))
