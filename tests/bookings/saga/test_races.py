"""Many at once: each seat has one owner, each payment one end, and nobody waits in a circle."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import repeat
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from bookings import saga
from bookings.errors import HoldExpired, SeatTaken
from bookings.models import Booking, PaymentStatus, SeatClaim, State
from bookings.saga import holds
from bookings.saga.statements import begin
from bookings.saga.transition import Transition
from bookings.seats import claims, locks
from flights.clock import database_clock
from flights.locking import lock_row
from flights.models import Flight
from tests.people import (
    a_hold,
    a_payment,
    change,
    charged_cents,
    let_time_pass,
    owned,
    run_out,
    settle,
    standing,
)
from tests.racing import execute, race, transactions_waiting
from tests.running import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def winners(answers: Sequence[Any]) -> list[Booking]:
    assert all(isinstance(answer, Booking | SeatTaken) for answer in answers), answers
    return [answer for answer in answers if isinstance(answer, Booking)]


def test_of_fifty_racers_for_one_seat_one_gets_it(flight: Flight) -> None:
    answers = race(*repeat(partial(a_hold, flight, "12A"), 50))
    (winner,) = winners(answers)
    assert owned(winner) == ["12A"]
    assert Booking.objects.count() == 1


def test_of_two_hundred_racers_for_twenty_seats_twenty_get_one(flight: Flight) -> None:
    seats = [f"{row}{letter}" for row in (1, 2, 3, 4) for letter in "ABCDE"]
    won = winners(race(*(partial(a_hold, flight, seats[n % 20]) for n in range(200))))
    assert len(won) == 20
    assert sorted(seat for booking in won for seat in owned(booking)) == sorted(seats)


def test_without_the_guards_the_same_race_sells_a_seat_twice(
    flight: Flight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control run: a look before the insert is no guard, and this race is a real one."""

    def look_then_begin(transition: Transition, **params: Any) -> Booking:
        seats = params["seats"]
        if claims.rivals(Booking(pk=params["id"], flight_id=flight.pk), seats):
            raise SeatTaken(seats)
        return begin(transition, **params)

    monkeypatch.setattr(locks, "take", lambda *_, **__: [])
    monkeypatch.setattr(holds, "begin", look_then_begin)
    execute("ALTER TABLE bookings_seatclaim DROP CONSTRAINT bookings_seatclaim_pkey")
    try:
        for row in range(1, 11):
            race(*repeat(partial(a_hold, flight, f"{row}A"), 50))
            if SeatClaim.objects.filter(seat=f"{row}A").count() > 1:
                return
        pytest.fail("No seat was sold twice without the guards: this race is none.")
    finally:
        execute("TRUNCATE bookings_seatclaim")
        execute("ALTER TABLE bookings_seatclaim ADD PRIMARY KEY (flight_id, seat)")


def test_overlapping_choices_never_split_a_seat(flight: Flight) -> None:
    choices = [["1A", "1B", "1C"], ["1C", "1D"], ["1D", "1E", "1A"], ["1B", "1E"]] * 12
    won = winners(race(*(partial(a_hold, flight, *seats) for seats in choices)))
    claimed = list(SeatClaim.objects.values_list("seat", flat=True))
    assert len(claimed) == len(set(claimed))
    assert sorted(claimed) == sorted(seat for booking in won for seat in booking.seats)
    assert won


def test_two_customers_swapping_seats_never_deadlock(
    flight: Flight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with Redis away, so that both come as far as Postgres."""
    monkeypatch.setattr(locks, "take", lambda *_, **__: [])
    before = deadlocks()
    alice, bob = a_hold(flight, "1A", "9F"), a_hold(flight, "2A", "9E")
    for _ in range(25):
        wanted = [(alice, owned(bob)), (bob, owned(alice))]
        answers = race(
            *(
                partial(saga.update_seats, booking_id=booking.pk, seats=seats)
                for booking, seats in wanted
            )
        )
        # Each wants what the other still has: whoever comes first is refused, at least.
        assert any(isinstance(answer, SeatTaken) for answer in answers)
        assert len({*owned(alice), *owned(bob)}) == 4
    assert deadlocks() == before


def test_seats_are_claimed_in_one_order_whatever_order_they_are_asked_in(
    flight: Flight,
) -> None:
    alice = a_hold(flight, "2A")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            claim(alice, "1A")
            waiting = pool.submit(race, partial(a_hold, flight, "9F", "1A"))
            wait_until(lambda: transactions_waiting() == 1, "the other to wait for 1A")
            # It has not claimed 9F: this would wait for it, and it for us.
            wait_for_nobody()
            claim(alice, "9F")
            transaction.set_rollback(True)
        assert winners(waiting.result(10))


def test_a_change_claims_new_seats_before_it_gives_old_ones_back(flight: Flight) -> None:
    alice, bob = a_hold(flight, "1A"), a_hold(flight, "2A")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            claim(alice, "3A")
            change = partial(saga.update_seats, booking_id=bob.pk, seats=["3A"])
            waiting = pool.submit(race, change)
            wait_until(lambda: transactions_waiting() == 1, "the other to wait for 3A")
            # Nobody waits for a seat that is being given back by somebody who waits.
            wait_for_nobody()
            with pytest.raises(IntegrityError), transaction.atomic():
                claim(alice, "2A")
            transaction.set_rollback(True)
        assert winners(waiting.result(10))


def claim(booking: Booking, seat: str) -> None:
    """As a statement that claims does, in a transaction that goes on."""
    claimed = SeatClaim(booking=booking, flight_id=booking.flight_id, seat=seat, price_cents=1)
    SeatClaim.objects.bulk_create([claimed])


def wait_for_nobody() -> None:
    """To the end of this transaction, waiting is an error: before Postgres finds a deadlock
    (after 1 s), ends the other transaction for it, and that is tried again as if nothing was."""
    execute("SET LOCAL lock_timeout = '300ms'")


def deadlocks() -> int:
    """How many deadlocks Postgres has ended in this database, ever."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        count: int = cursor.fetchone()[0]
        return count


def test_swapping_into_each_others_freed_seats_ends(flight: Flight) -> None:
    alice, bob = a_hold(flight, "1A"), a_hold(flight, "2A")
    for _ in range(25):
        race(
            partial(saga.update_seats, booking_id=alice.pk, seats=["1A", "3A"]),
            partial(saga.update_seats, booking_id=bob.pk, seats=["3A", "1B"]),
            partial(saga.update_seats, booking_id=alice.pk, seats=["1B"]),
            partial(saga.update_seats, booking_id=bob.pk, seats=["1A"]),
        )
        assert not set(owned(alice)) & set(owned(bob))


def test_payment_at_the_very_end_of_a_hold_wins_or_expires_but_never_both(
    flight: Flight,
) -> None:
    seen = set()
    for row in range(1, 25):
        alice = a_hold(flight, f"{row}A")
        run_out(alice)
        let_time_pass(alice, -0.02)  # Twenty milliseconds are left.
        answers = race(
            partial(saga.start_payment, booking_id=alice.pk, code="00000"),
            *repeat(partial(pay_late, alice.pk), row % 4),
            saga.sweep,
            partial(saga.advance, alice.pk),
        )
        paid = any(isinstance(answer, Booking) for answer in answers)
        settle(alice)
        seen.add(alice.state)
        assert alice.state == (State.CONFIRMED if paid else State.EXPIRED)
        assert charged_cents(alice) == (alice.total_cents if paid else 0)
        assert owned(alice) == ([f"{row}A"] if paid else [])


def pay_late(booking_id: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.015)")
    try:
        return saga.start_payment(booking_id=booking_id, code="00000")
    except HoldExpired:
        return None


def test_a_hold_that_runs_out_while_its_lock_is_waited_for_is_over(flight: Flight) -> None:
    alice = a_hold(flight)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            lock_row(Booking, alice.pk)
            pay = partial(saga.start_payment, booking_id=alice.pk, code="00000")
            waiting = pool.submit(race, pay)
            wait_until(lambda: transactions_waiting() == 1, "the payment to wait for the lock")
            now = database_clock()
            change(alice, due_at=now)
        assert [type(answer) for answer in waiting.result(10)] == [HoldExpired]
    assert standing(alice) == (State.EXPIRED, PaymentStatus.NONE)


def test_a_hold_whose_time_passes_while_its_lock_is_waited_for_is_over(flight: Flight) -> None:
    alice = a_hold(flight)
    run_out(alice)
    let_time_pass(alice, -1)  # One second is left.
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            lock_row(Booking, alice.pk)
            pay = partial(saga.start_payment, booking_id=alice.pk, code="00000")
            waiting = pool.submit(race, pay)
            wait_until(lambda: transactions_waiting() == 1, "the payment to wait for the lock")
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(1)")
        assert [type(answer) for answer in waiting.result(10)] == [HoldExpired]
    assert standing(alice) == (State.EXPIRED, PaymentStatus.NONE)


def test_who_waited_for_a_change_of_seats_frees_what_it_led_to(flight: Flight) -> None:
    alice = a_hold(flight, "1A")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            saga.update_seats(booking_id=alice.pk, seats=["2A"])
            waiting = pool.submit(race, partial(saga.cancel, booking_id=alice.pk))
            wait_until(lambda: transactions_waiting() == 1, "the other to wait for the booking")
        assert [type(answer) for answer in waiting.result(10)] == [Booking]
    assert standing(alice) == (State.CANCELLED, PaymentStatus.NONE)
    assert not SeatClaim.objects.exists()


def test_a_sweep_passes_a_booking_that_somebody_holds(flight: Flight) -> None:
    alice, bob = a_hold(flight, "1A"), a_hold(flight, "1B")
    run_out(alice)
    run_out(bob)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        lock_row(Booking, alice.pk)
        assert pool.submit(race, saga.sweep).result(4) == [1]
    assert (standing(alice)[0], standing(bob)[0]) == (State.SEATS_RESERVED, State.EXPIRED)


def test_ten_workers_taking_the_same_step_charge_once(flight: Flight) -> None:
    alice = a_payment(flight)
    race(*repeat(partial(saga.advance, alice.pk), 10))
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.CHARGED)
    assert alice.payment_attempts.count() == 1


def test_ten_sweeps_at_once_expire_each_hold_once(flight: Flight) -> None:
    holds = [a_hold(flight, f"{row}A") for row in range(1, 21)]
    for hold in holds:
        run_out(hold)
    assert sum(race(*repeat(saga.sweep, 10))) == 20
    for hold in holds:
        assert hold.events.filter(name="expired").count() == 1


def test_cancel_and_pay_at_once_end_in_one_of_them(flight: Flight) -> None:
    for row in range(1, 11):
        alice = a_hold(flight, f"{row}A")
        race(
            partial(saga.cancel, booking_id=alice.pk),
            partial(saga.start_payment, booking_id=alice.pk, code="00000"),
        )
        settle(alice)
        assert standing(alice) in [
            (State.CANCELLED, PaymentStatus.NONE),
            (State.CONFIRMED, PaymentStatus.CHARGED),
        ]


def test_two_tabs_of_one_customer_hold_once(flight: Flight) -> None:
    alice = uuid4()
    answers = race(
        *(partial(a_hold, flight, seat, browser_id=alice) for seat in ["1A", "1B", "1C"])
    )
    assert sum(isinstance(answer, Booking) for answer in answers) == 1
    assert SeatClaim.objects.count() == 1
