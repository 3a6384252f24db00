"""What may become of the passengers of a booking, as data like saga/transitions.py.

Their events say that it was done and by whom, and nothing of a person.
"""

from bookings.errors import BookingChanged
from bookings.models import State
from bookings.saga import outbox
from bookings.saga.conditions import AS_SEEN, NO_CHANGE, OWN, RUNNING, Condition
from bookings.saga.transition import Transition

# Who may sit in a seat depends on the aircraft.
SAME_CABIN = Condition(
    "(SELECT layout_id FROM flights_flight WHERE id = b.flight_id) = %(layout)s::text",
    BookingChanged,
)
HAS_LEFT = "(SELECT departure FROM flights_flight WHERE id = b.flight_id) <= b.now"
NOT_LEFT = Condition(f"NOT ({HAS_LEFT})", "This flight has left.")
WHO_TRAVELS = {
    "passengers": "%(passengers)s::jsonb",
    "name": "%(name)s::text",
    "email": "%(email)s::text",
    "contact_words": "array_to_tsvector(%(words)s::text[])",
}

PASSENGERS_NAMED = Transition(
    "passengers_named",
    source=(State.SEATS_RESERVED,),
    by="customer",
    conditions=(OWN, *RUNNING, AS_SEEN, SAME_CABIN),
    sets=WHO_TRAVELS,
    refusal="Please choose seats first: this booking has none.",
)
NAMES_CORRECTED = Transition(
    "names_corrected",
    source=(State.CONFIRMED,),
    by="customer",
    conditions=(OWN, AS_SEEN, NOT_LEFT, SAME_CABIN),
    sets=WHO_TRAVELS,
)
PASSENGERS_CORRECTED = Transition(
    "passengers_corrected",
    source=(State.SEATS_RESERVED, State.PAYMENT_PROCESSING, State.CONFIRMED),
    conditions=(AS_SEEN, NO_CHANGE, NOT_LEFT, SAME_CABIN),
    sets=WHO_TRAVELS,
    refusal="This booking has no seats: it is {state}.",
)
# Whoever may still travel, or is still to be written to, is not forgotten.
PASSENGERS_FORGOTTEN = Transition(
    "passengers_forgotten",
    source=(State.CONFIRMED, State.FAILED, State.EXPIRED, State.CANCELLED),
    conditions=(
        AS_SEEN,
        Condition(f"b.state <> '{State.CONFIRMED}' OR {HAS_LEFT}", "This flight has not left yet."),
        Condition("b.payment_status <> 'refund_due'", "Its refund is still on its way."),
        Condition(
            "b.name <> '' OR b.email <> '' OR b.passengers <> '[]'", "Nobody is named in it."
        ),
    ),
    sets={
        "passengers": "'[]'",
        "name": "''",
        "email": "''",
        "contact_words": "NULL",
    },
    also=outbox.FORGOTTEN,
    refusal="Only a booking that has ended can be forgotten: it is {state}.",
)
