"""The alarm clock: Celery tasks that wake a booking when it is due.

An alarm only makes things prompt. `Booking.due_at` is the timer, and `sweep` finds whatever
no alarm woke, so publishing never retries, is never waited for, and may fail: the
traveller's answer does not depend on the broker. An alarm carries a booking's id and
nothing else; one that comes late, twice or early finds `due_at` moved and does nothing.
"""

from uuid import UUID

from celery import current_app

from bookings.redis_circuit import ask_redis

# An alarm this late is worth nothing: the sweeper was there long ago.
LATE_SECONDS = 300


def wake_at_expiry(booking_id: UUID, *, seconds: float) -> None:
    """Have the hold looked at when it is due. These wait on a queue and worker of their own."""
    _publish("bookings.ring", booking_id, queue="timers", seconds=seconds)


def wake(booking_id: UUID, *, seconds: float = 0) -> None:
    """Have the booking's next step taken now, or after a payment's short pause."""
    _publish("bookings.advance", booking_id, queue="work", seconds=seconds)


def send_confirmation(booking_id: UUID) -> None:
    """Have the confirmation of a booking sent by e-mail now."""
    _publish("bookings.send_confirmation", booking_id, queue="work", seconds=0)


def unwind(flight_id: int) -> None:
    """Have the bookings of a cancelled flight ended now."""
    _publish("bookings.unwind", flight_id, queue="work", seconds=0)


def import_schedule(import_id: int) -> None:
    """Have a schedule file checked or written now."""
    _publish("flights.import_schedule", import_id, queue="work", seconds=0)


def _publish(task: str, subject: UUID | int, *, queue: str, seconds: float) -> None:
    def call() -> None:
        current_app.send_task(
            task,
            args=[str(subject)],
            queue=queue,
            countdown=seconds or None,
            expires=seconds + LATE_SECONDS,
            ignore_result=True,
            retry=False,
        )

    ask_redis("alarm", call, otherwise=None)
