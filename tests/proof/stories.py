"""What can become of a booking, each way told once from its first click to its last step.

A story is what web servers and workers do, one after the other in one process, with whatever
they say to Postgres, Redis, the broker and the gateway. `tests.proof.crashing` cuts it off.
"""

import json
from collections.abc import Callable
from uuid import UUID

from django.test import Client

from bookings import saga
from bookings.notifications.outbox import send_due
from bookings.saga import timers
from bookings.saga.workers import Payments
from tests.people import MoodyGateway
from tests.proof.stories_once_paid import (
    blocked_when_its_time_was_up,
    changed_for_money,
    changed_for_nothing,
    changed_too_late,
    given_back_seat_by_seat,
    left_over_by_a_smaller_aircraft,
    moved_by_an_operator,
    moved_to_another_flight,
    on_a_flight_that_was_cancelled,
    on_a_flight_that_was_delayed,
    on_a_flight_with_another_aircraft,
    taken_back_after_it_was_paid,
)
from tests.proof.storyteller import (
    ANY,
    BY,
    DECLINED_FOR_GOOD,
    GOOD,
    OTHERS,
    WANTED,
    hold,
    overdue_hold,
    pay,
    work,
)


def paid_at_once(flight_id: int) -> None:
    booking = hold(flight_id)
    saga.update_seats(booking_id=booking.pk, seats=OTHERS)
    pay(booking)
    work(booking)


def told_by_mail(flight_id: int) -> None:
    booking = hold(flight_id)
    saga.start_payment(booking_id=booking.pk, code=GOOD, name="Ada", email="ada@example.org")
    work(booking)
    send_due(booking.pk)
    saga.resend_confirmation(booking_id=booking.pk, by=BY)
    send_due(booking.pk)
    saga.reseat(booking_id=booking.pk, seats=OTHERS, by=BY)
    saga.delay_flight(flight_id=flight_id, minutes=5, by=BY)
    send_due(booking.pk)
    saga.cancel_and_refund(booking_id=booking.pk, by=BY)
    work(booking, "refunded")
    send_due(booking.pk)
    declined = hold(flight_id)
    saga.start_payment(booking_id=declined.pk, code=DECLINED_FOR_GOOD, email="ada@example.org")
    work(declined, "refused")
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
    work(pay(booking))


def declined_twice_and_then_approved(flight_id: int) -> None:
    booking = pay(hold(flight_id))
    work(booking, "declined", "declined", "approved")


def declined_for_good(flight_id: int) -> None:
    booking = pay(hold(flight_id), DECLINED_FOR_GOOD)
    work(booking, "refused")


def declined_three_times(flight_id: int) -> None:
    booking = pay(hold(flight_id), ANY)
    work(booking, "declined", "declined", "declined")


def charged_in_silence_and_found_out(flight_id: int) -> None:
    booking = pay(hold(flight_id))
    work(booking, "silent", "silent", "silent", "looked up")


def never_arrived_and_voided(flight_id: int) -> None:
    booking = pay(hold(flight_id), ANY)
    work(booking, "lost", "lost", "lost", "looked up", "voided")


def paid_side_by_side(flight_id: int) -> None:
    """A worker takes both up, and whatever others have left behind."""
    pay(hold(flight_id))
    pay(hold(flight_id, ["2A"]))
    MoodyGateway.fates = []
    # A thread for each, of its own: threads do not come along into a fork.
    worker = Payments(2)
    worker.take_up()
    worker.wait()


def given_up(flight_id: int) -> None:
    booking = hold(flight_id)
    saga.update_seats(booking_id=booking.pk, seats=[])
    saga.update_seats(booking_id=booking.pk, seats=OTHERS)
    saga.cancel(booking_id=booking.pk)


def left_alone_and_swept(flight_id: int) -> None:
    overdue_hold(flight_id)
    timers.sweep_task()


def left_alone_and_woken(flight_id: int) -> None:
    hold(flight_id)
    timers.expire_due_task("0")
    overdue_hold(flight_id, ["2A"])
    timers.expire_due_task("0")


def taken_over_when_its_time_was_up(flight_id: int) -> None:
    overdue_hold(flight_id, OTHERS)
    work(pay(hold(flight_id)))


def ended_by_an_operator_while_it_was_paid(flight_id: int) -> None:
    booking = pay(hold(flight_id), ANY)
    work(booking, "declined")
    saga.terminate(booking_id=booking.pk, by=BY)
    work(booking, "voided")


def approved_after_an_operator_had_ended_it(flight_id: int) -> None:
    booking = pay(hold(flight_id))
    charge = timers.take_step(booking.pk)
    saga.terminate(booking_id=booking.pk, by=BY)
    work(booking, "voided")
    assert charge
    charge()


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
