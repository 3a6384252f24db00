"""What may become of a booking whose flight is no longer as it was sold, as data like
saga/transitions.py: see saga/disruptions.py."""

from dataclasses import replace
from datetime import timedelta

from bookings.models import Kind, State
from bookings.saga.conditions import (
    AS_SEEN,
    CLAIMS_MOVED,
    OWN,
    SEATS_OF_EACH,
    Condition,
)
from bookings.saga.money_back import ALL_PAID, FLIGHT_CANCELLED, REFUND_ASKED, given_back
from bookings.saga.passenger_transitions import NOT_LEFT
from bookings.saga.transition import Transition

# Those that are offered depart within this time before or after.
BEFORE, AFTER = timedelta(days=3), timedelta(days=7)
_DISRUPTIONS = "(SELECT disruptions FROM flights_flight WHERE id = {flight})"
ASKED = (
    OWN,
    AS_SEEN,
    NOT_LEFT,
    FLIGHT_CANCELLED,
    Condition(
        f"{_DISRUPTIONS.format(flight='b.flight_id')} > b.accepted_disruptions",
        "Nothing has changed on this flight that has not been answered.",
    ),
)
NOT_PAID = "Only a paid booking can answer what has changed: this one is {state}."

_OTHER = "(%(flights)s::jsonb ->> b.id::text)::bigint"
# At no cost not any flight of the year.
OFFERED = Condition(
    "EXISTS (SELECT FROM flights_flight own JOIN flights_flight other"
    f" ON other.departure BETWEEN own.departure - interval '{BEFORE.days} days'"
    f" AND own.departure + interval '{AFTER.days} days'"
    f" WHERE own.id = b.flight_id AND other.id = {_OTHER} AND other.on_sale)",
    "This flight cannot be had instead of yours. Please choose one of these.",
)

# By staff: nobody has to accept the flight that it is on then.
MOVED_TO_FLIGHT = Transition(
    "moved_to_flight",
    source=(State.CONFIRMED,),
    conditions=(AS_SEEN,),
    sets={
        "flight_id": _OTHER,
        "seats": SEATS_OF_EACH,
        "accepted_disruptions": _DISRUPTIONS.format(flight=_OTHER),
    },
    also=CLAIMS_MOVED,
    tells=(Kind.CONFIRMATION,),
    refusal="Only a confirmed booking can be moved to another flight: it is {state}.",
)
# The three answers of a customer.
REBOOKED = replace(MOVED_TO_FLIGHT, by="customer", conditions=(*ASKED, OFFERED), refusal=NOT_PAID)
FLIGHT_ACCEPTED = Transition(
    "flight_accepted",
    source=(State.CONFIRMED,),
    by="customer",
    conditions=(
        *ASKED,
        Condition(
            f"%(seen)s::int IS NULL OR {_DISRUPTIONS.format(flight='b.flight_id')} = %(seen)s::int",
            "Your flight has changed once more. Please look at it as it is now.",
        ),
    ),
    sets={"accepted_disruptions": _DISRUPTIONS.format(flight="b.flight_id")},
    refusal=NOT_PAID,
)
CANCELLED_FOR_DISRUPTION = Transition(
    "cancelled_for_disruption",
    source=(State.CONFIRMED,),
    to=(State.CANCELLED,),
    by="customer",
    conditions=ASKED,
    sets=given_back(ALL_PAID, rest="0"),
    also=REFUND_ASKED,
    tells=(Kind.CANCELLED,),
    refusal=NOT_PAID,
)
