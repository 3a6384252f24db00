"""Celery's countdown tasks: they have a booking looked at when it is due.

`Booking.due_at` is the timer; a task carries the booking's id and nothing else, and only
makes its step prompt. One that comes late, twice or early finds `due_at` changed and does
nothing, and `sweep` finds whatever no task came for. See flights/enqueue.py.
"""

from uuid import UUID

from flights.enqueue import enqueue


def expiry(booking_id: UUID, *, seconds: float) -> None:
    """Have the hold looked at when it is due. These wait on a queue and worker of their own."""
    enqueue("bookings.hold_timer", booking_id, queue="timers", seconds=seconds)


def next_step(booking_id: UUID, *, seconds: float = 0) -> None:
    """Have the booking's next step taken now, or after a payment's short pause."""
    enqueue("bookings.advance", booking_id, seconds=seconds)


def confirmation(booking_id: UUID) -> None:
    """Have the confirmation of a booking sent by e-mail now."""
    enqueue("bookings.send_confirmation", booking_id)


def end_of_bookings(flight_id: int) -> None:
    """Have the bookings of a cancelled flight ended now."""
    enqueue("bookings.end_bookings", flight_id)
