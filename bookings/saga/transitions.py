"""The transitions of a booking, as data: from where, under which conditions, what they change.

The statement around them is the same for all (saga/frame.py), and conditions.py says what
`b`, `f` and `changed` are in its SQL. Here is what customers, time and the gateway do; table.py
has all of them.
"""

from dataclasses import replace

from bookings.errors import NoSeats, NotPossible
from bookings.models import HOLDING, Kind, State
from bookings.saga.conditions import (
    ATTEMPT_ANSWERED,
    ATTEMPT_OPENED,
    COMPLETE,
    DUE,
    FARE_SOLD,
    FLIGHT_STANDS,
    HOLD_END,
    INTERRUPTED,
    IS_REFUND_DUE,
    LAST_KEY,
    NO_CHANGE,
    ON_SALE,
    OWN,
    PAID,
    PRICED,
    REFUND_DUE,
    REFUND_WAITS_OR_IS_DUE,
    RUNNING,
    SEEN_HOLD,
    SPENT,
    THIS_ATTEMPT_OPEN,
    Condition,
    seconds,
)
from bookings.saga.money_back import (
    MADE,
    NEXT_KEY,
    QUOTED,
    REFUND_ASKED,
    REFUND_MADE,
    given_back,
)
from bookings.saga.passenger_transitions import WHO_TRAVELS
from bookings.saga.transition import Transition

CREATED, RESERVED, PAYING, CONFIRMED, FAILED, EXPIRED, CANCELLED, _ = State
EVERY = tuple(State)


# --- What a customer does --------------------------------------------------------------------
# The one that begins a booking: its row is inserted, see `frame.HOLD`.
HELD = Transition("held", source=(), to=(RESERVED,), by="customer", conditions=ON_SALE, claims=True)
SEATS_CHANGED = Transition(
    "seats_changed",
    source=HOLDING,
    to=(RESERVED, CREATED),
    by="customer",
    conditions=(*SEEN_HOLD, *ON_SALE),
    sets={
        "state": f"CASE cardinality(%(seats)s::text[]) WHEN 0 THEN '{CREATED}'"
        f" ELSE '{RESERVED}' END",
        "seats": "%(seats)s::text[]",
        "passengers": "%(passengers)s::jsonb",
        **PRICED,
        "due_at": HOLD_END.format(now="b.now", began="b.created_at"),
    },
    claims=True,
)
FARE_CHOSEN = Transition(
    "fare_chosen", HOLDING, by="customer", conditions=(*SEEN_HOLD, FARE_SOLD), sets=PRICED
)
CANCELLED_BY_CUSTOMER = Transition(
    "cancelled", source=HOLDING, to=(CANCELLED,), by="customer", conditions=(OWN, *RUNNING)
)
PAYMENT_STARTED = Transition(
    "payment_started",
    source=(RESERVED,),
    to=(PAYING,),
    by="customer",
    conditions=(
        OWN,
        *RUNNING,
        Condition("cardinality(b.seats) > 0", NoSeats),
        COMPLETE,
        FLIGHT_STANDS,
    ),
    sets={
        **SPENT,
        "name": "coalesce(nullif(%(name)s::text, ''), b.name)",
        "email": "coalesce(nullif(%(email)s::text, ''), b.email)",
        # Whoever is named in either place is found.
        "contact_words": "coalesce(b.contact_words || array_to_tsvector(%(words)s::text[]),"
        " array_to_tsvector(%(words)s::text[]), b.contact_words)",
    },
)

# As was quoted: all of what is paid, or some of its seats.
NOT_PAID = "Only what is paid can be given back for a refund: this booking is {state}."
CANCELLED_AS_QUOTED = Transition(
    "cancelled_as_quoted",
    source=(CONFIRMED,),
    to=(CANCELLED,),
    by="customer",
    conditions=QUOTED,
    sets=given_back("%(refund)s::bigint", rest="0"),
    also=REFUND_ASKED,
    tells=(Kind.CANCELLED,),
    refusal=NOT_PAID,
)
SEATS_CANCELLED = Transition(
    "seats_cancelled",
    source=(CONFIRMED,),
    by="customer",
    conditions=QUOTED,
    sets={
        "seats": "%(seats)s::text[]",
        **WHO_TRAVELS,
        "total_cents": "%(total)s::int",
        **given_back("%(refund)s::bigint", rest="%(total)s::int"),
    },
    claims=True,
    also=REFUND_ASKED,
    tells=(Kind.SEATS_CANCELLED, Kind.REFUND_ASKED),
    refusal=NOT_PAID,
)

# --- What time does --------------------------------------------------------------------------
HOLD_EXPIRED = Transition("expired", HOLDING, (EXPIRED,), by="timer", conditions=(DUE,))
ATTEMPT_MADE = Transition(
    "attempt_opened",
    source=(PAYING,),
    by="timer",
    conditions=(DUE, Condition("b.attempts < %(most_attempts)s::int", NotPossible)),
    sets={"attempts": "b.attempts + 1", "due_at": f"b.now + {seconds('lease')}"},
    also=INTERRUPTED + ATTEMPT_OPENED,
    key="(SELECT key FROM opened WHERE opened.booking_id = changed.id)",
)
# Every attempt is used up and the last has no answer: the gateway is asked what became of it.
SETTLING = Transition(
    "settling",
    source=(PAYING,),
    by="timer",
    conditions=(DUE, Condition("b.attempts >= %(most_attempts)s::int", NotPossible)),
    sets={"due_at": f"b.now + {seconds('lease')}"},
    also=INTERRUPTED,
    key=LAST_KEY,
)
REFUND_TRIED = Transition(
    "refund_tried",
    source=(CONFIRMED, FAILED, CANCELLED),
    by="timer",
    conditions=(DUE, IS_REFUND_DUE),
    sets={"due_at": f"b.now + {seconds('lease')}"},
    key=NEXT_KEY,
)
REFUND_ASKED_FOR = replace(
    REFUND_TRIED, conditions=REFUND_WAITS_OR_IS_DUE, first="failures, due_at"
)
REFUND_PUT_OFF = replace(
    REFUND_TRIED,
    event="refund_put_off",
    sets={"last_error": "%(reason)s::text", "due_at": f"b.now + {seconds('pause')}"},
    key="NULL",
)
STEP_FAILED = Transition(
    "step_failed",
    source=EVERY,
    by="timer",
    conditions=(Condition("b.due_at IS NOT NULL", NotPossible),),
    sets={
        "failures": "b.failures + 1",
        "last_error": "%(reason)s::text",
        "due_at": "b.now + least(60, power(2, least(b.failures + 1, 10))) * interval '1 second'",
    },
)

# --- What the gateway says -------------------------------------------------------------------
ATTEMPT_DECLINED = Transition(
    "attempt_declined",
    source=(PAYING,),
    by="gateway",
    conditions=(THIS_ATTEMPT_OPEN,),
    sets={"last_error": "%(reason)s::text", "due_at": f"b.now + {seconds('pause')}"},
    also=ATTEMPT_ANSWERED,
)
ATTEMPT_UNKNOWN = replace(ATTEMPT_DECLINED, event="attempt_unknown")
PAYMENT_APPROVED = Transition(
    "confirmed",
    source=(PAYING,),
    to=(CONFIRMED,),
    by="gateway",
    # Of a change it is another transition: saga/change_end.py.
    conditions=(THIS_ATTEMPT_OPEN, NO_CHANGE),
    sets={**PAID, "record_locator": "%(locator)s::text"},
    also=ATTEMPT_ANSWERED,
    tells=(Kind.CONFIRMATION,),
)
PAYMENT_FAILED = Transition(
    "failed",
    source=(PAYING,),
    to=(FAILED,),
    by="gateway",
    conditions=(THIS_ATTEMPT_OPEN,),
    sets={"last_error": "%(reason)s::text"},
    also=ATTEMPT_ANSWERED,
    tells=(Kind.PAYMENT_FAILED,),
)
# The same, when the gateway was asked what became of the last attempt.
SETTLED_APPROVED = replace(PAYMENT_APPROVED, conditions=(NO_CHANGE,), also="")
SETTLED_FAILED = replace(PAYMENT_FAILED, conditions=(), also="")
# Not known to have charged, but it still might: voiding the key makes sure.
SETTLED_UNKNOWN = replace(SETTLED_FAILED, sets={**PAYMENT_FAILED.sets, **REFUND_DUE})
# It never revives a booking, but money goes back.
LATE_APPROVAL = Transition(
    "late_approval",
    source=(FAILED, CANCELLED),
    by="gateway",
    conditions=(Condition("b.payment_status = 'none'", NotPossible),),
    sets=REFUND_DUE,
    tells=(Kind.REFUND_ASKED,),
)
REFUNDED = Transition(
    "refunded",
    source=REFUND_TRIED.source,
    by="gateway",
    conditions=(IS_REFUND_DUE,),
    sets=MADE,
    also=REFUND_MADE,
    tells=(Kind.REFUND_MADE,),
)
