"""Who owns which seat, now and ever."""

from bookings.invariants.money import said

OWNED_TWICE = """
SELECT 'Seat ' || seat || ' of flight ' || flight_id,
       'is owned ' || count(*) || ' times, by '
       || string_agg(coalesce('booking ' || booking_id, 'a block'), ', ')
FROM bookings_seatclaim
GROUP BY flight_id, seat
HAVING count(*) > 1
"""

NOT_ITS_SEATS = """
SELECT 'Booking ' || b.id,
       'is ' || b.state || ' for ' || array_to_string(b.seats, ', ')
       || ' but owns ' || coalesce(array_to_string(c.seats, ', '), 'no seat')
FROM bookings_booking b
LEFT JOIN (
    SELECT booking_id, array_agg(seat ORDER BY seat) AS seats
    FROM bookings_seatclaim GROUP BY booking_id
) c ON c.booking_id = b.id
WHERE b.owns_seats
  AND ARRAY(SELECT unnest(b.seats) AS seat ORDER BY seat) IS DISTINCT FROM c.seats
"""

OWNS_WITHOUT_RIGHT = """
SELECT 'Booking ' || c.booking_id,
       coalesce('is ' || b.state, 'does not exist') || ' but owns seat ' || c.seat
       || ' of flight ' || c.flight_id
FROM bookings_seatclaim c
LEFT JOIN bookings_booking b ON b.id = c.booking_id
WHERE c.booking_id IS NOT NULL AND b.owns_seats IS NOT TRUE
"""

OTHER_FLIGHT = """
SELECT 'Booking ' || b.id,
       'is for flight ' || b.flight_id || ' but owns seat ' || c.seat
       || ' of flight ' || c.flight_id
FROM bookings_seatclaim c
JOIN bookings_booking b ON b.id = c.booking_id
WHERE c.flight_id <> b.flight_id
"""

# Each seat's price by the fare that the booking was sold at: `share` of flights/money.py.
WRONG_PRICE = f"""
SELECT 'Booking ' || b.id,
       'costs ' || {said("b.total_cents", "b.currency")}
       || ' but its seats cost ' || {said("c.cents", "b.currency")}
FROM bookings_booking b
JOIN (
    SELECT c.booking_id, sum((c.price_cents::bigint * f.percent + 50) / 100) AS cents
    FROM bookings_seatclaim c
    JOIN bookings_booking own ON own.id = c.booking_id
    JOIN flights_fare f ON f.id = own.fare_id
    GROUP BY c.booking_id
) c ON c.booking_id = b.id
WHERE b.owns_seats AND b.total_cents <> c.cents AND b.change_of_id IS NULL
"""

FARE_CHANGED_LATE = """
SELECT 'Booking ' || late.booking_id,
       'got another fare by ' || late.name || ' after its payment had begun'
FROM bookings_bookingevent late
JOIN bookings_bookingevent began USING (booking_id)
WHERE began.name = 'payment_started' AND late.number > began.number AND late.changes ? 'fare_id'
"""

# An event's time is taken before its transaction commits, so ownership is not exactly
# [gain, loss]. What is certain:
# - At the time of the event that ends it, a booking still owned the seat: the claim is
#   deleted after that time is taken.
# - A gain's time is taken before its seats are claimed, and claiming may wait for whoever
#   is just giving one back, at a later time; nothing is wrong then. But the gain has
#   committed when the booking's next event takes its time, and no later than 30 s after its
#   own: a statement that waits longer is ended.
# So the span begins at whichever of the two comes first, and two spans of one seat that
# overlap were two owners at once. Sorted by their begin, some neighbours overlap if any do.
# A block is an owner like any other; its spans are in the flight's events.
SHARED = """
WITH story AS (
    SELECT booking_id, number, at, changes,
           lead(at) OVER events AS next_at,
           count(changes -> 'state') OVER events AS states,
           count(changes -> 'seats') OVER events AS choices,
           count(changes -> 'flight_id') OVER events AS flights
    FROM bookings_bookingevent
    WINDOW events AS (PARTITION BY booking_id ORDER BY number)
), folded AS (
    SELECT booking_id, number, at, next_at,
           first_value(changes ->> 'state') OVER (
               PARTITION BY booking_id, states ORDER BY number) AS state,
           first_value(changes -> 'seats') OVER (
               PARTITION BY booking_id, choices ORDER BY number) AS seats,
           first_value((changes -> 'flight_id')::bigint) OVER (
               PARTITION BY booking_id, flights ORDER BY number) AS flight_id
    FROM story
    WHERE changes ?| ARRAY['state', 'seats']
), owning AS (
    SELECT booking_id, flight_id, number, at, next_at,
           CASE WHEN state = ANY(%(owning)s) THEN seats ELSE '[]' END AS seats
    FROM folded
), periods AS (
    SELECT booking_id, flight_id, seats, at, next_at,
           lead(at) OVER events AS until,
           CASE WHEN lag(flight_id) OVER events IS NOT DISTINCT FROM flight_id
                THEN lag(seats) OVER events END AS seats_before
    FROM owning
    WINDOW events AS (PARTITION BY booking_id ORDER BY number)
), blocks AS (
    SELECT e.flight_id, b.key AS seat, b.value AS reason, e.at, e.next_at,
           lead(e.at) OVER (PARTITION BY e.flight_id, b.key ORDER BY e.id) AS until
    FROM (
        SELECT *, lead(at) OVER (PARTITION BY flight_id ORDER BY id) AS next_at
        FROM flights_flightevent
    ) e
    CROSS JOIN jsonb_each(e.changes -> 'blocks') b
), spans AS (
    SELECT 'booking ' || p.booking_id AS owner,
           coalesce(p.flight_id, b.flight_id) AS flight_id, seat,
           CASE WHEN p.seats_before ? seat THEN p.at
                ELSE least(p.next_at, p.at + interval '30 seconds') END AS since,
           coalesce(p.until, 'infinity') AS until
    FROM periods p
    JOIN bookings_booking b ON b.id = p.booking_id
    CROSS JOIN jsonb_array_elements_text(p.seats) AS seat
    UNION ALL
    SELECT 'a block', flight_id, seat, least(next_at, at + interval '30 seconds'),
           coalesce(until, 'infinity')
    FROM blocks
    WHERE reason <> 'null'
), neighbours AS (
    SELECT *, lag(until) OVER owners AS until_before, lag(owner) OVER owners AS before
    FROM spans
    WINDOW owners AS (PARTITION BY flight_id, seat ORDER BY since, until)
)
SELECT upper(left(owner, 1)) || substr(owner, 2),
       'owned seat ' || seat || ' of flight ' || flight_id || ' at ' || since
       || ' while ' || before || ' owned it until '
       || CASE WHEN until_before = 'infinity' THEN 'now' ELSE until_before::text END
FROM neighbours
WHERE since < until_before AND before <> owner
"""
