"""What can become of a booking, each way told once from its first click to its last step.

A story is what web servers and workers do, one after the other in one process, with whatever
they say to Postgres, Redis, the broker and the gateway. `tests.proof.crashing` cuts it off.
"""

import json
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.test import Client

from bookings import saga
from bookings.models import Booking
from bookings.notifications.outbox import send_due
from bookings.saga import timers
from bookings.saga.workers import Payments
from flights.models import Flight
from tests.people import MoodyGateway

WANTED = ["1A", "1B"]
OTHERS = ["1B", "1C"]
BY = "operator:olga"
# A cabin without a first row, which the test loads.
ANOTHER_AIRCRAFT = "test-without-row-1"
GOOD, DECLINED_FOR_GOOD, ANY = "00000", "11111", "12345"


def paid_at_once(flight_id: int) -> None:
    booking = _hold(flight_id)
    saga.update_seats(booking_id=booking.pk, seats=OTHERS)
    _pay(booking)
    _work(booking)


def told_by_mail(flight_id: int) -> None:
    booking = _hold(flight_id)
    saga.start_payment(booking_id=booking.pk, code=GOOD, name="Ada", email="ada@example.org")
    _work(booking)
    send_due(booking.pk)
    saga.resend_confirmation(booking_id=booking.pk, by=BY)
    send_due(booking.pk)
    saga.reseat(booking_id=booking.pk, seats=OTHERS, by=BY)
    saga.delay_flight(flight_id=flight_id, minutes=5, by=BY)
    send_due(booking.pk)
    saga.cancel_and_refund(booking_id=booking.pk, by=BY)
    _work(booking, "refunded")
    send_due(booking.pk)
    declined = _hold(flight_id)
    saga.start_payment(booking_id=declined.pk, code=DECLINED_FOR_GOOD, email="ada@example.org")
    _work(declined, "refused")
    send_due(declined.pk)


def ordered_over_the_api(flight_id: int) -> None:
    api = Client(headers={"host": "localhost"})
    body = json.dumps({"flightId": str(flight_id), "seats": WANTED})
    order = api.post("/api/orders", body, content_type="application/json").json()["orderId"]
    body = json.dumps({"paymentCode": GOOD})
    api.post(f"/api/orders/{order}/pay", body, content_type="application/json")
    timers.advance_or_postpone(UUID(order))
    api.get(f"/api/orders/{order}/status")


def paid_at_another_fare(flight_id: int) -> None:
    booking = saga.hold_seats(flight_id=flight_id, seats=WANTED, fare="light")
    saga.update_seats(booking_id=booking.pk, seats=OTHERS)
    saga.choose_fare(booking_id=booking.pk, fare="flex")
    _work(_pay(booking))


def declined_twice_and_then_approved(flight_id: int) -> None:
    booking = _pay(_hold(flight_id))
    _work(booking, "declined", "declined", "approved")


def declined_for_good(flight_id: int) -> None:
    booking = _pay(_hold(flight_id), DECLINED_FOR_GOOD)
    _work(booking, "refused")


def declined_three_times(flight_id: int) -> None:
    booking = _pay(_hold(flight_id), ANY)
    _work(booking, "declined", "declined", "declined")


def charged_in_silence_and_found_out(flight_id: int) -> None:
    booking = _pay(_hold(flight_id))
    _work(booking, "silent", "silent", "silent", "looked up")


def never_arrived_and_voided(flight_id: int) -> None:
    booking = _pay(_hold(flight_id), ANY)
    _work(booking, "lost", "lost", "lost", "looked up", "voided")


def paid_side_by_side(flight_id: int) -> None:
    """A worker takes both up, and whatever others have left behind."""
    _pay(_hold(flight_id))
    _pay(_hold(flight_id, ["2A"]))
    MoodyGateway.fates = []
    # A thread for each, of its own: threads do not come along into a fork.
    worker = Payments(2)
    worker.take_up()
    worker.wait()


def given_up(flight_id: int) -> None:
    booking = _hold(flight_id)
    saga.update_seats(booking_id=booking.pk, seats=[])
    saga.update_seats(booking_id=booking.pk, seats=OTHERS)
    saga.cancel(booking_id=booking.pk)


def left_alone_and_swept(flight_id: int) -> None:
    _overdue_hold(flight_id)
    timers.sweep_task()


def left_alone_and_woken(flight_id: int) -> None:
    _hold(flight_id)
    timers.expire_due_task("0")
    _overdue_hold(flight_id, ["2A"])
    timers.expire_due_task("0")


def taken_over_when_its_time_was_up(flight_id: int) -> None:
    _overdue_hold(flight_id, OTHERS)
    _work(_pay(_hold(flight_id)))


def ended_by_an_operator_while_it_was_paid(flight_id: int) -> None:
    booking = _pay(_hold(flight_id), ANY)
    _work(booking, "declined")
    saga.terminate(booking_id=booking.pk, by=BY)
    _work(booking, "voided")


def approved_after_an_operator_had_ended_it(flight_id: int) -> None:
    booking = _pay(_hold(flight_id))
    charge = timers.take_step(booking.pk)
    saga.terminate(booking_id=booking.pk, by=BY)
    _work(booking, "voided")
    assert charge
    charge()


def taken_back_after_it_was_paid(flight_id: int) -> None:
    booking = _pay(_hold(flight_id))
    _work(booking, "approved")
    saga.cancel_and_refund(booking_id=booking.pk, by=BY)
    _work(booking, "refunded")


def given_back_seat_by_seat(flight_id: int) -> None:
    booking = _hold(flight_id)
    _work(_pay(booking))
    for seats in (WANTED[:1], None):
        quote = saga.quote_cancellation(booking_id=booking.pk, seats=seats)
        for _ in range(2):
            saga.cancel_as_quoted(booking_id=booking.pk, quote_id=quote.id)
        _work(booking, "refunded")
    saga.give_refund(booking_id=booking.pk, amount_cents=100, by=BY, reason="sorry")
    _work(booking, "refunded")


def changed_for_money(flight_id: int) -> None:
    booking = _hold(flight_id)
    _work(_pay(booking))
    change = saga.start_change(booking_id=booking.pk, seats=OTHERS)
    for _ in range(2):
        saga.pay_change(booking_id=booking.pk, change_id=change.pk, code=GOOD)
    _work(change.booking, "declined", "approved")
    saga.hold_seats(flight_id=flight_id, seats=WANTED[:1])


def changed_for_nothing(flight_id: int) -> None:
    booking = saga.hold_seats(flight_id=flight_id, seats=WANTED, fare="flex")
    _work(_pay(booking))
    saga.start_change(booking_id=booking.pk, seats=OTHERS)
    quote = saga.quote_cancellation(booking_id=booking.pk, seats=OTHERS[:1])
    saga.cancel_as_quoted(booking_id=booking.pk, quote_id=quote.id)
    _work(booking, "refunded")


def changed_too_late(flight_id: int) -> None:
    """Paid and of no use, given up, left alone, and lost with the flight."""
    booking = _hold(flight_id)
    _work(_pay(booking))
    change = saga.start_change(booking_id=booking.pk, seats=OTHERS)
    saga.pay_change(booking_id=booking.pk, change_id=change.pk, code=GOOD)
    saga.reseat(booking_id=booking.pk, seats=["2A", "2B"], by=BY)
    _work(change.booking, "silent", "silent", "silent", "looked up", "voided")
    change = saga.start_change(booking_id=booking.pk, seats=OTHERS)
    saga.give_up_change(booking_id=booking.pk, change_id=change.pk)
    change = saga.start_change(booking_id=booking.pk, seats=OTHERS)
    saga.pay_change(booking_id=booking.pk, change_id=change.pk, code=ANY)
    _work(change.booking, "declined")
    saga.cancel_flight(flight_id=flight_id, by=BY, reason="strike")
    timers.end_bookings_task(str(flight_id))
    for each in (booking, change.booking):
        _work(each)


def moved_by_an_operator(flight_id: int) -> None:
    booking = _hold(flight_id)
    saga.reseat(booking_id=booking.pk, seats=OTHERS, by=BY)
    _work(_pay(booking))
    saga.reseat(booking_id=booking.pk, seats=WANTED, by=BY)


def moved_to_another_flight(flight_id: int) -> None:
    booking = _hold(flight_id)
    _work(_pay(booking))
    saga.move_to_flight(booking_id=booking.pk, flight_id=_another_flight(flight_id).pk, by=BY)
    saga.hold_seats(flight_id=flight_id, seats=WANTED)


def on_a_flight_that_was_delayed(flight_id: int) -> None:
    """One is accepted, one goes to another flight, one ends."""
    accepted, moved, ended = (_hold(flight_id, [seat]) for seat in ("2A", "2B", "1A"))
    for booking in (accepted, moved, ended):
        _work(_pay(booking))
    saga.delay_flight(flight_id=flight_id, minutes=60, by=BY, reason="fog")
    saga.accept_flight(booking_id=accepted.pk)
    saga.take_other_flight(booking_id=moved.pk, flight_id=_another_flight(flight_id).pk)
    saga.take_full_refund(booking_id=ended.pk)
    _work(ended, "refunded")


def blocked_when_its_time_was_up(flight_id: int) -> None:
    _overdue_hold(flight_id)
    saga.block_seats(flight_id=flight_id, seats=WANTED, by=BY, reason="crew")
    saga.unblock_seats(flight_id=flight_id, seats=WANTED[:1], by=BY)


def on_a_flight_that_was_cancelled(flight_id: int) -> None:
    _hold(flight_id)
    _work(_pay(_hold(flight_id, ["2A"])))
    _work(_pay(_hold(flight_id, ["2B"])), "declined")
    saga.cancel_flight(flight_id=flight_id, by=BY, reason="strike")
    timers.end_bookings_task(str(flight_id))
    for booking in Booking.objects.filter(flight_id=flight_id, due_at__isnull=False):
        _work(booking)


def on_a_flight_with_another_aircraft(flight_id: int) -> None:
    _hold(flight_id, ["1A"])
    _work(_pay(_hold(flight_id, ["2A", "2B"])))
    plan = saga.foresee_swap(flight_id=flight_id, layout=ANOTHER_AIRCRAFT)
    saga.swap_aircraft(
        flight_id=flight_id, layout=ANOTHER_AIRCRAFT, digest=plan.digest, by=BY, reason="broken"
    )


def left_over_by_a_smaller_aircraft(flight_id: int) -> None:
    """One is moved, one refunded, a payment ended, and one stays in another seat."""
    moved, refunded, stays = (_hold(flight_id, [seat]) for seat in ("2A", "2B", "1A"))
    for booking in (moved, refunded, stays):
        _work(_pay(booking))
    paying = _pay(_hold(flight_id, ["3A"]), ANY)
    _work(paying, "declined")
    leaving = {moved.pk: _another_flight(flight_id).pk, refunded.pk: None, paying.pk: None}
    plan = saga.foresee_swap(flight_id=flight_id, layout=ANOTHER_AIRCRAFT, leaving=leaving)
    saga.swap_aircraft(
        flight_id=flight_id,
        layout=ANOTHER_AIRCRAFT,
        digest=plan.digest,
        by=BY,
        reason="broken",
        leaving=leaving,
    )
    _work(refunded, "refunded")
    _work(paying, "voided")


STORIES: dict[str, Callable[[int], None]] = {
    story.__name__: story
    for story in (
        paid_at_once,
        paid_at_another_fare,
        paid_side_by_side,
        told_by_mail,
        ordered_over_the_api,
        declined_twice_and_then_approved,
        declined_for_good,
        declined_three_times,
        charged_in_silence_and_found_out,
        never_arrived_and_voided,
        given_up,
        left_alone_and_swept,
        left_alone_and_woken,
        taken_over_when_its_time_was_up,
        ended_by_an_operator_while_it_was_paid,
        approved_after_an_operator_had_ended_it,
        taken_back_after_it_was_paid,
        given_back_seat_by_seat,
        changed_for_money,
        changed_for_nothing,
        changed_too_late,
        moved_by_an_operator,
        moved_to_another_flight,
        on_a_flight_that_was_delayed,
        blocked_when_its_time_was_up,
        on_a_flight_that_was_cancelled,
        on_a_flight_with_another_aircraft,
        left_over_by_a_smaller_aircraft,
    )
}


def _another_flight(flight_id: int) -> Flight:
    """Of the same route and at the same time."""
    other = Flight.objects.get(pk=flight_id)
    other.pk, other.number = None, f"QQ{flight_id % 10_000}"
    other.save(force_insert=True)
    return other


def _hold(flight_id: int, seats: list[str] = WANTED) -> Booking:
    return saga.hold_seats(flight_id=flight_id, seats=seats)


def _overdue_hold(flight_id: int, seats: list[str] = WANTED) -> Booking:
    """A hold whose time is over at once."""
    seconds, settings.SEAT_HOLD_SECONDS = settings.SEAT_HOLD_SECONDS, 0
    try:
        return _hold(flight_id, seats)
    finally:
        settings.SEAT_HOLD_SECONDS = seconds


def _pay(booking: Booking, code: str = GOOD) -> Booking:
    return saga.start_payment(booking_id=booking.pk, code=code)


def _work(booking: Booking, *steps: str) -> None:
    """A worker takes one step for each word, or one; the first words are the gateway's fates."""
    MoodyGateway.fates = [step for step in steps if step in FATES]
    for _ in steps or ("approved",):
        timers.advance_or_postpone(booking.pk)


FATES = {"approved", "declined", "refused", "silent", "lost"}
