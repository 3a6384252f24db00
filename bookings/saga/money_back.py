"""What transitions give back of what was paid: parts of their statement.

One rule holds at every moment: what the gateway has of a booking's charges, less the refunds that
are asked for, is what is paid for: the price of a CONFIRMED booking's seats and what was kept
beside. So a transition says what is paid for afterwards, and what is less goes back.
"""

from bookings.errors import QuoteEnded
from bookings.models import State
from bookings.saga.conditions import AS_SEEN, FLIGHT_STANDS, LAST_KEY, OWN, Condition
from bookings.saga.passenger_transitions import NOT_LEFT

# Of a booking before or after.
PAID_FOR = (
    f"(CASE {{of}}.state WHEN '{State.CONFIRMED}' THEN {{of}}.total_cents ELSE 0 END"
    " + {of}.kept_cents)"
)
# The whole price, but never more than there is.
WHOLE_PRICE = "least(b.total_cents, b.total_cents + b.kept_cents)"
# Of a confirmed booking, the fees too: where it is not the customer who wants it so.
ALL_PAID = "(b.total_cents + b.kept_cents)"
FLIGHT_CANCELLED = Condition(
    FLIGHT_STANDS.sql,
    "This flight was cancelled: all that was paid for its seats goes back by itself.",
)
QUOTED = (
    OWN,
    Condition(AS_SEEN.sql, QuoteEnded),
    NOT_LEFT,
    Condition("b.now < %(until)s::timestamptz", QuoteEnded),
    Condition(
        "(SELECT departure FROM flights_flight WHERE id = b.flight_id)"
        " = %(departure)s::timestamptz",
        QuoteEnded,
    ),
    FLIGHT_CANCELLED,
)
AT_MOST_THERE_IS = Condition(
    f"%(refund)s::bigint BETWEEN 1 AND {PAID_FOR.format(of='b')}",
    "That is more than what is left of what was paid.",
)
_ANOTHER = (
    "EXISTS (SELECT FROM bookings_refund r"
    " WHERE r.booking_id = b.id AND r.done_at IS NULL AND r.key <> %(refund)s::text)"
)


def given_back(refund: str, *, rest: str, paid: str = "0") -> dict[str, str]:
    """The columns when so much goes back, and `rest` is what its seats cost then; where more
    was `paid`, with that."""
    return {
        "kept_cents": f"b.kept_cents + b.total_cents + {paid} - {rest} - {refund}",
        "payment_status": f"CASE WHEN {refund} > 0 THEN 'refund_due' ELSE b.payment_status END",
        "due_at": f"CASE WHEN {refund} > 0 THEN b.now ELSE b.due_at END",
    }


# The charge of a booking is that of its last attempt, and each change that was paid for brought
# one more. What goes back does so of the latest first, and of no charge more than is left of it.
REFUND_ASKED = f""", charge AS (
    SELECT c.id, a.key, a.opened_at, a.amount_cents - coalesce((
        SELECT sum(r.amount_cents) FROM bookings_refund r WHERE r.charge = a.key), 0) AS rest
    FROM changed c
    JOIN LATERAL (
        SELECT c.id AS payer
        UNION ALL SELECT paid.id FROM bookings_booking paid
        WHERE paid.change_of_id = c.id AND paid.state = '{State.CHANGED}'
    ) own ON true
    JOIN LATERAL (
        SELECT key, opened_at, amount_cents FROM bookings_paymentattempt
        WHERE booking_id = own.payer ORDER BY number DESC LIMIT 1
    ) a ON true
), share AS (
    SELECT charge.*, sum(rest) OVER (PARTITION BY id ORDER BY opened_at DESC, key) - rest AS above
    FROM charge WHERE rest > 0
), asked AS (
    INSERT INTO bookings_refund (key, booking_id, number, charge, amount_cents, asked_at)
    SELECT share.key || '-r' || c.version, c.id, c.version, share.key,
        least(share.rest, c.held_before - {PAID_FOR.format(of="c")} - share.above), c.now
    FROM changed c JOIN share USING (id)
    WHERE c.held_before - {PAID_FOR.format(of="c")} > share.above
)"""
# Of what is to go back first; of a charge that may never have been made, to be voided.
NEXT_KEY = f"""coalesce((SELECT key FROM bookings_refund r
    WHERE r.booking_id = changed.id AND r.done_at IS NULL ORDER BY number, key LIMIT 1),
    {LAST_KEY})"""
# "" is the key of no refund: what may have been charged was voided.
MADE = {
    "payment_status": f"CASE WHEN {_ANOTHER} THEN 'refund_due'"
    f" WHEN b.state = '{State.CONFIRMED}' THEN 'charged' ELSE 'refunded' END",
    "due_at": f"CASE WHEN {_ANOTHER} THEN b.now END",
    "failures": "0",
}
REFUND_MADE = """, made AS (
    UPDATE bookings_refund r SET done_at = c.now
    FROM changed c WHERE r.key = %(refund)s::text AND r.booking_id = c.id
)"""
