"""What should have happened by now. A payment under its lease is due only when that is over."""

OVERDUE = """
SELECT 'Booking ' || id,
       'is ' || state || ' with payment status ' || payment_status
       || ' and overdue since ' || due_at
FROM bookings_booking
WHERE due_at < now() - %(overdue_seconds)s * interval '1 second'
ORDER BY due_at
"""

# One that has ended all the same needs nobody any more.
FAILING = """
SELECT 'Booking ' || id,
       'is ' || state || ' with payment status ' || payment_status
       || ' and has raised ' || failures
       || ' error(s), the last: ' || coalesce(nullif(last_error, ''), '-')
       || ' Its next try is due ' || due_at
FROM bookings_booking
WHERE failures > 0 AND due_at IS NOT NULL
ORDER BY failures DESC
"""
