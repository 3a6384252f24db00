"""What the outbox must hold."""

from bookings.models import State
from bookings.saga.outbox import ONLY_WHERE
from bookings.saga.table import TABLE

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
# Who had paid by then, and is still on it. Who has moved on since, or gave the address afterwards,
# has none.
DELAY_UNTOLD = f"""
SELECT 'Booking ' || b.id, 'has an address, but no message tells that its flight was delayed'
FROM flights_flightevent e
JOIN bookings_booking b ON b.flight_id = e.flight_id
WHERE e.name = 'delayed' AND b.state = '{State.CONFIRMED}' AND b.email <> ''
  AND EXISTS (
      SELECT FROM bookings_bookingevent paid
      WHERE paid.booking_id = b.id AND paid.name = 'confirmed' AND paid.at < e.at
  )
  AND NOT EXISTS (
      SELECT FROM bookings_bookingevent since
      WHERE since.booking_id = b.id AND (
          since.name IN ('names_corrected', 'passengers_corrected')
          OR since.name = 'moved_to_flight' AND since.at > e.at
      )
  )
  AND NOT EXISTS (
      SELECT FROM bookings_message m WHERE m.booking_id = b.id AND m.flight_event_id = e.id
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
