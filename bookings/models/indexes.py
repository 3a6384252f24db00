"""How operators find bookings and events among millions; each index is made for one question.

A booking's row is written eight times or so, and every write pays for each index that holds
the row. So they hold as few rows as their question needs.
"""

from collections.abc import Sequence

from django.contrib.postgres.indexes import OpClass
from django.db.models import CharField, Func, Index, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower

# What the events of one day are counted by: a booking has one of the first two each, and one
# of the others.
BEGINNINGS = ("held", "payment_started")
OUTCOMES = ("confirmed", "failed", "expired", "cancelled", "terminated")

NAME = Lower("name")
# "Maria de la Cruz" is looked for as Maria and as Cruz.
SURNAME = Func(
    Lower("name"),
    Value("^.* "),
    Value(""),
    function="regexp_replace",
    output_field=CharField(),
)
EMAIL = Lower("email")
NAMED, REACHABLE = ~Q(name=""), ~Q(email="")


def of_bookings(*, not_open: Sequence[str]) -> list[Index]:
    """The newest; the newest in a state that is kept; by the first letters of a contact."""
    return [
        Index("created_at", name="booking_created"),
        # Open ones are few, and found by `booking_due`.
        Index("state", "created_at", name="booking_not_open", condition=Q(state__in=not_open)),
        _first_letters(NAME, "booking_by_name", NAMED),
        _first_letters(SURNAME, "booking_by_surname", NAMED),
        _first_letters(EMAIL, "booking_by_email", REACHABLE),
    ]


def of_events() -> list[Index]:
    """Who began and who ended when."""
    told = Q(name__in=(*BEGINNINGS, *OUTCOMES))
    return [Index("at", "name", name="event_of_note", condition=told)]


def _first_letters(expression: Combinable, name: str, condition: Q) -> Index:
    """For LIKE 'first letters%', whatever the database's collation."""
    return Index(
        OpClass(expression, name="text_pattern_ops"),
        name=name,
        condition=condition,
    )
