"""What may become of a change of seats, as data like saga/transitions.py: see saga/changes.py.

A change is held, paid for and ended like any booking; here is what is its own. `b` is the
change's row, and that of the booking which it is of in EXCHANGED.
"""

from dataclasses import replace

from bookings.errors import ChangeOutdated, HoldExpired, NotPossible
from bookings.models import Kind, State
from bookings.saga.conditions import (
    ATTEMPT_ANSWERED,
    FLIGHT_STANDS,
    OWN,
    PAID,
    REFUND_DUE,
    RUNNING,
    SOLD_AS_SEEN,
    SPENT,
    THIS_ATTEMPT_OPEN,
    Condition,
)
from bookings.saga.money_back import FLIGHT_CANCELLED, PAID_FOR, REFUND_ASKED, given_back
from bookings.saga.passenger_transitions import NOT_LEFT
from bookings.saga.transition import Transition


def _as_it_was(own: str, *, from_flight: str, before: str, layout: str) -> str:
    """SQL: a booking has the seats that a change was chosen instead of, on the same aircraft."""
    return (
        f"{own}.flight_id = {from_flight} AND {own}.seats::text[] = {before}"
        f" AND (SELECT layout_id FROM flights_flight WHERE id = {own}.flight_id) = {layout}"
    )


_SAID = {
    "from_flight": "%(from_flight)s::bigint",
    "before": "%(before)s::text[]",
    "layout": "%(from_layout)s::text",
}
_WRITTEN = {"from_flight": "c.from_flight_id", "before": "c.before::text[]", "layout": "c.layout"}
STILL_OF_USE = Condition(
    "EXISTS (SELECT FROM bookings_change c JOIN bookings_booking own ON own.id = b.change_of_id"
    " WHERE c.booking_id = b.id AND own.state = 'CONFIRMED'"
    f" AND {_as_it_was('own', **_WRITTEN)})",
    ChangeOutdated,
)

# Its row is inserted, like that of any booking: see `frame.HOLD`.
CHANGE_HELD = Transition(
    "change_held",
    source=(),
    to=(State.SEATS_RESERVED,),
    by="customer",
    conditions=(
        *SOLD_AS_SEEN,
        Condition(
            "EXISTS (SELECT FROM bookings_booking own WHERE own.id = %(change_of)s::uuid"
            f" AND own.state = 'CONFIRMED' AND {_as_it_was('own', **_SAID)}"
            # Before a seat is claimed: whoever has it locked may be about to claim the same one.
            " FOR KEY SHARE)",
            ChangeOutdated,
        ),
    ),
    claims=True,
    also=""", written AS (
    INSERT INTO bookings_change
        (booking_id, from_flight_id, layout, before, replaced, new_total_cents, back_cents)
    SELECT id, %(from_flight)s::bigint, %(from_layout)s::text, %(before)s::text[],
        %(replaced)s::text[], %(new_total)s::int, %(back)s::int
    FROM changed
)""",
)
CHANGE_PAYMENT_STARTED = Transition(
    "change_payment_started",
    source=(State.SEATS_RESERVED,),
    to=(State.PAYMENT_PROCESSING,),
    by="customer",
    conditions=(OWN, *RUNNING, FLIGHT_STANDS, STILL_OF_USE),
    sets=SPENT,
)
# It costs nothing.
CHANGE_MADE = Transition(
    "change_made",
    source=(State.SEATS_RESERVED,),
    to=(State.CHANGED,),
    by="customer",
    conditions=(
        Condition("b.due_at > b.now", HoldExpired),
        Condition("b.total_cents = 0", NotPossible),
    ),
    sets={"due_at": "NULL"},
)
CHANGE_PAID = Transition(
    "change_paid",
    source=(State.PAYMENT_PROCESSING,),
    to=(State.CHANGED,),
    by="gateway",
    conditions=(THIS_ATTEMPT_OPEN,),
    sets=PAID,
    also=ATTEMPT_ANSWERED,
)
# Paid, and of no use any more: the money goes back.
CHANGE_LOST = Transition(
    "change_lost",
    source=(State.PAYMENT_PROCESSING,),
    to=(State.FAILED,),
    by="gateway",
    conditions=(THIS_ATTEMPT_OPEN,),
    sets={"last_error": "%(refused)s::text", **REFUND_DUE},
    also=ATTEMPT_ANSWERED,
)
# The same, when the gateway was asked what became of the last attempt.
CHANGE_SETTLED = replace(CHANGE_PAID, conditions=(), also="")
CHANGE_SETTLED_LOST = replace(CHANGE_LOST, conditions=(), also="")

# The booking gets the seats of its change, which has ended before in the same transaction: by
# their times, no seat has two owners.
EXCHANGED = Transition(
    "seats_exchanged",
    source=(State.CONFIRMED,),
    by="customer",
    conditions=(
        FLIGHT_CANCELLED,
        NOT_LEFT,
        Condition(_as_it_was("b", **_SAID), ChangeOutdated),
        # Staff have given back more since.
        Condition(f"%(back)s::bigint <= {PAID_FOR.format(of='b')}", ChangeOutdated),
    ),
    sets={
        "seats": "%(seats)s::text[]",
        "total_cents": "%(new_total)s::int",
        **given_back("%(back)s::bigint", rest="%(new_total)s::int", paid="%(paid)s::bigint"),
    },
    also=""", gone AS (
    DELETE FROM bookings_seatclaim s USING changed c
    WHERE s.booking_id = c.id AND s.seat <> ALL (c.seats)
), theirs AS (
    UPDATE bookings_seatclaim s SET booking_id = c.id
    FROM changed c WHERE s.booking_id = %(change)s::uuid
)"""
    + REFUND_ASKED,
    tells=(Kind.SEATS_CHANGED, Kind.REFUND_ASKED),
    refusal="Only the seats of a paid booking can be changed: this one is {state}.",
)
