"""Time: steps happen when they are due, once, whoever calls and however often."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from bookings import saga
from bookings.models import Booking, PaymentStatus, State
from bookings.saga import timers
from flights.models import Flight
from tests.people import a_hold, a_payment, let_time_pass, owned, run_out, standing

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_countdown_that_comes_early_does_nothing(flight: Flight) -> None:
    alice = a_hold(flight)
    saga.advance(alice.pk)
    assert standing(alice)[0] == State.SEATS_RESERVED


def test_a_countdown_of_a_hold_that_was_renewed_does_nothing(flight: Flight) -> None:
    alice = a_hold(flight, "12A")
    let_time_pass(alice, 890)
    saga.update_seats(booking_id=alice.pk, seats=["12B"])
    saga.advance(alice.pk)
    assert owned(alice) == ["12B"]


def test_a_countdown_that_comes_twice_expires_once(flight: Flight) -> None:
    alice = a_hold(flight)
    run_out(alice)
    saga.advance(alice.pk)
    saga.advance(alice.pk)
    assert alice.events.filter(name="expired").count() == 1
    assert owned(alice) == []


def test_a_countdown_that_comes_after_the_payment_does_nothing(flight: Flight) -> None:
    alice = a_payment(flight)
    saga.advance(alice.pk)
    saga.advance(alice.pk)
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.CHARGED)
    assert alice.payment_attempts.count() == 1


def test_a_sweep_expires_what_is_due_and_nothing_else(flight: Flight) -> None:
    due, running = a_hold(flight, "1A", "1B"), a_hold(flight, "2A")
    run_out(due)
    assert saga.sweep() == 1
    assert (standing(due)[0], owned(due)) == (State.EXPIRED, [])
    assert (standing(running)[0], owned(running)) == (State.SEATS_RESERVED, ["2A"])
    assert saga.sweep() == 0, "a second sweep changes nothing"


def test_a_sweep_takes_more_than_one_batch(flight: Flight, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "SWEEP_BATCH", 3)
    for row in range(1, 11):
        run_out(a_hold(flight, f"{row}A"))
    assert saga.sweep() == 10
    assert Booking.objects.filter(state=State.EXPIRED).count() == 10


def test_a_sweep_hands_over_payments_that_nobody_took_up(flight: Flight) -> None:
    alice = a_payment(flight)
    assert saga.sweep(saga.advance) == 0, "a worker is given two seconds to take it up"
    let_time_pass(alice, 3)
    assert saga.sweep(saga.advance) == 1
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.CHARGED)


def test_a_hold_whose_step_fails_starves_nobody_and_shows(flight: Flight) -> None:
    alice, bob = a_hold(flight, "1A"), a_hold(flight, "1B")
    run_out(alice)
    run_out(bob)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            CREATE FUNCTION test_trouble() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF OLD.booking_id = '{alice.pk}' THEN RAISE 'trouble'; END IF;
                RETURN OLD;
            END $$;
            CREATE TRIGGER test_trouble BEFORE DELETE ON bookings_seatclaim
                FOR EACH ROW EXECUTE FUNCTION test_trouble();
            """
        )
    try:
        saga.sweep()
        alice.refresh_from_db()
        assert standing(bob)[0] == State.EXPIRED
        assert (alice.state, alice.failures) == (State.SEATS_RESERVED, 1)
        assert saga.sweep() == 0, "it is tried again later, not at once"
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION test_trouble CASCADE")
    run_out(alice)
    saga.sweep()
    assert standing(alice)[0] == State.EXPIRED


def test_the_command_expires_holds_and_finishes_payments_without_celery(flight: Flight) -> None:
    alice, bob = a_hold(flight, "1A"), a_payment(flight, "1B")
    run_out(alice)
    let_time_pass(bob, 3)
    out = StringIO()
    call_command("expire_holds", stdout=out)
    assert out.getvalue().strip() == "2 bookings were due."
    assert standing(alice)[0] == State.EXPIRED
    assert standing(bob)[0] == State.CONFIRMED


def test_the_sweeper_knows_when_the_next_hold_is_due(flight: Flight) -> None:
    assert timers.seconds_to_next_expiry() is None
    alice = a_hold(flight, "1A")
    a_hold(flight, "1B")
    let_time_pass(alice, 890)
    seconds = timers.seconds_to_next_expiry()
    assert seconds is not None
    assert 8 < seconds <= 10
