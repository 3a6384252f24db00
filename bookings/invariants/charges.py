"""What the gateway's own books say was charged and given back, against what the bookings say.

A charge that stands is an `approved` entry: a refunded or voided one gave everything back.
"""

from bookings.invariants.money import said

# What the gateway still has of each booking: the charges that stand, less what went back of them.
HELD = f"""
WITH keys AS (
    -- What a change was paid with is paid for its booking, once it has the seats.
    SELECT DISTINCT CASE b.state WHEN 'CHANGED' THEN b.change_of_id ELSE b.id END AS booking_id, key
    FROM bookings_paymentattempt a JOIN bookings_booking b ON b.id = a.booking_id
), held AS (
    SELECT b.id, count(*) AS charges, sum(l.amount_cents) AS charged,
           sum(l.amount_cents - back.cents) AS cents,
           string_agg({said("l.amount_cents", "l.currency")}, ' and ') AS said,
           bool_and(l.currency = b.currency) AS right_currency
    FROM bookings_ledgerentry l
    JOIN keys USING (key)
    JOIN bookings_booking b ON b.id = keys.booking_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(value::bigint), 0) AS cents FROM jsonb_each_text(l.refunds)
    ) back
    WHERE l.status = 'approved'
    GROUP BY b.id
), owed AS (
    -- Asked for, and not yet in the gateway's books.
    SELECT r.booking_id AS id, sum(r.amount_cents) AS cents
    FROM bookings_refund r LEFT JOIN bookings_ledgerentry l ON l.key = r.charge
    WHERE (l.refunds ? r.key) IS NOT TRUE
    GROUP BY r.booking_id
), money AS (
    SELECT b.*, charges, charged, said, coalesce(held.cents, 0) AS held, right_currency,
           kept_cents + coalesce(owed.cents, 0)
               + CASE state WHEN 'CONFIRMED' THEN total_cents ELSE 0 END AS due_to_have,
           (SELECT count(*) FROM bookings_booking own
            WHERE own.change_of_id = b.id AND own.state = 'CHANGED'
                AND own.payment_status = 'charged') AS changes,
           -- To be voided, if it was charged at all.
           payment_status = 'refund_due' AND state <> 'CONFIRMED' AND NOT EXISTS (
               SELECT FROM bookings_refund r WHERE r.booking_id = b.id
           ) AS is_doubtful
    FROM bookings_booking b LEFT JOIN held USING (id) LEFT JOIN owed USING (id)
)
"""

NOT_CHARGED_ONCE = f"""
{HELD}
SELECT 'Booking ' || id,
       'is CONFIRMED for ' || {said("due_to_have", "currency")} || ' but was charged '
       || coalesce(said, 'nothing')
       || CASE WHEN held <> charged THEN ', of which ' || {said("charged - held", "currency")}
            || ' went back' ELSE '' END
FROM money
WHERE state = 'CONFIRMED'
  AND (charges = 1 + changes AND right_currency AND held = due_to_have) IS NOT TRUE
"""

KEPT = f"""
{HELD}
SELECT 'Booking ' || id,
       'is ' || state || ' with payment status ' || payment_status || ' but '
       || {said("held", "currency")} || ' stays charged instead of '
       || {said("due_to_have", "currency")}
FROM money
WHERE state NOT IN ('CONFIRMED', 'PAYMENT_PROCESSING') AND NOT is_doubtful
  AND held <> due_to_have
"""

# True at every moment of a payment, before its answer is known here and until it is voided.
CHARGED_WRONGLY = f"""
{HELD}
SELECT 'Booking ' || id,
       'is ' || state || ' for ' || {said("total_cents", "currency")} || ' but was charged ' || said
FROM money
WHERE (state = 'PAYMENT_PROCESSING' OR is_doubtful)
  AND (charges > 1 OR charged <> total_cents OR NOT right_currency)
"""

UNKNOWN_KEYS = """
SELECT 'Ledger entry ' || l.key,
       CASE count(DISTINCT a.booking_id)
            WHEN 0 THEN '(' || l.status || ') belongs to no payment attempt'
            ELSE 'belongs to several bookings: ' || string_agg(DISTINCT a.booking_id::text, ', ')
       END
FROM bookings_ledgerentry l
LEFT JOIN bookings_paymentattempt a USING (key)
GROUP BY l.key
HAVING count(DISTINCT a.booking_id) <> 1
"""

# By key: what was asked for, and what the gateway says that it gave back.
REFUNDED_WRONGLY = f"""
WITH made AS (
    SELECT l.key AS charge, l.currency, l.status, back.key, back.value::bigint AS cents
    FROM bookings_ledgerentry l CROSS JOIN jsonb_each_text(l.refunds) back
)
SELECT coalesce('Booking ' || r.booking_id, 'Ledger entry ' || made.charge),
       CASE WHEN r.key IS NULL
            THEN 'gave ' || {said("made.cents", "made.currency")} || ' back for nobody'
            WHEN made.key IS NULL
            THEN 'had ' || {said("r.amount_cents", "b.currency")} || ' given back, and the gateway '
                 || 'knows nothing of it'
            ELSE 'wanted ' || {said("r.amount_cents", "b.currency")} || ' back, and the gateway '
                 || 'gave ' || {said("made.cents", "made.currency")} END
FROM bookings_refund r
JOIN bookings_booking b ON b.id = r.booking_id
FULL JOIN made USING (key)
WHERE r.key IS NULL
   OR (made.key IS NULL AND r.done_at IS NOT NULL)
   OR (made.charge, made.cents) <> (r.charge, r.amount_cents)
"""

WAITS_FOR_NOBODY = """
SELECT 'Booking ' || b.id,
       'has payment status ' || b.payment_status || ' and ' || count(r.key)
       || ' refunds still to be made'
FROM bookings_booking b
LEFT JOIN bookings_refund r ON r.booking_id = b.id AND r.done_at IS NULL
GROUP BY b.id
HAVING (b.payment_status <> 'refund_due' AND count(r.key) > 0)
    OR (b.payment_status = 'refund_due' AND b.state = 'CONFIRMED' AND count(r.key) = 0)
"""
