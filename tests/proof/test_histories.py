"""Many clients want the same seats; each writes down what it was told, and nobody was lied to.

The checker is tested first: it finds every lie that is planted.
"""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from bookings import saga
from bookings.errors import BookingError, SeatTaken
from bookings.invariants import broken
from bookings.models import Booking
from flights.models import Flight
from tests.people import a_flight
from tests.proof.histories import Ownership, Told, groundless, known_to_two, lies, shared, unbacked
from tests.proof.ownerships import ownerships

CLIENTS = 8
CALLS = 25
SEATS = ("1A", "1B", "1C", "2A", "2B")

ALICE = Ownership("1A", "alice", since=10, at_latest=11, until=20, lingers=0.5)
HELD = Told("Alice", started=9, ended=12, booking="alice", held=("1A",), expires=25)
REFUSED = Told("Bob", started=15, ended=16, refused=("1A",))


# --- The checker ---------------------------------------------------------------------------------
def test_a_true_story_has_no_lies() -> None:
    bob = Ownership("1A", "bob", since=19, at_latest=20, until=30)
    gave_up = Told("Alice", started=19, ended=20.5, booking="alice")
    bob_held = Told("Bob", started=18, ended=21, booking="bob", held=("1A",), expires=40)
    assert lies([HELD, REFUSED, gave_up, bob_held], [ALICE, bob]) == []


@pytest.mark.parametrize("since", [11, 15, 19.9])
def test_two_owners_at_once_are_found(since: float) -> None:
    bob = Ownership("1A", "bob", since=5, at_latest=since, until=40)
    assert list(shared([ALICE, bob])) == [f"alice and bob both owned 1A at {since}"]


def test_two_owners_are_found_behind_a_short_one() -> None:
    long = Ownership("1A", "alice", since=10, at_latest=10)
    again = Ownership("1A", "alice", since=11, at_latest=11, until=12)
    bob = Ownership("1A", "bob", since=50, at_latest=50, until=60)
    assert len(list(shared([bob, again, long]))) == 1


def test_an_owner_who_had_to_wait_for_the_seat_is_no_second_owner() -> None:
    waited = Ownership("1A", "bob", since=15, at_latest=20, until=40)
    assert list(shared([ALICE, waited])) == []


def test_two_clients_who_were_both_told_to_hold_a_seat_are_found() -> None:
    bob = Told("Bob", started=13, ended=14, booking="bob", held=("1A",), expires=30)
    assert list(known_to_two([HELD, bob])) == ["alice and bob were both told to hold 1A at 14"]


@pytest.mark.parametrize("started", [13, 13.9])
def test_whoever_is_just_giving_a_seat_back_does_not_know_that_it_is_held(started: float) -> None:
    giving_back = Told("Alice", started=started, ended=19, booking="alice")
    bob = Told("Bob", started=13, ended=14, booking="bob", held=("1A",), expires=30)
    assert list(known_to_two([HELD, giving_back, bob])) == []


def test_a_hold_is_not_certain_after_its_end() -> None:
    bob = Told("Bob", started=25, ended=26, booking="bob", held=("1A",), expires=40)
    assert list(known_to_two([HELD, bob])) == []


@pytest.mark.parametrize(
    "owner",
    [
        Ownership("1A", "bob", since=9, at_latest=9),
        Ownership("1B", "alice", since=9, at_latest=9),
        Ownership("1A", "alice", since=13, at_latest=14),
        Ownership("1A", "alice", since=1, at_latest=1, until=7),
    ],
)
def test_a_success_without_an_ownership_is_found(owner: Ownership) -> None:
    assert list(unbacked([HELD], [owner])) == ["Alice was told that alice holds 1A, but it did not"]


@pytest.mark.parametrize(
    "owner",
    [
        Ownership("1B", "alice", since=9, at_latest=9),
        Ownership("1A", "alice", since=16.1, at_latest=17),
        Ownership("1A", "alice", since=1, at_latest=1, until=14.4, lingers=0.5),
    ],
)
def test_a_refusal_without_an_owner_is_found(owner: Ownership) -> None:
    assert len(list(groundless([REFUSED], [owner]))) == 1


@pytest.mark.parametrize(("started", "lied"), [(19, 0), (20.4, 0), (20.6, 1)])
def test_who_reads_may_see_an_owner_a_moment_longer(started: float, lied: int) -> None:
    late = Told("Alice", started=started, ended=30, booking="alice", held=("1A",))
    assert len(list(unbacked([late], [ALICE]))) == lied


def test_who_writes_owns_what_it_wrote_during_the_call() -> None:
    late = Told("Alice", started=20.4, ended=30, booking="alice", held=("1A",), wrote=True)
    assert len(list(unbacked([late], [ALICE]))) == 1
    in_time = replace(late, started=19.9)
    assert list(unbacked([in_time], [ALICE])) == []


@pytest.mark.parametrize(("since", "lied"), [(19, 0), (20, 0), (21, 1)])
def test_seats_that_were_never_owned_together_are_found(since: float, lied: int) -> None:
    both = Told("Alice", started=9, ended=40, booking="alice", held=("1A", "1B"), wrote=True)
    second = Ownership("1B", "alice", since=since, at_latest=since)
    assert len(list(unbacked([both], [ALICE, second]))) == lied


def test_nobody_is_refused_for_a_seat_of_their_own() -> None:
    call = Told("Alice", started=15, ended=16, booking="alice", refused=("1A",))
    assert len(list(groundless([call], [ALICE]))) == 1


# --- The saga ------------------------------------------------------------------------------------
class Client:
    """Holds, changes, gives up and lets run out, as the dice say."""

    def __init__(self, number: int, flight: Flight) -> None:
        self.name = f"client {number}"
        self.told: list[Told] = []
        self._flight = flight
        self._random = random.Random(number)
        self._booking: Booking | None = None

    def live(self) -> None:
        try:
            for _ in range(CALLS):
                self._act()
        finally:
            connection.close()

    def _act(self) -> None:
        seats = self._random.sample(SEATS, self._random.randint(1, 3))
        if self._booking is None:
            self._call(saga.hold_seats, flight_id=self._flight.pk, seats=seats)
        elif self._random.random() < 0.5:
            self._call(saga.update_seats, booking_id=self._booking.pk, seats=seats)
        elif self._random.random() < 0.8:
            self._call(saga.cancel, booking_id=self._booking.pk)
        else:
            time.sleep(self._random.uniform(0, 1.2))

    def _call(self, use_case: Callable[..., Booking], **asked: Any) -> None:
        mine = str(self._booking.pk) if self._booking else ""
        started = time.time()
        try:
            booking = use_case(**asked)
        except SeatTaken as refusal:
            refused = tuple(map(self._named, refusal.seats))
            self.told.append(Told(self.name, started, time.time(), mine, refused=refused))
        except BookingError:
            self.told.append(Told(self.name, started, time.time(), mine))
            self._booking = None
        else:
            self._note(booking, started)

    def _note(self, booking: Booking, started: float) -> None:
        booking.refresh_from_db()
        ended = time.time()
        if booking.owns_seats and booking.due_at:
            held = tuple(map(self._named, booking.seats))
            expires = booking.due_at.timestamp()
        else:
            held, expires = (), 0
        self._booking = booking if booking.due_at else None
        self.told.append(Told(self.name, started, ended, str(booking.pk), held, expires))

    def _named(self, seat: str) -> str:
        return f"{self._flight.pk}:{seat}"


@pytest.mark.django_db(transaction=True)
def test_nobody_who_wants_the_same_seats_is_lied_to(
    transactional_db: None, settings: Settings
) -> None:
    settings.SEAT_HOLD_SECONDS = 1
    flight = a_flight()
    clients = [Client(number, flight) for number in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(Client.live, clients))
    told = [call for client in clients for call in client.told]
    assert sum(bool(call.held) for call in told) > CLIENTS, "seats were held"
    assert sum(bool(call.refused) for call in told) > CLIENTS, "seats were contested"
    assert lies(told, ownerships()) == []
    assert [str(each) for each in broken() if not each.invariant.warning] == []
