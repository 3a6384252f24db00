"""What was done to flights: their history tells what is blocked, and cancelled means over."""

# The latest word on each seat.
BLOCKED_UNTOLD = """
WITH told AS (
    SELECT DISTINCT ON (e.flight_id, b.key) e.flight_id, b.key AS seat, b.value #>> '{}' AS reason
    FROM flights_flightevent e CROSS JOIN jsonb_each(e.changes -> 'blocks') b
    ORDER BY e.flight_id, b.key, e.id DESC
)
SELECT 'Seat ' || seat || ' of flight ' || flight_id,
       coalesce('is blocked (' || c.block_reason || ')', 'is not blocked')
       || ', but the flight''s history says ' || coalesce(told.reason, 'nothing of it')
FROM (SELECT * FROM bookings_seatclaim WHERE booking_id IS NULL) c
FULL JOIN (SELECT * FROM told WHERE reason IS NOT NULL) told USING (flight_id, seat)
WHERE c.block_reason IS DISTINCT FROM told.reason
"""

CANCELLED_STANDS = """
SELECT 'Booking ' || b.id,
       'is ' || b.state || ' on flight ' || f.id || ', which is cancelled and said to be done with'
FROM flights_flight f
JOIN bookings_booking b ON b.flight_id = f.id
WHERE f.cancelled_at IS NOT NULL AND NOT f.ending_bookings
  AND (b.state = ANY(%(open)s) OR b.state = 'CONFIRMED')
"""

ENDING_BOOKINGS = """
SELECT 'Flight ' || f.id,
       'was cancelled at ' || f.cancelled_at || ', and ' || count(b.id) || ' bookings still stand'
FROM flights_flight f
LEFT JOIN bookings_booking b
       ON b.flight_id = f.id AND (b.state = ANY(%(open)s) OR b.state = 'CONFIRMED')
WHERE f.ending_bookings AND f.cancelled_at < now() - %(overdue_seconds)s * interval '1 second'
GROUP BY f.id
"""
