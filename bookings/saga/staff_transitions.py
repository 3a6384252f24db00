"""What staff do to a booking, as data like saga/transitions.py."""

from dataclasses import replace

from bookings.errors import HoldExpired
from bookings.models import OPEN, Kind, State
from bookings.saga import outbox
from bookings.saga.conditions import (
    AS_SEEN,
    ATTEMPT_GIVEN_UP,
    NO_CHANGE,
    NOT_CANCELLED,
    REFUND_WAITS,
    SAME_AIRCRAFT,
    Condition,
)
from bookings.saga.money_back import (
    ALL_PAID,
    AT_MOST_THERE_IS,
    REFUND_ASKED,
    WHOLE_PRICE,
    given_back,
)
from bookings.saga.transition import Transition
from bookings.saga.transitions import REFUND_TRIED

TERMINATED = Transition(
    "terminated",
    source=OPEN,
    to=(State.CANCELLED,),
    conditions=(AS_SEEN,),
    sets={
        "payment_status": "CASE b.attempts WHEN 0 THEN b.payment_status ELSE 'refund_due' END",
        "due_at": "CASE b.attempts WHEN 0 THEN NULL ELSE b.now END",
    },
    also=ATTEMPT_GIVEN_UP.format(reason="Ended by an operator."),
    tells=(Kind.CANCELLED,),
    refusal="This booking has already ended: it is {state}.",
)
CANCELLED_FOR_REFUND = Transition(
    "cancelled_for_refund",
    source=(State.CONFIRMED,),
    to=(State.CANCELLED,),
    conditions=(AS_SEEN,),
    sets=given_back(WHOLE_PRICE, rest="0"),
    also=REFUND_ASKED,
    tells=(Kind.CANCELLED,),
    refusal="Only a confirmed booking can be cancelled and refunded.",
)
# Its flight is cancelled, or has no seat for it on another aircraft.
CANCELLED_WITHOUT_FLIGHT = replace(CANCELLED_FOR_REFUND, sets=given_back(ALL_PAID, rest="0"))
# Beside what the fare promises, by somebody's decision; the seats stay.
REFUND_GIVEN = Transition(
    "refund_given",
    source=(State.CONFIRMED, State.CANCELLED),
    conditions=(
        AS_SEEN,
        Condition(
            f"b.state IN ('{State.CONFIRMED}', '{State.CANCELLED}')",
            "Nothing was paid for this booking: it is {state}.",
        ),
        AT_MOST_THERE_IS,
    ),
    sets=given_back("%(refund)s::bigint", rest="b.total_cents"),
    also=REFUND_ASKED,
    tells=(Kind.REFUND_ASKED,),
)
NOTHING_WAITS = "Nothing is waiting for its next try."
RETRIED_NOW = Transition(
    "retried_now",
    source=(State.PAYMENT_PROCESSING, *REFUND_TRIED.source),
    conditions=(
        AS_SEEN,
        Condition(
            f"b.state = '{State.PAYMENT_PROCESSING}' OR b.payment_status = 'refund_due'",
            NOTHING_WAITS,
        ),
        Condition(
            "NOT EXISTS (SELECT FROM bookings_paymentattempt a"
            " WHERE a.booking_id = b.id AND a.outcome IS NULL)",
            NOTHING_WAITS,
        ),
    ),
    sets={"due_at": "b.now"},
    refusal=NOTHING_WAITS,
)
REFUND_RETRIED = replace(
    RETRIED_NOW, source=REFUND_TRIED.source, by="gateway", conditions=REFUND_WAITS
)
RESEATED = Transition(
    "moved",
    source=(State.SEATS_RESERVED, State.CONFIRMED),
    conditions=(
        AS_SEEN,
        NO_CHANGE,
        Condition(
            f"b.state <> '{State.SEATS_RESERVED}' OR (b.due_at > b.now AND b.failures = 0)",
            HoldExpired,
        ),
        Condition("f.departure > b.now", "This flight has left."),
        NOT_CANCELLED,
        SAME_AIRCRAFT,
    ),
    sets={"seats": "%(seats)s::text[]", "passengers": "%(passengers)s::jsonb"},
    claims=True,
    tells=(Kind.SEATS_CHANGED,),
    refusal="Only a hold or a confirmed booking can be moved: it is {state}.",
)
# The confirmation anew, and whatever else could not be sent.
MAIL_ASKED_FOR = Transition(
    "mail_asked_for",
    source=(State.CONFIRMED, State.FAILED, State.CANCELLED),
    conditions=(
        AS_SEEN,
        Condition("b.email <> ''", "This booking has no e-mail address."),
        outbox.CAN_BE_SENT,
    ),
    also=outbox.AGAIN,
    tells=(Kind.CONFIRMATION,),
    refusal=outbox.NO_MAIL,
)
