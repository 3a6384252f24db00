"""Seats exist because the aircraft's layout says so."""

from flights.cabin.text import LayoutError
from flights.models import CabinLayout

NO_SUCH_SEAT = """
SELECT coalesce('Booking ' || c.booking_id, 'A block'),
       'owns seat ' || c.seat || ' of flight ' || f.id || ', which its aircraft ('
       || f.layout_id || ') does not have'
FROM bookings_seatclaim c
JOIN flights_flight f ON f.id = c.flight_id
LEFT JOIN unnest(%(seat_layouts)s::text[], %(layout_seats)s::text[]) AS s (layout, seat)
       ON s.layout = f.layout_id AND s.seat = c.seat
WHERE s.seat IS NULL
"""


def params() -> dict[str, list[str]]:
    """Every seat of every layout, as two columns."""
    seats = [(layout.code, seat) for layout in CabinLayout.objects.all() for seat in _seats(layout)]
    return {
        "seat_layouts": [layout for layout, _ in seats],
        "layout_seats": [seat for _, seat in seats],
    }


def _seats(layout: CabinLayout) -> list[str]:
    """None for a layout that cannot be read: then whatever is owned there is reported."""
    try:
        return list(layout.parsed.seats)
    except LayoutError:
        return []
