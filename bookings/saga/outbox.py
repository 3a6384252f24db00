"""What transitions do to the outbox: parts of their statement, so that neither is by itself.

`changed` is the booking afterwards. See models/message.py, and notifications/ for who sends.
"""

from bookings.errors import NotPossible
from bookings.models import Kind, State
from bookings.saga.conditions import Condition, seconds

CONFIRMATION = f""", written AS (
    INSERT INTO bookings_message (booking_id, kind, number, due_at)
    SELECT id, '{Kind.CONFIRMATION}', version, now FROM changed
    WHERE state = '{State.CONFIRMED}' AND email <> ''
)"""
# Whoever has a confirmation is sent another one, instead of one that is still to be sent.
CONFIRMATION_ANEW = f""", superseded AS (
    DELETE FROM bookings_message m USING changed c
    WHERE m.booking_id = c.id AND m.kind = '{Kind.CONFIRMATION}' AND m.due_at IS NOT NULL
){CONFIRMATION}"""
IS_DUE = Condition(
    "EXISTS (SELECT FROM bookings_message m"
    " WHERE m.id = %(message)s::bigint AND m.due_at IS NOT NULL)",
    NotPossible,
)
SENT = """, sent AS (
    UPDATE bookings_message m
    SET sent_at = c.now, due_at = NULL, failing_since = NULL, error = ''
    FROM changed c WHERE m.id = %(message)s::bigint AND m.booking_id = c.id
)"""
FAILING_SINCE = "coalesce(m.failing_since, c.now)"
# Given up, it is kept in sight until the departure: then nobody needs it any more.
NOT_SENT = f""", not_sent AS (
    UPDATE bookings_message m
    SET error = left(%(error)s::text, 200), attempts = m.attempts + 1,
        failing_since = {FAILING_SINCE},
        due_at = CASE WHEN {FAILING_SINCE} + {seconds("give_up")} > c.now
            THEN least(m.due_at, {FAILING_SINCE} + {seconds("give_up")})
            ELSE (SELECT departure FROM flights_flight WHERE id = c.flight_id) END
    FROM changed c WHERE m.id = %(message)s::bigint AND m.booking_id = c.id
)"""
# Why it could not be sent may tell the address.
FORGOTTEN = """, unsent AS (
    UPDATE bookings_message m SET due_at = NULL, failing_since = NULL, error = ''
    FROM changed c WHERE m.booking_id = c.id
)"""
