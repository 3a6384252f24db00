"""Whatever happens, in whatever order: the saga on a real Postgres and a plain model agree.

Hypothesis makes up stories of customers, operators, workers and time, and shortens one that
goes wrong. After every step both worlds must be the same, in state, money, owned seats, locks
and refusals, and every invariant must hold. `PROOF_EXAMPLES` tells how many stories.
"""

import os
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as how
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bookings import saga
from bookings.models import Booking
from bookings.saga import timers
from bookings.saga.payment import postpone
from tests.people import a_flight, run_out
from tests.proof import model_changes, model_fares, model_passengers, model_refunds, model_staff
from tests.proof import whatever as some
from tests.proof.judge import judge
from tests.proof.model_gateway import Mood
from tests.proof.steered import SteeredGateway, Worker, ask
from tests.proof.two_worlds import TwoWorlds
from tests.proof.worlds import (
    clear_redis,
    forget_locks,
    outcome,
)

pytestmark = pytest.mark.django_db(transaction=True)

STORIES = int(os.environ.get("PROOF_EXAMPLES", "50"))
STEPS = int(os.environ.get("PROOF_STEPS", "30"))
PARTS = 2  # Each has a test process of its own.

BY = "operator:olga"


class Story(TwoWorlds):
    """One flight with four seats that are wanted, until everything is settled."""

    bookings = Bundle("bookings")
    quotes = Bundle("quotes")
    changes = Bundle("changes")

    # --- Customers --------------------------------------------------------------------------
    @rule(target=bookings, seats=some.any_seats, customer=some.customers, fare=some.fares)
    def hold(self, seats: list[str], customer: str | None, fare: str | None) -> Any:
        made: list[str] = []

        def act() -> None:
            who = some.CUSTOMERS[customer] if customer else None
            about: Any = {"flight_id": self.flight.pk, "fare": fare, "browser_id": who}
            booking = saga.hold_seats(seats=seats, **about)
            made.append(str(booking.pk))

        said = outcome(act)
        # A refused one had an id too, which nobody ever sees.
        (id,) = made or [str(uuid4())]
        assert said == outcome(lambda: self.model.hold(id, seats, customer, fare))
        return multiple(*made)

    @rule(id=bookings, asker=some.askers, seats=some.any_seats, fare=some.fares, behind=some.behind)
    def update(self, id: str, behind: int | None, **said: Any) -> None:
        version = None if behind is None else self.model.bookings[id].version - behind
        self._asks(id, act=saga.update_seats, foretold=self.model.update, version=version, **said)

    @rule(id=bookings, asker=some.askers, fare=some.fares.filter(bool))
    def choose_fare(self, id: str, asker: str | None, fare: str) -> None:
        foretold = partial(model_fares.choose, self.model)
        self._asks(id, asker, saga.choose_fare, foretold, fare=fare)

    @rule(id=bookings, asker=some.askers, seats=st.none() | some.any_seats, behind=some.behind)
    def name(self, id: str, asker: str | None, seats: list[str] | None, behind: int | None) -> None:
        booking = self.model.bookings[id]
        seats = booking.seats if seats is None else list(dict.fromkeys(seats))
        version = None if behind is None else booking.version - behind

        def act(**about: Any) -> None:
            said = [saga.Said(seat, seat) for seat in seats]
            saga.name_passengers(said=said, version=version, **about)

        foretold = partial(model_passengers.name, self.model)
        self._asks(id, asker, act, partial(foretold, seats=seats, version=version))

    @rule(id=bookings, asker=some.askers, code=some.codes)
    def pay(self, id: str, asker: str | None, code: str) -> None:
        self._asks(id, asker, saga.start_payment, self.model.pay, code=code)

    @rule(id=bookings, asker=some.askers)
    def cancel(self, id: str, asker: str | None) -> None:
        self._asks(id, asker, saga.cancel, self.model.cancel)

    @rule(target=quotes, id=bookings, asker=some.askers, seats=st.none() | some.any_seats)
    def quote(self, id: str, asker: str | None, seats: list[str] | None) -> Any:
        known = self.model.bookings[id].seats
        seats = (seats and [seat for seat in seats if seat in known]) or seats
        made: list[Any] = []

        def act(**about: Any) -> None:
            made.append(saga.quote_cancellation(seats=seats, **about))

        def foretold(id: str, asker: str | None) -> None:
            made.append(model_refunds.quote(self.model, id, seats, asker))

        self._asks(id, asker, act, foretold)
        if not made:
            return multiple()
        real, quote = made
        assert (real.seats, real.refund_cents, real.fee_cents) == (
            quote.seats,
            quote.cents,
            quote.fee,
        )
        quote.id = real.id
        return quote

    # Now and then one confirms twice.
    @rule(quote=quotes, asker=some.askers)
    def confirm_a_quote(self, quote: model_refunds.Quote, asker: str | None) -> None:
        def foretold(_: str, asker: str | None) -> None:
            model_refunds.confirm(self.model, quote, asker)

        act = partial(saga.cancel_as_quoted, quote_id=quote.id)
        self._asks(quote.booking, asker, act, foretold)

    @rule(targets=(bookings, changes), id=bookings, asker=some.askers, seats=some.any_seats)
    def start_a_change(self, id: str, asker: str | None, seats: list[str]) -> Any:
        made: list[str] = []

        def act(**about: Any) -> None:
            made.append(str(saga.start_change(seats=seats, **about).pk))

        def foretold(id: str, asker: str | None) -> None:
            (change_id,) = made or [str(uuid4())]
            model_changes.start(self.model, id, change_id, seats, asker)

        self._asks(id, asker, act, foretold)
        return multiple(*made)

    @rule(id=changes, asker=some.askers, code=some.codes)
    def pay_for_a_change(self, id: str, asker: str | None, code: str) -> None:
        self._asks_of_a_change(id, asker, saga.pay_change, model_changes.pay, code=code)

    @rule(id=changes, asker=some.askers)
    def give_a_change_up(self, id: str, asker: str | None) -> None:
        self._asks_of_a_change(id, asker, saga.give_up_change, model_changes.give_up)

    def _asks_of_a_change(
        self, id: str, asker: str | None, act: Any, foretold: Any, **said: Any
    ) -> None:
        change = self.model.bookings[id].change
        assert change
        real = partial(act, change_id=UUID(id))
        self._asks(
            change.booking.id, asker, real, lambda _, **by: foretold(self.model, id, **by), **said
        )

    @rule(id=bookings, cents=some.amounts)
    def staff_give_a_refund(self, id: str, cents: int) -> None:
        act = partial(saga.give_refund, booking_id=UUID(id), amount_cents=cents, by=BY)
        self.agree(act, partial(model_refunds.give_refund, self.model, id, cents))

    def _asks(self, id: str, asker: str | None, act: Any, foretold: Any, **said: Any) -> None:
        who = self.model.bookings[id].customer if asker == "owner" else asker
        real = partial(act, booking_id=UUID(id), browser_id=some.CUSTOMERS.get(who or ""), **said)
        self.agree(real, partial(foretold, id, asker=who, **said))

    # --- Operators ---------------------------------------------------------------------------
    @rule(id=bookings, name=st.sampled_from(["terminate", "cancel_and_refund", "retry_now"]))
    def operate(self, id: str, name: str) -> None:
        act = partial(getattr(saga, name), booking_id=UUID(id), by=BY)
        self.agree(act, lambda: getattr(model_staff, name)(self.model, id))

    @rule(id=bookings, seats=some.any_seats)
    def transition(self, id: str, seats: list[str]) -> None:
        act = partial(saga.reseat, booking_id=UUID(id), seats=seats, by=BY)
        self.agree(act, lambda: model_staff.reseat(self.model, id, seats))

    @rule(seats=some.any_seats, keep=st.booleans())
    def block_or_unblock(self, seats: list[str], keep: bool) -> None:
        about: Any = {"flight_id": self.flight.pk, "by": BY, "reason": "crew", "seats": seats}
        act = saga.block_seats if keep else saga.unblock_seats
        foretold = model_staff.block if keep else model_staff.unblock
        self.agree(partial(act, **about), lambda: foretold(self.model, seats))

    # --- Workers -----------------------------------------------------------------------------
    @rule(id=bookings, times=st.integers(1, 2), mood=some.moods)
    def advance(self, id: str, times: int, mood: Mood) -> None:
        SteeredGateway.mood = mood
        for _ in range(times):
            timers.advance_or_postpone(UUID(id))
            self._foretell_advance(id, mood)

    @rule(target=TwoWorlds.workers, id=bookings)
    def a_worker_takes_a_step_and_stops(self, id: str) -> Any:
        effect, work = timers.take_step(UUID(id)), self.model.step(id)
        assert (effect is None) == (work is None)
        if effect is None or work is None:
            return multiple()
        self.paused.append(Worker(work, effect))
        return self.paused[-1]

    @rule(worker=TwoWorlds.workers, mood=some.moods)
    def a_stopped_worker_asks_the_gateway(self, worker: Worker, mood: Mood) -> None:
        if worker.told is None and worker.work.kind != "free":
            cents = Booking.objects.get(pk=worker.work.booking).total_cents
            told = self.model.ledger.answer(worker.work, mood), ask(worker.work, cents, mood)
            worker.told = told

    @rule(id=bookings)
    def a_step_raises(self, id: str) -> None:
        postpone(UUID(id), ValueError("trouble"))
        self.model.postpone(id)
        self._stretch_pause(id)

    # --- Time and Redis ----------------------------------------------------------------------
    @rule(id=bookings)
    def its_time_runs_out(self, id: str) -> None:
        booking = self.model.bookings[id]
        if booking.due is not None:
            run_out(Booking.objects.get(pk=id))
            self.model.time_passes(booking, max(0, booking.due))

    @precondition(lambda self: self.model.locks)
    @rule()
    def redis_forgets_the_locks(self) -> None:
        forget_locks()
        self.model.locks.clear()


@pytest.mark.timeout(0)
@pytest.mark.parametrize("part", range(PARTS))
def test_the_saga_and_the_model_tell_the_same_story(
    transactional_db: None, slow_clocks: None, part: int
) -> None:
    Story.flight = a_flight()
    stories = how(
        max_examples=STORIES // PARTS,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    clear_redis()
    with judge():
        run_state_machine_as_test(Story, settings=stories)
