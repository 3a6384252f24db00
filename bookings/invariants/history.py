"""A booking's events: complete, in order, and telling what the row says."""

from bookings.saga.frame import JSON_TIME, RECORDED
from bookings.saga.table import TABLE

# The clock is read under the booking's lock, so time never runs backwards within a booking.
GAPS = """
SELECT 'Booking ' || b.id,
       'is at version ' || b.version || ' but has '
       || coalesce(e.events || ' events, numbered ' || e.first || ' to ' || e.last, 'no events')
       || CASE WHEN e.backwards THEN ', and their times run backwards' ELSE '' END
FROM bookings_booking b
LEFT JOIN (
    SELECT booking_id, count(*) AS events, min(number) AS first, max(number) AS last,
           bool_or(at < at_before) AS backwards
    FROM (
        SELECT booking_id, number, at,
               lag(at) OVER (PARTITION BY booking_id ORDER BY number) AS at_before
        FROM bookings_bookingevent
    ) AS numbered
    GROUP BY booking_id
) e ON e.booking_id = b.id
WHERE (e.events = b.version AND e.first = 1 AND e.last = b.version) IS NOT TRUE OR e.backwards
"""

DUE_AT = JSON_TIME.format("b.due_at")

ROW = ", ".join(
    f"'{column}', {DUE_AT if column == 'due_at' else f'b.{column}'}" for column in RECORDED
)

# A later value of a key replaces an earlier one: that is how jsonb_object_agg folds.
TELLS_OTHERWISE = f"""
WITH told AS (
    SELECT e.booking_id AS id, jsonb_object_agg(c.key, c.value ORDER BY e.number) AS story
    FROM bookings_bookingevent e CROSS JOIN jsonb_each(e.changes) c
    GROUP BY e.booking_id
), compared AS (
    -- Events from before flights, fares, fees and disruptions were told leave them as they were.
    SELECT b.id, jsonb_build_object({ROW}) AS present,
           jsonb_build_object(
                   'flight_id', b.flight_id, 'fare_id', b.fare_id, 'kept_cents', 0,
                   'accepted_disruptions', 0)
               || coalesce(told.story, '{{}}') AS story
    FROM bookings_booking b LEFT JOIN told USING (id)
)
SELECT 'Booking ' || id, (
    SELECT string_agg('has ' || key || ' ' || coalesce(present ->> key, 'empty')
                      || ' but its events say ' || coalesce(story ->> key, 'empty'), '; ')
    FROM jsonb_object_keys(present || story) AS key
    WHERE present -> key IS DISTINCT FROM story -> key
)
FROM compared
WHERE present <> story
"""

WRONG_LOCATOR = """
SELECT 'Booking ' || b.id,
       CASE WHEN b.record_locator IS NULL THEN 'was confirmed but has no record locator'
            WHEN c.booking_id IS NULL THEN 'was never confirmed but has the record locator '
            ELSE 'has the malformed record locator ' END || coalesce(b.record_locator, '')
FROM bookings_booking b
LEFT JOIN (
    SELECT DISTINCT booking_id FROM bookings_bookingevent WHERE changes ->> 'state' = 'CONFIRMED'
) c ON c.booking_id = b.id
WHERE (b.record_locator IS NULL) <> (c.booking_id IS NULL)
   OR b.record_locator !~ %(locator)s
"""

# (event, state before, state after) of everything that changes a state.
NO_SUCH_TRANSITION = """
WITH told AS (
    SELECT booking_id, number, name, changes ->> 'state' AS state,
           lag(changes ->> 'state') OVER (PARTITION BY booking_id ORDER BY number) AS before
    FROM bookings_bookingevent WHERE changes ? 'state'
)
SELECT 'Booking ' || booking_id,
       'went from ' || coalesce(before, 'nothing') || ' to ' || state || ' by ' || name
FROM told
WHERE (before IS DISTINCT FROM state)
  AND NOT (name || ' ' || coalesce(before, '') || ' ' || state) = ANY(%(transitions)s)
"""


def transitions() -> list[str]:
    """What the saga's table allows, as the query above writes it."""
    return [
        f"{each.event} {source} {target}"
        for each in TABLE
        for source in each.source or [""]
        for target in each.to
    ]
