"""Two worlds, the saga on a real Postgres and a model, which must be the same after every step."""

from collections.abc import Callable
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    precondition,
    rule,
)

from bookings import saga
from bookings.models import Booking, LedgerEntry, SeatClaim
from bookings.saga import timers
from bookings.saga.refunds import refunds
from flights.models import Flight
from tests.people import let_time_pass
from tests.proof import whatever as some
from tests.proof.judge import forget_everything, last_verdict, verdict
from tests.proof.model import BLOCK, Model
from tests.proof.model_booking import PAUSE
from tests.proof.model_gateway import Mood, Work
from tests.proof.steered import SteeredGateway, Worker, write_down
from tests.proof.worlds import (
    bookings_in,
    bookings_in_the_world,
    clear_redis,
    locks_in_the_world,
    outcome,
)


class TwoWorlds(RuleBasedStateMachine):
    """One flight, until everything on it is settled."""

    flight: Flight
    workers = Bundle("workers")

    def __init__(self) -> None:
        super().__init__()
        self.model = Model(self.flight.layout.parsed.seats, most_seats=9)
        self.paused: list[Worker] = []
        refunds.forget()

    # --- What passes by itself ---------------------------------------------------------------
    @precondition(lambda self: self.model.bookings)
    @rule(mood=some.moods, workers_are_away=st.booleans())
    def sweep(self, mood: Mood, workers_are_away: bool) -> None:
        expired, handed = self.model.expire_all(), self.model.overdue_payments()
        SteeredGateway.mood = mood
        given: list[str] = []

        def hand_over(booking_id: UUID) -> None:
            given.append(str(booking_id))
            if not workers_are_away:
                timers.advance_or_postpone(booking_id)

        assert saga.sweep(hand_over) == expired + len(handed)
        assert sorted(given) == sorted(handed)
        if not workers_are_away:
            for id in given:
                self._foretell_advance(id, mood)
            assert saga.sweep(hand_over) == 0, "a second sweep changes nothing"

    @precondition(lambda self: self.model.bookings)
    @rule(seconds=st.sampled_from([100, 300, 600, 900]))
    def time_passes(self, seconds: int) -> None:
        for each in self.model.bookings.values():
            if each.due is not None:
                let_time_pass(Booking.objects.get(pk=each.id), seconds)
                self.model.time_passes(each, seconds)

    @rule(worker=consumes(workers), mood=some.moods)
    def a_stopped_worker_goes_on(self, worker: Worker, mood: Mood) -> None:
        self.paused.remove(worker)
        work, told = worker.work, worker.told
        SteeredGateway.mood = mood
        write_down(worker.effect, told[1] if told else None)
        if work.kind == "free":
            self.model.release(work.booking, work.seats)
        else:
            self._foretell_record(work, told[0] if told else self.model.ledger.answer(work, mood))

    # --- Both worlds -------------------------------------------------------------------------
    @invariant()
    def both_worlds_are_the_same(self) -> None:
        assert bookings_in_the_world() == bookings_in(self.model)
        claims = SeatClaim.objects.values_list("seat", "booking_id")
        assert {seat: str(owner or BLOCK) for seat, owner in claims} == self.model.owners
        ledger = LedgerEntry.objects.all()
        assert {each.key: each.status for each in ledger} == self.model.ledger.entries
        went_back = {each.key: each.refunds for each in ledger if each.refunds}
        assert went_back == self.model.ledger.refunds
        assert locks_in_the_world() == self.model.locks

    @invariant()
    def every_promise_holds(self) -> None:
        assert verdict() == []

    def teardown(self) -> None:
        try:
            self._settle()
            for worker in [*self.paused]:
                self.a_stopped_worker_goes_on(worker, Mood())
            self.both_worlds_are_the_same()
            self._settle()
        finally:
            forget_everything()
            clear_redis()

    def _settle(self) -> None:
        """All the time in the world, with a gateway that works: nothing is left to do."""
        for _ in range(12):
            self.time_passes(1000)
            self.sweep(Mood(), False)
        self.both_worlds_are_the_same()
        assert [each.state for each in self.model.bookings.values() if each.due is not None] == []
        assert last_verdict() == []

    def agree(self, act: Callable[[], object], foretold: Callable[[], None]) -> None:
        """The saga answers or refuses, and the model the same."""

        def acted() -> None:
            act()

        assert outcome(acted) == outcome(foretold)

    def _foretell_advance(self, id: str, mood: Mood) -> None:
        work = self.model.step(id)
        if work and work.kind == "free":
            self.model.release(work.booking, work.seats)
        elif work:
            self._foretell_record(work, self.model.ledger.answer(work, mood))

    def _foretell_record(self, work: Work, answer: str) -> None:
        self.model.record(work, answer)
        if answer == "failed":
            self._stretch_pause(work.booking)

    def _stretch_pause(self, id: str) -> None:
        """The saga's pause after a step that raised may be shorter than this test's next step."""
        if self.model.bookings[id].due is not None:
            let_time_pass(Booking.objects.get(pk=id), -PAUSE)
