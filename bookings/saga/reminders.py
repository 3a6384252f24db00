"""Whose hold is about to end is told so, once a hold period: until the seats change, or it ends.

Each sweep finds them by the index of timers and writes one message each. So there is no task for
each hold, most of which are paid or given up long before, and a hold that is changed has nothing
to take back: what became of it is looked at once more when the message is sent.
"""

from datetime import timedelta

from django.conf import settings
from django.db import connection

from bookings.models import Kind, State
from bookings.saga.conditions import seconds

# Before its end, or a third of a hold where that is less.
BEFORE = timedelta(minutes=5)
# The number is that of the event by which the timer runs. What somebody changes just now is left to
# the next sweep.
WRITTEN = f"""
INSERT INTO bookings_message (booking_id, kind, number, due_at)
SELECT b.id, '{Kind.HOLD_ENDING}', period.number, statement_timestamp()
FROM bookings_booking b CROSS JOIN LATERAL (
    SELECT max(number) AS number FROM bookings_bookingevent e
    WHERE e.booking_id = b.id AND e.changes ? 'due_at'
) period
WHERE b.due_at > statement_timestamp() AND b.due_at <= statement_timestamp() + {seconds("before")}
    AND b.state = '{State.SEATS_RESERVED}' AND b.email <> '' AND b.failures = 0
    -- Asked of each by the index, and not of all messages that there are, as NOT EXISTS is.
    AND period.number IS DISTINCT FROM (
        SELECT max(number) FROM bookings_message m
        WHERE m.booking_id = b.id AND m.kind = '{Kind.HOLD_ENDING}'
    )
FOR KEY SHARE OF b SKIP LOCKED
ON CONFLICT DO NOTHING
"""


def write_reminders() -> None:
    """Tell all that end soon and were not told, where there is an address: one statement."""
    before = min(BEFORE.total_seconds(), settings.SEAT_HOLD_SECONDS / 3)
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN, {"before": before})
