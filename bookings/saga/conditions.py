"""The conditions and pieces of SQL that several transitions share.

`b` is the locked booking with the time as `b.now`, `f` the flight (of a transition that claims
seats), and `changed` the booking afterwards; a `%(name)s` is what the use case says.
"""

from dataclasses import dataclass

from bookings.errors import (
    AlreadyPaid,
    BookingCancelled,
    BookingChanged,
    BookingError,
    ChangeMade,
    FlightCancelled,
    FlightChanged,
    HoldExpired,
    NotOnSale,
    NotPossible,
    NotYours,
    PassengersMissing,
    PaymentFailed,
    PaymentInProgress,
    PricesChanged,
)
from bookings.models import State


@dataclass(frozen=True)
class Condition:
    """What must be so, and what is said when it is not."""

    sql: str
    # A sentence is that of NotPossible, and may name the booking's {state}.
    refusal: type[BookingError] | str

    def refuse(self, state: str | None) -> BookingError:
        """The refusal, to a booking in this state."""
        if isinstance(self.refusal, str):
            return NotPossible(self.refusal.format(state=state))
        return self.refusal()


def seconds(name: str) -> str:
    """SQL: so many seconds, as the use case says."""
    return f"%({name})s::float8 * interval '1 second'"


# --- Conditions that several share -----------------------------------------------------------
# What is said of a booking that is no hold any more, by what it is now.
NO_HOLD: dict[State, type[BookingError]] = {
    State.PAYMENT_PROCESSING: PaymentInProgress,
    State.CONFIRMED: AlreadyPaid,
    State.FAILED: PaymentFailed,
    State.EXPIRED: HoldExpired,
    State.CANCELLED: BookingCancelled,
    State.CHANGED: ChangeMade,
}
# As `Booking.is_of` has it: only who made it acts on it; on a change, whoever may on the booking
# that it is of.
OWN = Condition(
    "b.browser_id IS NOT DISTINCT FROM %(browser_id)s::uuid"
    " AND b.change_of_id IS NOT DISTINCT FROM %(change_of)s::uuid",
    NotYours,
)
NO_CHANGE = Condition(
    "b.change_of_id IS NULL",
    "These seats are held for another booking that is to have them: see its history.",
)
# A hold whose expiry raised is tried again later, but its time is over all the same.
RUNNING = (
    *(Condition(f"b.state <> '{state}'", refusal) for state, refusal in NO_HOLD.items()),
    Condition("b.due_at > b.now AND b.failures = 0", HoldExpired),
)
# As `are_complete` has it: somebody in every seat, an adult among them, or nobody named at all.
COMPLETE = Condition(
    "b.passengers = '[]' OR (NOT b.passengers @> '[null]'"
    """ AND b.passengers @> '[{"type": "adult"}]')""",
    PassengersMissing,
)
DUE = Condition("b.due_at <= b.now", HoldExpired)
# Of two who decide at once, the second is told.
AS_SEEN = Condition("%(version)s::int IS NULL OR b.version = %(version)s::int", BookingChanged)
# Whoever changes a hold is whose it is, is in time, and has seen it as it is.
SEEN_HOLD = (OWN, *RUNNING, AS_SEEN)
NOT_CANCELLED = Condition("f.cancelled_at IS NULL", NotOnSale)
# The seats and prices that were chosen from are those of the flight as it is sold now.
SAME_AIRCRAFT = Condition("f.layout_id = %(layout)s::text", FlightChanged)
SAME_PRICES = Condition(
    "f.base_fare_cents = %(base_fare)s::int AND f.currency = %(currency)s::text"
    " AND (SELECT version FROM flights_cabinlayout WHERE code = f.layout_id)"
    " = %(layout_version)s::int",
    PricesChanged,
)
# A hold keeps the fare that it has, also when that is no longer sold.
FARE_SOLD = Condition(
    "b.fare_id = %(fare)s::bigint OR EXISTS ("
    "SELECT FROM flights_fare own WHERE own.id = %(fare)s::bigint AND own.on_sale)",
    PricesChanged,
)
SOLD_AS_SEEN = (
    Condition("f.on_sale AND f.departure > b.now", NotOnSale),
    NOT_CANCELLED,
    SAME_AIRCRAFT,
    SAME_PRICES,
)
ON_SALE = (*SOLD_AS_SEEN, FARE_SOLD)
# Its booking is about to be ended: nobody is charged first.
FLIGHT_STANDS = Condition(
    "NOT EXISTS (SELECT FROM flights_flight own"
    " WHERE own.id = b.flight_id AND own.cancelled_at IS NOT NULL)",
    FlightCancelled,
)
# It was put off, or failed. One that is asked for now has a lease, and at most that long.
WAITS = f"b.due_at > b.now AND (b.failures > 0 OR b.due_at > b.now + {seconds('lease')})"
IS_REFUND_DUE = Condition("b.payment_status = 'refund_due'", NotPossible)
REFUND_WAITS = (IS_REFUND_DUE, Condition(WAITS, NotPossible))
REFUND_WAITS_OR_IS_DUE = (IS_REFUND_DUE, Condition(f"b.due_at <= b.now OR {WAITS}", NotPossible))
THIS_ATTEMPT_OPEN = Condition(
    "EXISTS (SELECT FROM bookings_paymentattempt a WHERE a.booking_id = b.id"
    " AND a.number = %(number)s::int AND a.outcome IS NULL)",
    BookingChanged,
)

# --- Pieces that several share ---------------------------------------------------------------
# Never past HOLD_LIMIT_SECONDS in all, nor past the departure.
HOLD_END = f"least({{now}} + {seconds('hold')}, {{began}} + {seconds('limit')}, f.departure)"
# A fare and the price by it: never one without the other.
PRICED = {"fare_id": "%(fare)s::bigint", "total_cents": "%(total)s::int"}
REFUND_DUE = {"payment_status": "'refund_due'", "due_at": "b.now"}
SPENT = {
    "payment_code": "%(code)s::text",
    "code_fingerprint": "%(fingerprint)s::text",
    "due_at": "b.now",
}
PAID = {
    "payment_status": "'charged'",
    "last_error": "''",
    "payment_code": "''",
    "due_at": "NULL",
}
ATTEMPT_ANSWERED = """, answered AS (
    UPDATE bookings_paymentattempt a
    SET outcome = %(outcome)s::text, reason = %(reason)s::text, reference = %(reference)s::text,
        answered_at = c.now
    FROM changed c
    WHERE a.booking_id = c.id AND a.number = %(number)s::int AND a.outcome IS NULL
)"""
# An attempt that stays open when its booking ends, or whose lease is over, may have charged.
ATTEMPT_GIVEN_UP = """, given_up AS (
    UPDATE bookings_paymentattempt a
    SET outcome = 'unknown', reason = '{reason}', answered_at = c.now
    FROM changed c WHERE a.booking_id = c.id AND a.outcome IS NULL
    RETURNING a.booking_id
)"""
# Only a definite decline earns a new key: what was not answered may have charged.
ATTEMPT_OPENED = """, opened AS (
    INSERT INTO bookings_paymentattempt
        (booking_id, number, amount_cents, key, opened_at, lease_until, reason, reference)
    SELECT c.id, c.attempts, c.total_cents,
        CASE WHEN last.key IS NULL OR last.outcome = 'declined' THEN c.id || '-' || c.attempts
             ELSE last.key END,
        c.now, c.due_at, '', ''
    FROM changed c
    LEFT JOIN bookings_paymentattempt last
        ON last.booking_id = c.id AND last.number = c.attempts - 1
    -- Only one may be open.
    WHERE (SELECT count(*) FROM given_up) >= 0
    RETURNING booking_id, key
)"""
LAST_KEY = """(SELECT key FROM bookings_paymentattempt a
    WHERE a.booking_id = changed.id ORDER BY number DESC LIMIT 1)"""
# Of several at once, each its own seats, by its id.
SEATS_OF_EACH = "ARRAY(SELECT jsonb_array_elements_text(%(seats)s::jsonb -> b.id::text))"
# At the prices of the seats that they are instead of.
CLAIMS_MOVED = """, gone AS (
    DELETE FROM bookings_seatclaim s USING changed c WHERE s.booking_id = c.id
    RETURNING s.booking_id, s.seat, s.price_cents
), claimed AS (
    INSERT INTO bookings_seatclaim (flight_id, seat, booking_id, price_cents, owned)
    SELECT c.flight_id, place.seat, c.id, gone.price_cents, true
    FROM changed c CROSS JOIN unnest(c.seats_before, c.seats) AS place (before, seat)
    JOIN gone ON gone.booking_id = c.id AND gone.seat = place.before
)"""
INTERRUPTED = ATTEMPT_GIVEN_UP.format(reason="The payment service was interrupted.")
