"""What the gateway's own books say was charged, against what the bookings say.

A net charge is an `approved` entry: a refunded or voided one gave everything back.
"""

from bookings.invariants.money import said

# For each booking with a net charge: how many, and whether all are for its price.
NET_CHARGES = f"""
WITH keys AS (
    SELECT DISTINCT booking_id, key FROM bookings_paymentattempt
), net AS (
    SELECT b.id, b.state, b.payment_status, count(*) AS charges,
           {said("b.total_cents", "b.currency")} AS price,
           string_agg({said("l.amount_cents", "l.currency")}, ' and ') AS charged,
           bool_and(l.amount_cents = b.total_cents AND l.currency = b.currency) AS right_amount
    FROM bookings_ledgerentry l
    JOIN keys USING (key)
    JOIN bookings_booking b ON b.id = keys.booking_id
    WHERE l.status = 'approved'
    GROUP BY b.id
)
"""

NOT_CHARGED_ONCE = f"""
{NET_CHARGES}
SELECT 'Booking ' || b.id,
       'is CONFIRMED for ' || {said("b.total_cents", "b.currency")} || ' but was charged '
       || coalesce(net.charged, 'nothing')
FROM bookings_booking b
LEFT JOIN net USING (id)
WHERE b.state = 'CONFIRMED'
  AND (net.charges = 1 AND net.right_amount) IS NOT TRUE
"""

# While a refund is due, the charge may still stand.
KEPT = f"""
{NET_CHARGES}
SELECT 'Booking ' || id,
       'is ' || state || ' with payment status ' || payment_status || ' but '
       || charged || ' stays charged'
FROM net
WHERE state NOT IN ('CONFIRMED', 'PAYMENT_PROCESSING') AND payment_status <> 'refund_due'
"""

# True at every moment of a payment, before its answer is known here and until it is refunded.
CHARGED_WRONGLY = f"""
{NET_CHARGES}
SELECT 'Booking ' || id,
       'is ' || state || ' for ' || price || ' but was charged ' || charged
FROM net
WHERE (state = 'PAYMENT_PROCESSING' OR payment_status = 'refund_due')
  AND (charges > 1 OR NOT right_amount)
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
