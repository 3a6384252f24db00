"""How operators find bookings and events among millions; each index is made for one question.

A booking's row is written eight times or so, and every write pays for each index that holds
the row. So they hold as few rows as their question needs.
"""

from collections.abc import Sequence

from django.contrib.postgres.indexes import GinIndex
from django.db.models import BooleanField, F, Func, Index, Q, Value

# What the events of one day are counted by: a booking has one of the first two each, and one
# of the others.
BEGINNINGS = ("held", "payment_started")
OUTCOMES = ("confirmed", "failed", "expired", "cancelled", "terminated")


def of_bookings(*, not_open: Sequence[str]) -> list[Index]:
    """The newest; the newest in a state that is kept; by beginnings of a contact's words."""
    return [
        Index("created_at", name="booking_created"),
        # Open ones are few, and found by `booking_due`.
        Index("state", "created_at", name="booking_not_open", condition=Q(state__in=not_open)),
        # What is new is put in its place at once, and not left to be read through by each search.
        GinIndex(
            fields=["contact_words"],
            name="booking_contact",
            fastupdate=False,
            condition=Q(contact_words__isnull=False),
        ),
    ]


def of_events() -> list[Index]:
    """Who began and who ended when."""
    told = Q(name__in=(*BEGINNINGS, *OUTCOMES))
    return [Index("at", "name", name="event_of_note", condition=told)]


def begins(words: Sequence[str]) -> Q:
    """Bookings with a contact that has a word with each of these beginnings."""
    asked = Value(" & ".join(f"'{word}':*" for word in words))
    vector, query = F("contact_words"), "%(expressions)s::tsquery"
    is_met = Func(vector, asked, arg_joiner=" @@ ", template=query, output_field=BooleanField())
    return Q(is_met) if words else Q(pk__in=())
