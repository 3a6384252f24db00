"""The end of a change: its booking gets the new seats instead of its old ones, or it stays.

Here, and nowhere else, two bookings are changed by one transaction: the change, and the booking
that it is of. Their rows are locked first, in one order; a crash before the commit leaves the
change as it was, to be paid for, expired or lost by its own timer.
"""

from django.db import transaction

from bookings.errors import ChangeOutdated
from bookings.fares import total_cents
from bookings.live import publish
from bookings.models import Booking, Change
from bookings.saga import enqueue
from bookings.saga.change_transitions import EXCHANGED
from bookings.saga.holds import tell_ended
from bookings.saga.statements import make_all, refusal, retried
from bookings.saga.transition import Transition
from bookings.seats import claims, locks
from flights import known_fares, known_flights


@retried
def end_change(
    change: Change, made: Transition, *, lost: Transition | None = None, **said: object
) -> Booking:
    """End a change by `made`, with its seats given to the booking that it is of.

    Where that has changed meanwhile it ends by `lost`, if there is one. What else both transitions
    need is `said`. Raises ChangeOutdated, and what the transitions say.
    """
    exchange = _exchange(change)
    booking_id = change.booking.change_of_id
    assert booking_id
    with transaction.atomic(durable=True):
        # Only once both are locked, what is read of either stays so.
        pair = Booking.objects.filter(pk__in=(change.pk, booking_id)).order_by("pk")
        locked = {each.pk: each for each in pair.select_for_update()}
        refused = refusal(EXCHANGED, booking_id, **exchange)
        if not refused and _is_another(change, locked[booking_id]):
            refused = ChangeOutdated()
        if refused and not lost:
            raise refused
        ends = lost if refused and lost else made
        (ended,) = make_all(ends, [change.pk], refused=refused and refused.message, **said)
        exchanged = [] if refused else make_all(EXCHANGED, [booking_id], **exchange)
    if exchanged:
        _tell(ended, exchanged[0], change)
    else:
        tell_ended(ended)
    return ended


def _exchange(change: Change) -> dict[str, object]:
    return {
        "change": change.pk,
        "from_flight": change.from_flight_id,
        "from_layout": change.layout,
        "before": change.before,
        "seats": change.seats,
        "new_total": change.new_total_cents,
        "paid": change.booking.total_cents,
        "back": change.back_cents,
    }


def _is_another(change: Change, booking: Booking) -> bool:
    """Whether staff have made it another one that has the same seats: corrected who travels, or
    moved them away and back, each at the price of another."""
    exits = known_flights.get(change.from_flight_id).layout.parsed.exit_row_seats
    seated = zip(change.seats, booking.passengers, strict=bool(booking.passengers))
    if any(one and seat in exits and not one.may_sit_at_exit for seat, one in seated):
        return True
    prices = claims.prices_of(booking) | claims.prices_of(change.booking)
    left = {seat: prices[seat] for seat in change.seats if seat in prices}
    return total_cents(left, known_fares.get(booking.fare_id)) != change.new_total_cents


def _tell(ended: Booking, exchanged: Booking, change: Change) -> None:
    """After the commit. A claim without a lock is believed as well."""
    locks.release(ended, ended.seats)
    locks.release(exchanged, change.replaced)
    publish.booking_changed(ended)
    publish.booking_changed(exchanged, [*change.replaced, *ended.seats])
    enqueue.mail(exchanged)
    if exchanged.due_at:
        enqueue.due_payments()
