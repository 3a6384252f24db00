"""What the outbox must hold."""

# Whoever gave the address only afterwards has none.
UNWRITTEN = """
SELECT 'Booking ' || b.id, 'is confirmed and has an address, but no confirmation was written'
FROM bookings_booking b
WHERE b.state = 'CONFIRMED' AND b.email <> ''
  AND NOT EXISTS (
      SELECT FROM bookings_message m WHERE m.booking_id = b.id AND m.kind = 'confirmation'
  )
  AND NOT EXISTS (
      SELECT FROM bookings_bookingevent e
      WHERE e.booking_id = b.id AND e.name IN ('names_corrected', 'passengers_corrected')
  )
"""
