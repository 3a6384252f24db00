"""What the outbox must hold."""

from bookings.saga.outbox import ONLY_WHERE
from bookings.saga.transitions import TABLE

# Whoever gave the address only afterwards has none. `written`: "event kind".
UNWRITTEN = """
SELECT 'Booking ' || b.id, 'has an address, but no message tells of its ' || told.name
FROM (
    SELECT split_part(each, ' ', 1) AS name, split_part(each, ' ', 2) AS kind
    FROM unnest(%(written)s::text[]) AS each
) told
JOIN bookings_bookingevent e USING (name)
JOIN bookings_booking b ON b.id = e.booking_id
WHERE b.email <> ''
  AND NOT EXISTS (
      SELECT FROM bookings_message m
      WHERE m.booking_id = b.id AND m.kind = told.kind AND m.number >= e.number
  )
  AND NOT EXISTS (
      SELECT FROM bookings_bookingevent e
      WHERE e.booking_id = b.id AND e.name IN ('names_corrected', 'passengers_corrected')
  )
"""


def params() -> dict[str, list[str]]:
    """Of which events the saga's table says that they are told, whatever becomes of them."""
    told = {
        f"{each.event} {kind}"
        for each in TABLE
        for kind in each.tells
        if each.to or kind not in ONLY_WHERE
    }
    return {"written": sorted(told)}
