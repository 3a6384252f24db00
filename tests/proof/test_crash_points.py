"""The process dies before and after every commit, every publish and every gateway call.

Which moments there are is found by playing each story once to its end. Then it is played again
for each of them, on a flight of its own, up to there. All the wreckage is left lying, and one
sweep after the other must settle it.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import pytest
from django.db import connection
from pytest_django import Settings

from bookings import saga
from bookings.models import Booking, LedgerEntry, Message, State
from bookings.notifications.outbox import send_due
from bookings.saga import timers
from bookings.saga.timers import advance_or_postpone
from flights.clock import database_clock
from flights.models import CabinLayout, Flight
from tests.environment import BASE_DIR, with_database
from tests.people import LAYOUT, a_flight, change, charged_cents
from tests.proof.crashing import DIED, ENDED, NEVER, WARM_UP
from tests.proof.judge import forget_everything, judge, last_verdict, verdict
from tests.proof.stories import STORIES
from tests.proof.storyteller import ANOTHER_AIRCRAFT
from tests.proof.worlds import clear_redis

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(0)]

LATE = timedelta(seconds=3)
# Three attempts, a lookup and a refund, each interrupted once, and some.
SWEEPS = 12

# Answers come at once, and so does silence; pauses are none, the leases are long.
PLAYER = {
    "PAYMENT_GATEWAY": "tests.people.MoodyGateway",
    "PAYMENT_LATENCY_SECONDS": "0-0",
    "PAYMENT_RETRY_SECONDS": "0",
    "LOG_LEVEL": "ERROR",
}


class Crash(NamedTuple):
    """Where a story was cut off, and the flight it was played on."""

    moment: int
    what: str
    flight_id: int


class Player:
    """`tests.proof.crashing`, in a process of its own."""

    def __init__(self) -> None:
        self._warm = False
        database = with_database(str(connection.settings_dict["NAME"]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.proof.crashing"],
            cwd=BASE_DIR,
            env={**os.environ, **PLAYER, "DATABASE_URL": database},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip

    def play(self, story: str, flight: Flight, moment: int) -> tuple[list[str], int]:
        """The moments that were reached, and the exit code."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{story} {flight.pk} {moment}\n")
        self._process.stdin.flush()
        reached: list[str] = []
        for line in self._process.stdout:
            if line.startswith("exit "):
                return reached, int(line.split()[1])
            reached.append(line.rstrip())
        raise AssertionError("The player itself ended.")

    def warm_up(self) -> None:
        """Have it load and compile, once, whatever the stories need."""
        if not self._warm:
            for number, story in enumerate(STORIES):
                self.play(story, a_flight(f"ZZ{number + 1}"), WARM_UP)
        self._warm = True

    def stop(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


@pytest.fixture(scope="module")
def player(django_db_setup: None) -> Iterator[Player]:
    player = Player()
    yield player
    player.stop()


@pytest.fixture(autouse=True)
def judged(
    transactional_db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch, player: Player
) -> Iterator[None]:
    settings.PAYMENT_GATEWAY = "tests.people.MoodyGateway"
    settings.PAYMENT_LATENCY_SECONDS = (0, 0)
    settings.PAYMENT_FAILURE_RATE = 0
    monkeypatch.setattr(timers, "PROMPT_SECONDS", 0)
    source = LAYOUT.replace("1-30", "skip 1\n2-30")
    CabinLayout.objects.create(
        code=ANOTHER_AIRCRAFT, source=source, aircraft="Test", total_seats=174
    )
    a_flight()  # The judge knows the aircraft that are there.
    with judge():
        player.warm_up()
        yield
    forget_everything()
    clear_redis()


@pytest.mark.parametrize("story", STORIES)
def test_wherever_it_dies_all_is_settled_and_charged_at_most_once(
    story: str, player: Player
) -> None:
    crashes = die_everywhere(player, story)
    assert verdict() == [], "the wreckage itself breaks a promise"
    sweep_until_settled()
    assert last_verdict() == []
    for crash in crashes:
        must_be_settled(crash)


def test_the_stories_come_past_everything_that_can_be_seen_from_outside(player: Player) -> None:
    flights = {story: a_flight(f"FB{n}") for n, story in enumerate(STORIES, start=1)}
    played = [player.play(story, flight, NEVER) for story, flight in flights.items()]
    reached = {moment for moments, _ in played for moment in moments}
    assert reached >= {
        *("before everything", "after commit", "after Redis EVAL", "after Redis pipeline"),
        *("after Redis LPUSH timers", "after Redis LPUSH work"),
        *("after gateway charge", "after gateway lookup", "after gateway void"),
        "after gateway refund",
    }
    states = set(Booking.objects.values_list("state", flat=True))
    ended = {State.CONFIRMED, State.FAILED, State.EXPIRED, State.CANCELLED, State.CHANGED}
    assert states >= ended


def die_everywhere(player: Player, story: str) -> list[Crash]:
    """Play the story once to its end, and once to each of its moments."""
    moments, code = player.play(story, a_flight("FB1"), NEVER)
    assert code == ENDED
    return [die_at(player, story, number) for number in range(1, len(moments) + 1)]


def die_at(player: Player, story: str, number: int) -> Crash:
    """Play the story to this moment."""
    flight = a_flight(f"FB{number + 1}")
    reached, code = player.play(story, flight, number)
    assert (len(reached), code) == (number, DIED)
    return Crash(number, reached[-1], flight.pk)


def sweep_until_settled() -> None:
    """Let every timer run out and sweep, again and again, without Celery."""
    for _ in range(SWEEPS):
        bookings = list(Booking.objects.filter(due_at__isnull=False))
        for booking in bookings:
            change(booking, due_at=database_clock() - LATE)
        while saga.sweep(advance_or_postpone):
            pass
        send_what_waits()
        if not bookings and not Flight.objects.filter(ending_bookings=True).exists():
            return
    raise AssertionError(f"{len(bookings)} bookings are never settled")


def send_what_waits() -> None:
    """As a worker does that the sweep has woken, once leases are over."""
    waiting = Message.objects.filter(due_at__isnull=False)
    waiting.update(due_at=database_clock() - LATE)
    for booking_id in set(waiting.values_list("booking", flat=True)):
        send_due(booking_id)


def must_be_settled(crash: Crash) -> None:
    """Its bookings have ended, with at most one charge each, and whoever wants has the rest.

    Whoever has paid, or could not, was told at least once.
    """
    for booking in Booking.objects.filter(flight_id=crash.flight_id):
        entries = LedgerEntry.objects.filter(key__startswith=str(booking.pk))
        charged = entries.filter(status__in=("approved", "refunded"))
        assert charged.count() <= 1, crash
        paid = booking.total_cents if booking.state == State.CONFIRMED else 0
        # What a change was paid with is of the booking that has its seats.
        made = booking.changes.filter(state=State.CHANGED)
        if booking.state != State.CHANGED:
            left = sum(map(charged_cents, [booking, *made]))
            assert left == paid + booking.kept_cents, crash
        # A hold that nobody paid has no address.
        if booking.email:
            assert booking.messages.filter(sent_at__isnull=False).exists(), crash
            assert not booking.messages.filter(due_at__isnull=False).exists(), crash
    flight = Flight.objects.get(pk=crash.flight_id)
    taken = set(flight.claims.values_list("seat", flat=True))
    free = {"2A", "2B", "3A", "3B"} | ({"1A", "1B", "1C"} & flight.layout.parsed.seats.keys())
    if flight.on_sale:
        saga.hold_seats(flight_id=flight.pk, seats=sorted(free - taken))
