"""What transitions do to the outbox: parts of their statement, so that neither is by itself.

`changed` is the booking afterwards. See models/message.py, and notifications/ for who sends.
"""

from bookings.models import Kind, State

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
# Why it could not be sent may tell the address.
FORGOTTEN = """, unsent AS (
    UPDATE bookings_message m SET due_at = NULL, failing_since = NULL, error = ''
    FROM changed c WHERE m.booking_id = c.id
)"""
