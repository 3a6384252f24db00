"""What may become of the passengers of a booking, as data like saga/transitions.py.

Their events say that it was done and by whom, and nothing of a person.
"""

from bookings.errors import BookingChanged
from bookings.models import State
from bookings.saga.conditions import AS_SEEN, OWN, RUNNING, Condition
from bookings.saga.transition import Transition

# Who may sit in a seat depends on the aircraft.
SAME_CABIN = Condition(
    "(SELECT layout_id FROM flights_flight WHERE id = b.flight_id) = %(layout)s::text",
    BookingChanged,
)

PASSENGERS_NAMED = Transition(
    "passengers_named",
    source=(State.SEATS_RESERVED,),
    by="customer",
    conditions=(OWN, *RUNNING, AS_SEEN, SAME_CABIN),
    sets={
        "passengers": "%(passengers)s::jsonb",
        "name": "%(name)s::text",
        "email": "%(email)s::text",
        "contact_words": "array_to_tsvector(%(words)s::text[])",
    },
    refusal="Please choose seats first: this booking has none.",
)
