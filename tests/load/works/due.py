"""A thousand holds due at one instant while ten thousand others are open: how late they end.

Their timers and countdowns are set as if they had been made 15 minutes before that instant, and
before all others: the timers' worker is restarted, so that it has room for their countdowns.
"""

import time
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django_redis import get_redis_connection

from bookings.models import Booking, BookingEvent
from bookings.saga import enqueue
from bookings.saga.statements import look
from flights.clock import database_clock
from tests.load.environment import Refused
from tests.load.meters import spread
from tests.load.report import Report, Row
from tests.load.setting import Setting
from tests.people import change

# More than the sweeper's longest rest, and enough to publish the countdowns.
AHEAD_SECONDS = 10
PATIENCE_SECONDS = 60
LOOK_SECONDS = 0.01

STILL_HELD = """
SELECT (SELECT count(*) FROM bookings_booking WHERE due_at = %s),
       extract(epoch FROM clock_timestamp() - %s)::float
"""


def measure(setting: Setting) -> Report:
    sizes = setting.sizes
    setting.hold_until_open(sizes.open_holds)
    seats = setting.seats(sizes.due_together)
    setting.hold(seats)
    newest = Booking.objects.order_by("-created_at")
    ids = list(newest.values_list("pk", flat=True)[: sizes.due_together])
    others = Booking.objects.filter(due_at__isnull=False).exclude(pk__in=ids).count()
    _forget_countdowns(setting)
    due_at = _make_due_together(ids)
    free = _seconds_until_free(len(ids), due_at)
    ended = BookingEvent.objects.filter(booking__in=ids, name="expired")
    decided = [(at - due_at).total_seconds() for at in ended.values_list("at", flat=True)]
    p50, p99 = spread(free, percent=50), spread(free, percent=99)
    alone = len(ids) / setting.alone.expiries.per_second
    row = Row(
        work=f"{len(ids):,} holds due together while {others:,} are open",
        reach="lateness p99 ≤ 0.5 s",
        seen=f"p50 {p50:.2f} s, p99 {p99:.2f} s",
        reached=p99 <= 0.5,
        alone=f"{alone:.2f} s for all, one by one",
    )
    note = (
        "Lateness is from a hold's due time until everybody can see its seat free; holds that end "
        f"within {1000 * enqueue.HOLDS_SECONDS:.0f} ms share a countdown. By the times "
        f"written in the history it is p50 {spread(decided, percent=50):.2f} s, p99 "
        f"{spread(decided, percent=99):.2f} s."
    )
    return Report([row], [note])


def _forget_countdowns(setting: Setting) -> None:
    setting.stack.stop("timers")
    get_redis_connection().delete("timers", "unacked", "unacked_index")
    setting.stack.start("timers")


def _make_due_together(ids: list[UUID]) -> datetime:
    """Set the timers to one instant soon, as history that the events tell, and the countdowns."""
    due_at = database_clock() + timedelta(seconds=AHEAD_SECONDS)
    started = time.monotonic()
    for booking_id in ids:
        change(Booking(pk=booking_id), due_at=due_at)
        enqueue.expiry(look(booking_id))
    if time.monotonic() - started > AHEAD_SECONDS - 1:
        raise Refused("Publishing the countdowns took too long; the machine is too busy.")
    return due_at


def _seconds_until_free(count: int, due_at: datetime) -> list[float]:
    """For each hold, how long after `due_at` it was first seen to have ended."""
    free: list[float] = []
    while len(free) < count:
        time.sleep(LOOK_SECONDS)
        left, late = _still_held(due_at)
        if late > PATIENCE_SECONDS:
            raise Refused(f"{left} holds did not end within {PATIENCE_SECONDS} s.")
        free += [late] * (count - left - len(free))
    return free


def _still_held(due_at: datetime) -> tuple[int, float]:
    """How many holds still have this very due time, and how many seconds ago it was."""
    with connection.cursor() as cursor:
        cursor.execute(STILL_HELD, [due_at, due_at])
        left, late = cursor.fetchone()
        return left, late
