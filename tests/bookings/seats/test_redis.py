"""Redis off, frozen, flushed, restarted or wrong: slower at most, never different."""

import time
from collections.abc import Iterator

import pytest
from django_redis import get_redis_connection
from redis.crc import key_slot

from bookings import saga
from bookings.errors import BookingCancelled, SeatTaken
from bookings.models import PaymentStatus, State
from bookings.seats import locks
from flights import redis_circuit
from flights.models import Flight
from tests.people import a_confirmed_booking, a_hold, owned, run_out, settle, standing
from tests.running import RedisServer, forget_connections

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def unlocked() -> Iterator[None]:
    """Each test starts with a Redis that answers and holds no lock."""
    forget_connections()
    get_redis_connection().flushdb()
    yield
    forget_connections()


def lock_of(flight: Flight, seat: str) -> str | None:
    value = get_redis_connection().get(locks.lock_name(flight.pk, seat))
    return value.decode() if value else None


def test_a_held_seat_is_locked_a_little_longer_than_its_hold(flight: Flight) -> None:
    alice = a_hold(flight, "12A")
    assert lock_of(flight, "12A") == str(alice.pk)
    assert 1015 <= get_redis_connection().ttl(locks.lock_name(flight.pk, "12A")) <= 1020


def test_changing_seats_moves_the_locks_and_arms_them_again(flight: Flight) -> None:
    alice = a_hold(flight, "12A", "12B")
    get_redis_connection().expire(locks.lock_name(flight.pk, "12B"), 5)
    saga.update_seats(booking_id=alice.pk, seats=["12B", "12C"])
    assert lock_of(flight, "12A") is None
    assert lock_of(flight, "12B") == lock_of(flight, "12C") == str(alice.pk)
    assert get_redis_connection().ttl(locks.lock_name(flight.pk, "12B")) > 1000


def test_the_locks_of_a_flight_are_on_one_node_of_a_cluster(flight: Flight) -> None:
    """One script reads and writes them all, and a cluster refuses keys of two slots."""
    a_hold(flight, *(f"{row}{letter}" for row in (1, 12, 30) for letter in "ABF"))
    slots = {key_slot(key) for key in get_redis_connection().keys("seat:*")}
    assert slots == {key_slot(str(flight.pk).encode())}


@pytest.mark.parametrize("end", ["cancel", "expire", "fail"])
def test_seats_that_are_free_again_are_unlocked(flight: Flight, end: str) -> None:
    alice = a_hold(flight, "12A")
    if end == "cancel":
        saga.cancel(booking_id=alice.pk)
    if end == "expire":
        run_out(alice)
        saga.sweep()
    if end == "fail":
        saga.start_payment(booking_id=alice.pk, code="11111")
        settle(alice)
    assert lock_of(flight, "12A") is None


def test_a_refused_customer_keeps_no_locks(flight: Flight) -> None:
    alice, bob = a_hold(flight, "12A"), a_hold(flight, "12B")
    with pytest.raises(SeatTaken):
        a_hold(flight, "12A", "14A")
    with pytest.raises(SeatTaken):
        saga.update_seats(booking_id=bob.pk, seats=["12A", "12B", "14B"])
    assert lock_of(flight, "14A") is None
    assert lock_of(flight, "14B") is None
    assert lock_of(flight, "12A") == str(alice.pk)
    assert lock_of(flight, "12B") == str(bob.pk)


def test_a_refused_change_of_an_ended_booking_keeps_no_locks(flight: Flight) -> None:
    alice = a_hold(flight, "12A")
    saga.cancel(booking_id=alice.pk)
    with pytest.raises(BookingCancelled):
        saga.update_seats(booking_id=alice.pk, seats=["12A"])
    assert lock_of(flight, "12A") is None


def test_a_lock_without_a_claim_is_stale_and_taken_over(flight: Flight) -> None:
    get_redis_connection().set(locks.lock_name(flight.pk, "12A"), "somebody who crashed")
    alice = a_hold(flight, "12A")
    assert owned(alice) == ["12A"]
    assert lock_of(flight, "12A") == str(alice.pk)


def test_a_lock_is_never_believed_about_a_seat_that_is_taken(flight: Flight) -> None:
    a_hold(flight, "12A")
    get_redis_connection().flushdb()
    with pytest.raises(SeatTaken):
        a_hold(flight, "12A")


def test_nobody_deletes_somebody_elses_lock(flight: Flight) -> None:
    alice = a_hold(flight, "12A")
    get_redis_connection().set(locks.lock_name(flight.pk, "12A"), "bob")
    locks.release(alice, ["12A"])
    assert lock_of(flight, "12A") == "bob"


def test_with_redis_off_everything_works(flight: Flight, redis_server: RedisServer) -> None:
    redis_server.stop()
    alice = a_confirmed_booking(flight, "12A")
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.CHARGED)
    with pytest.raises(SeatTaken):
        a_hold(flight, "12A")
    bob = a_hold(flight, "12B")
    saga.update_seats(booking_id=bob.pk, seats=["12C"])
    run_out(bob)
    assert saga.sweep(saga.advance) == 1
    assert owned(a_hold(flight, "12C")) == ["12C"]


def test_a_redis_that_hangs_costs_one_short_wait(flight: Flight, redis_server: RedisServer) -> None:
    a_hold(flight, "1A")
    redis_server.freeze()
    redis_circuit.rest(0)
    started = time.monotonic()
    for seat in ["2A", "2B", "2C"]:
        assert owned(a_hold(flight, seat)) == [seat]
    assert time.monotonic() - started < 2.5


def test_after_a_restart_the_locks_are_used_again(
    flight: Flight, redis_server: RedisServer
) -> None:
    a_hold(flight, "12A")
    redis_server.stop()
    a_hold(flight, "12B")
    redis_server.start()
    redis_circuit.rest(0)
    bob = a_hold(flight, "14A")
    assert lock_of(flight, "14A") == str(bob.pk)
    with pytest.raises(SeatTaken):
        a_hold(flight, "12B")
