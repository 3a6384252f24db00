"""Who sits in the seats of a booking, in the order of its seats; kept as JSON on its row.

Personal, so in no event: history cannot be erased. A seat keeps its passenger by its place, so
that whoever moves a booking to other seats, one for each, moves its passengers along.
"""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models


class PassengerType(models.TextChoices):
    """By age on the day of departure: a child is not yet 12, an infant not yet 2."""

    ADULT = "adult"
    CHILD = "child"
    # On an adult's lap: no seat of its own.
    INFANT = "infant"


@dataclass(frozen=True)
class Passenger:
    """One of those who travel. People with one name have it as either of these two."""

    given: str = ""
    family: str = ""
    type: PassengerType = PassengerType.ADULT
    # Of a child or an infant.
    born: dt.date | None = None
    # On this adult's lap.
    infant: "Passenger | None" = None
    # The name that was paid for, where the customer has corrected it since.
    paid_name: str = ""

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.given, self.family)))

    @property
    def described(self) -> str:
        """Ada Lovelace with Ralph King; Byron King (child)."""
        words = f"{self.name} (child)" if self.type == PassengerType.CHILD else self.name
        return f"{words} with {self.infant.name}" if self.infant else words

    @property
    def may_sit_at_exit(self) -> bool:
        """Whoever sits at an emergency exit has to be able to open it, with both hands."""
        return self.type == PassengerType.ADULT and self.infant is None


# By the seats' places; None where nobody has said who. Empty where nobody is named at all.
type Passengers = Sequence[Passenger | None]


def everybody(passengers: Passengers) -> Iterator[Passenger]:
    """Each one who is named, an infant behind its adult."""
    for passenger in filter(None, passengers):
        yield passenger
        if passenger.infant:
            yield passenger.infant


def seated(passengers: Passengers, seats: Sequence[str], seat: str) -> Passenger | None:
    """Who sits in one of the booking's seats, if anybody is named."""
    return passengers[seats.index(seat)] if passengers and seat in seats else None


def lead(passengers: Passengers) -> Passenger | None:
    """Whom we write to: the first adult."""
    adults = (one for one in everybody(passengers) if one.type == PassengerType.ADULT)
    return next(adults, None)


def are_complete(passengers: Passengers) -> bool:
    """Every seat has somebody, and a child an adult; the saga's `COMPLETE` says it in SQL."""
    return bool(passengers) and None not in passengers and lead(passengers) is not None


def written(passengers: Passengers) -> str:
    """As JSON."""
    return json.dumps([_written(one) for one in passengers])


def read(said: str) -> Passengers:
    """What `written` wrote."""
    return () if said == "[]" else tuple(map(_read, json.loads(said)))


def _written(passenger: Passenger | None) -> dict[str, Any] | None:
    if passenger is None:
        return None
    said = {
        "given": passenger.given,
        "family": passenger.family,
        "type": str(passenger.type),
        "born": passenger.born and passenger.born.isoformat(),
        "infant": _written(passenger.infant),
        "paid_name": passenger.paid_name,
    }
    return {name: value for name, value in said.items() if value}


def _read(said: dict[str, Any] | None) -> Passenger | None:
    if said is None:
        return None
    born = said.get("born")
    return Passenger(
        said.get("given", ""),
        said.get("family", ""),
        PassengerType(said["type"]),
        dt.date.fromisoformat(born) if born else None,
        _read(said.get("infant")),
        said.get("paid_name", ""),
    )


class PassengersField(models.JSONField):
    """Passengers in Python, JSON in the database; a migration names nothing of this project."""

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs

    def from_db_value(self, value: Any, expression: object, connection: object) -> Any:
        # Of a seat that is blocked: no booking, and so nobody.
        return None if value is None else read(value)

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value([_written(one) for one in value])
