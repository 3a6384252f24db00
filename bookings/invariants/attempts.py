"""A payment's attempts: how many, one at a time, and which idempotency key each may use."""

MISCOUNTED = """
SELECT 'Booking ' || b.id,
       'counts ' || b.attempts || ' payment attempts but has '
       || coalesce('those numbered ' || a.numbers, 'none')
FROM bookings_booking b
LEFT JOIN (
    SELECT booking_id, count(*) AS attempts, min(number) AS first, max(number) AS last,
           string_agg(number::text, ', ' ORDER BY number) AS numbers
    FROM bookings_paymentattempt GROUP BY booking_id
) a ON a.booking_id = b.id
WHERE b.attempts <> coalesce(a.attempts, 0)
   OR a.first <> 1 OR a.last <> a.attempts OR a.attempts > 3
"""

OPEN_FOR_NOTHING = """
SELECT 'Booking ' || b.id, 'is ' || b.state || ' with ' || count(*) || ' open payment attempts'
FROM bookings_paymentattempt a
JOIN bookings_booking b ON b.id = a.booking_id
WHERE a.outcome IS NULL
GROUP BY b.id
HAVING b.state <> 'PAYMENT_PROCESSING' OR count(*) > 1
"""

# An attempt without an answer may have charged: a new key after it could charge again.
WRONG_KEY = """
WITH tries AS (
    SELECT booking_id, number, key,
           lag(number) OVER attempts AS number_before,
           lag(key) OVER attempts AS key_before,
           lag(outcome) OVER attempts AS outcome_before
    FROM bookings_paymentattempt
    WINDOW attempts AS (PARTITION BY booking_id ORDER BY number)
)
SELECT 'Booking ' || booking_id,
       'made attempt ' || number || ' with the key ' || key || ' after attempt '
       || number_before || ' with ' || key_before || ' was '
       || coalesce(outcome_before, 'still open')
FROM tries
WHERE number_before IS NOT NULL
  AND CASE outcome_before WHEN 'unknown' THEN key <> key_before
                          WHEN 'declined' THEN key = key_before
                          ELSE true END
"""

# The code itself is never shown.
CODE_KEPT = """
SELECT 'Booking ' || id,
       'is ' || state || CASE state WHEN 'PAYMENT_PROCESSING' THEN ' without a payment code'
                                    ELSE ' and still has a payment code' END
FROM bookings_booking
WHERE (state = 'PAYMENT_PROCESSING') <> (payment_code <> '')
   OR state NOT IN ('PAYMENT_PROCESSING', 'CONFIRMED', 'CHANGED') AND code_fingerprint <> ''
"""
