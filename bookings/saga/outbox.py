"""What transitions do to the outbox: parts of their statement, so that neither is by itself.

`changed` is the booking afterwards. What is done to a flight is told to all of its bookings in one
statement of its own. See models/message.py, and notifications/ for who sends.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from bookings.models import Kind, PaymentStatus, State
from bookings.saga.conditions import Condition
from flights.models import FlightEvent

# Why it could not be sent may tell the address.
UNNEEDED = """, unneeded AS (
    UPDATE bookings_message m SET due_at = NULL, failing_since = NULL, error = ''
    FROM changed c WHERE m.booking_id = c.id AND m.due_at IS NOT NULL{which}
)"""
FORGOTTEN = UNNEEDED.format(which="")
WRITTEN = """, written AS (
    INSERT INTO bookings_message (booking_id, kind, number, due_at)
    SELECT c.id, told.kind, c.version, c.now
    FROM changed c CROSS JOIN (VALUES {kinds}) AS told (kind)
    WHERE c.email <> ''{which}
)"""
# Of a hold that gets other seats nothing is confirmed, and seats that were cheap have no refund.
ONLY_WHERE = {
    Kind.CONFIRMATION: f"c.state = '{State.CONFIRMED}'",
    Kind.SEATS_CHANGED: f"c.state = '{State.CONFIRMED}'",
    Kind.REFUND_ASKED: f"c.payment_status = '{PaymentStatus.REFUND_DUE}'",
}
NO_MAIL = "There is no mail to send: only a confirmed booking has a confirmation."
CAN_BE_SENT = Condition(
    f"b.state = '{State.CONFIRMED}' OR EXISTS ("
    "SELECT FROM bookings_message m WHERE m.booking_id = b.id AND m.failing_since IS NOT NULL)",
    NO_MAIL,
)
# Also what was given up, and with a new day to try.
AGAIN = f""", again AS (
    UPDATE bookings_message m SET due_at = c.now, failing_since = NULL, error = ''
    FROM changed c
    WHERE m.booking_id = c.id AND m.due_at IS NOT NULL AND m.kind <> '{Kind.CONFIRMATION}'
)"""

# Whose payment runs reads the times on the confirmation, if that is written by then.
WRITTEN_TO_ALL = f"""
INSERT INTO bookings_message (booking_id, kind, number, flight_event_id, due_at)
SELECT id, %(kind)s, version, %(event)s, %(now)s FROM bookings_booking
WHERE flight_id = %(flight)s AND email <> ''
    AND state IN ('{State.CONFIRMED}', '{State.PAYMENT_PROCESSING}')
"""


def write_to_all(event: FlightEvent, kind: Kind) -> None:
    """Tell all who have paid for the flight, or just do, of what was done to it: one statement, in
    the caller's transaction. The sweep has them sent, many at a time."""
    about: dict[str, Any] = {
        "kind": kind,
        "event": event.pk,
        "flight": event.flight_id,
        "now": event.at,
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN_TO_ALL, about)


def written(kinds: Sequence[Kind], *, ends: bool) -> str:
    """Write these. What waits and tells of what is over is not sent any more: a confirmation that
    there is another one of, and where a state `ends` all but what money went back."""
    if not kinds:
        return ""
    rest = f" AND m.kind NOT IN ('{Kind.REFUND_ASKED}', '{Kind.REFUND_MADE}')"
    over = rest if ends else f" AND m.kind = '{Kind.CONFIRMATION}'"
    unneeded = ends or Kind.CONFIRMATION in kinds
    which = "".join(
        f" AND (told.kind <> '{kind}' OR {met})"
        for kind, met in ONLY_WHERE.items()
        if kind in kinds
    )
    names = ", ".join(f"('{kind}')" for kind in kinds)
    return (UNNEEDED.format(which=over) if unneeded else "") + WRITTEN.format(
        kinds=names, which=which
    )
