"""What can become of a booking once it is paid, or of its flight: see stories.py."""

from bookings import saga
from bookings.models import Booking
from bookings.saga import timers
from tests.proof.storyteller import (
    ANOTHER_AIRCRAFT,
    ANY,
    BY,
    GOOD,
    OTHERS,
    WANTED,
    another_flight,
    hold,
    overdue_hold,
    pay,
    work,
)


def taken_back_after_it_was_paid(flight_id: int) -> None:
    booking = pay(hold(flight_id))
    work(booking, "approved")
    saga.cancel_and_refund(booking_id=booking.pk, by=BY)
    work(booking, "refunded")


def given_back_seat_by_seat(flight_id: int) -> None:
    booking = hold(flight_id)
    work(pay(booking))
    for seats in (WANTED[:1], None):
        quote = saga.quote_cancellation(booking_id=booking.pk, seats=seats)
        for _ in range(2):
            saga.cancel_as_quoted(booking_id=booking.pk, quote_id=quote.id)
        work(booking, "refunded")
    saga.give_refund(booking_id=booking.pk, amount_cents=100, by=BY, reason="sorry")
    work(booking, "refunded")


def changed_for_money(flight_id: int) -> None:
    booking = hold(flight_id)
    work(pay(booking))
    change = saga.start_change(booking_id=booking.pk, seats=OTHERS)
    for _ in range(2):
        saga.pay_change(booking_id=booking.pk, change_id=change.pk, code=GOOD)
    work(change.booking, "declined", "approved")
    saga.hold_seats(flight_id=flight_id, seats=WANTED[:1])


def changed_for_nothing(flight_id: int) -> None:
    booking = saga.hold_seats(flight_id=flight_id, seats=WANTED, fare="flex")
    work(pay(booking))
    saga.start_change(booking_id=booking.pk, seats=OTHERS)
    quote = saga.quote_cancellation(booking_id=booking.pk, seats=OTHERS[:1])
    saga.cancel_as_quoted(booking_id=booking.pk, quote_id=quote.id)
    work(booking, "refunded")


def changed_too_late(flight_id: int) -> None:
    """Paid and of no use, given up, left alone, and lost with the flight."""
    booking = hold(flight_id)
    work(pay(booking))
    change = saga.start_change(booking_id=booking.pk, seats=OTHERS)
    saga.pay_change(booking_id=booking.pk, change_id=change.pk, code=GOOD)
    saga.reseat(booking_id=booking.pk, seats=["2A", "2B"], by=BY)
    work(change.booking, "silent", "silent", "silent", "looked up", "voided")
    change = saga.start_change(booking_id=booking.pk, seats=OTHERS)
    saga.give_up_change(booking_id=booking.pk, change_id=change.pk)
    change = saga.start_change(booking_id=booking.pk, seats=OTHERS)
    saga.pay_change(booking_id=booking.pk, change_id=change.pk, code=ANY)
    work(change.booking, "declined")
    saga.cancel_flight(flight_id=flight_id, by=BY, reason="strike")
    timers.end_bookings_task(str(flight_id))
    for each in (booking, change.booking):
        work(each)


def moved_by_an_operator(flight_id: int) -> None:
    booking = hold(flight_id)
    saga.reseat(booking_id=booking.pk, seats=OTHERS, by=BY)
    work(pay(booking))
    saga.reseat(booking_id=booking.pk, seats=WANTED, by=BY)


def moved_to_another_flight(flight_id: int) -> None:
    booking = hold(flight_id)
    work(pay(booking))
    saga.move_to_flight(booking_id=booking.pk, flight_id=another_flight(flight_id).pk, by=BY)
    saga.hold_seats(flight_id=flight_id, seats=WANTED)


def on_a_flight_that_was_delayed(flight_id: int) -> None:
    """One is accepted, one goes to another flight, one ends."""
    accepted, moved, ended = (hold(flight_id, [seat]) for seat in ("2A", "2B", "1A"))
    for booking in (accepted, moved, ended):
        work(pay(booking))
    saga.delay_flight(flight_id=flight_id, minutes=60, by=BY, reason="fog")
    saga.accept_flight(booking_id=accepted.pk)
    saga.take_other_flight(booking_id=moved.pk, flight_id=another_flight(flight_id).pk)
    saga.take_full_refund(booking_id=ended.pk)
    work(ended, "refunded")


def blocked_when_its_time_was_up(flight_id: int) -> None:
    overdue_hold(flight_id)
    saga.block_seats(flight_id=flight_id, seats=WANTED, by=BY, reason="crew")
    saga.unblock_seats(flight_id=flight_id, seats=WANTED[:1], by=BY)


def on_a_flight_that_was_cancelled(flight_id: int) -> None:
    hold(flight_id)
    work(pay(hold(flight_id, ["2A"])))
    work(pay(hold(flight_id, ["2B"])), "declined")
    saga.cancel_flight(flight_id=flight_id, by=BY, reason="strike")
    timers.end_bookings_task(str(flight_id))
    for booking in Booking.objects.filter(flight_id=flight_id, due_at__isnull=False):
        work(booking)


def on_a_flight_with_another_aircraft(flight_id: int) -> None:
    hold(flight_id, ["1A"])
    work(pay(hold(flight_id, ["2A", "2B"])))
    plan = saga.foresee_swap(flight_id=flight_id, layout=ANOTHER_AIRCRAFT)
    saga.swap_aircraft(
        flight_id=flight_id, layout=ANOTHER_AIRCRAFT, digest=plan.digest, by=BY, reason="broken"
    )


def left_over_by_a_smaller_aircraft(flight_id: int) -> None:
    """One is moved, one refunded, a payment ended, and one stays in another seat."""
    moved, refunded, stays = (hold(flight_id, [seat]) for seat in ("2A", "2B", "1A"))
    for booking in (moved, refunded, stays):
        work(pay(booking))
    paying = pay(hold(flight_id, ["3A"]), ANY)
    work(paying, "declined")
    leaving = {moved.pk: another_flight(flight_id).pk, refunded.pk: None, paying.pk: None}
    plan = saga.foresee_swap(flight_id=flight_id, layout=ANOTHER_AIRCRAFT, leaving=leaving)
    saga.swap_aircraft(
        flight_id=flight_id,
        layout=ANOTHER_AIRCRAFT,
        digest=plan.digest,
        by=BY,
        reason="broken",
        leaving=leaving,
    )
    work(refunded, "refunded")
    work(paying, "voided")
