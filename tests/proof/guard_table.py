"""Every guard against a double sale, a double charge or a lost booking: how to take it out,
and tests that must notice.

A `Patch` is a file and what to write there instead of what. What it looks for must be there
exactly once, so a guard that moves takes its line here along.
"""

from tests.proof.guard import (
    CONDITIONS,
    CONSTRAINTS,
    CROSS_SITE,
    FARES,
    FARES_OF_BOOKINGS,
    FRAME,
    OTHER_FLIGHTS,
    TIMERS,
    TRANSITIONS,
    Patch,
    dropped,
    guard,
)
from tests.proof.guard_table_changes import CHANGED_SEATS
from tests.proof.guard_table_messages import MESSAGES
from tests.proof.guard_table_payments import PAYMENTS_AND_SEATS
from tests.proof.guard_table_refunds import REFUNDS

DATA_AND_TIME = {
    # --- Postgres ----------------------------------------------------------------------------
    "the primary key of claims": guard(
        "bookings/models/test_database_says_no.py::test_one_seat_has_one_owner",
        "bookings/saga/test_holds.py::test_bob_gets_none_of_his_seats_when_alice_has_one_of_them",
        "bookings/saga/test_races.py::test_of_fifty_racers_for_one_seat_one_gets_it",
        "proof/test_histories.py::test_nobody_who_wants_the_same_seats_is_lied_to",
        patches=dropped("ALTER TABLE bookings_seatclaim DROP CONSTRAINT bookings_seatclaim_pkey"),
    ),
    "the foreign key from claims to an owning booking": guard(
        "bookings/models/test_database_says_no.py::test_a_booking_that_ended_owns_nothing",
        patches=(
            Patch(CONSTRAINTS, "            CLAIM_NEEDS_AN_OWNER,\n", '            "",\n'),
            Patch(
                CONSTRAINTS,
                '"ALTER TABLE bookings_seatclaim DROP CONSTRAINT claim_needs_an_owner"',
                '""',
            ),
        ),
    ),
    "one open booking a customer and flight": guard(
        "bookings/saga/test_races.py::test_two_tabs_of_one_customer_hold_once",
        "bookings/saga/test_holds.py::test_one_customer_has_one_open_booking_on_a_flight",
        patches=dropped("DROP INDEX booking_one_open_per_browser_and_flight"),
    ),
    "one open attempt a booking": guard(
        "bookings/models/test_database_says_no.py::test_a_payment_has_three_attempts_and_one_of_them_open",
        patches=dropped("DROP INDEX attempt_one_open"),
    ),
    "confirmed means charged": guard(
        "bookings/models/test_database_says_no.py::"
        "test_confirmed_means_charged_and_charged_means_confirmed",
        patches=dropped(
            "ALTER TABLE bookings_booking DROP CONSTRAINT booking_confirmed_means_charged"
        ),
    ),
    "a timer runs while a booking is unsettled": guard(
        "bookings/models/test_database_says_no.py::test_a_timer_runs_exactly_while_a_booking_is_unsettled",
        patches=dropped(
            "ALTER TABLE bookings_booking DROP CONSTRAINT booking_timer_runs_while_unsettled"
        ),
    ),
    "one passenger a seat": guard(
        "bookings/saga/test_passengers.py::test_postgres_refuses_more_or_fewer_than_the_seats",
        patches=(
            Patch("bookings/migrations/0006_passengers.py", "IN (0, cardinality(seats))", ">= 0"),
        ),
    ),
    "nobody is left out when a party is named and pays": guard(
        "bookings/saga/test_passengers.py::test_a_seat_without_its_passenger_is_not_paid",
        "bookings/saga/test_passengers.py::test_a_child_whose_adult_was_left_behind_is_not_paid",
        patches=(Patch("bookings/saga/transitions.py", "        COMPLETE,\n", ""),),
    ),
    "a passenger is named for the seats that one saw": guard(
        "bookings/saga/test_passengers.py::test_of_two_tabs_the_second_is_told",
        patches=(
            Patch(
                "bookings/saga/passenger_transitions.py",
                "(OWN, *RUNNING, AS_SEEN, SAME_CABIN)",
                "(OWN, *RUNNING, SAME_CABIN)",
            ),
        ),
    ),
    "no child is put at an exit by a swap or a move": guard(
        "flights/cabin/test_swap_children.py::"
        "test_a_seat_of_the_same_name_at_an_exit_is_not_kept_by_a_child",
        "bookings/saga/test_children_moved.py::test_children_go_to_no_exit_of_another_flight",
        patches=(
            Patch(
                "flights/cabin/swap.py",
                "return old.id in self._not_at_exits",
                "return old.id in set[str]()",
            ),
        ),
    ),
    "whoever moves a booking knows who may not sit at an exit": guard(
        "bookings/saga/test_children_moved.py::"
        "test_a_swap_takes_a_child_and_its_adult_from_what_is_an_exit_now",
        patches=(Patch(OTHER_FLIGHTS, "if not one.may_sit_at_exit", "if False"),),
    ),
    "a child that may not sit at an exit needs another seat to be let in": guard(
        "bookings/saga/test_children_moved.py::"
        "test_who_is_left_over_by_the_exits_leaves_and_the_swap_is_done",
        patches=(
            Patch(
                "flights/cabin/room.py",
                "for j in range(i + 1))",
                "for j in (i,))",
            ),
        ),
    ),
    "events are append-only": guard(
        "bookings/models/test_database_says_no.py::test_history_can_only_be_added_to",
        patches=(Patch(CONSTRAINTS, "            EVENTS_ARE_APPEND_ONLY,\n", '            "",\n'),),
    ),
    "a fare stays as it was sold": guard(
        "bookings/models/test_database_says_no.py::test_a_fare_stays_as_it_was_sold",
        patches=(Patch(FARES, "            FARES + FARES_STAY,\n", "            FARES,\n"),),
    ),
    "the fare of a booking stays once its payment has begun": guard(
        "bookings/models/test_database_says_no.py::test_the_fare_of_a_booking_stays_once_its_payment_has_begun",
        patches=(Patch(FARES_OF_BOOKINGS, "            FARE_STAYS,\n", '            "",\n'),),
    ),
    "a payment that runs gets no other fare": guard(
        "bookings/saga/test_fares.py::test_only_a_hold_gets_another_fare_and_only_from_whoever_made_it",
        patches=(
            Patch(
                TRANSITIONS,
                "conditions=(*SEEN_HOLD, FARE_SOLD)",
                "conditions=(SEEN_HOLD[0], SEEN_HOLD[-1], FARE_SOLD)",
            ),
        ),
    ),
    "a price is of the seats and the fare that it was made of": guard(
        "bookings/saga/test_fares.py::test_a_price_made_of_other_seats_than_are_held_is_refused",
        patches=(
            Patch(
                TRANSITIONS,
                "conditions=(*SEEN_HOLD, FARE_SOLD)",
                "conditions=(OWN, *RUNNING, FARE_SOLD)",
            ),
        ),
    ),
    "nothing is sold at a fare that is sold no more": guard(
        "bookings/saga/test_fares.py::test_a_process_that_knows_an_old_fare_sells_the_new_one",
        patches=(Patch(CONDITIONS, "%(fare)s::bigint AND own.on_sale)", "%(fare)s::bigint)"),),
    ),
    # --- Time --------------------------------------------------------------------------------
    "the due check of a step": guard(
        "bookings/saga/test_timers.py::test_a_countdown_that_comes_early_does_nothing",
        patches=(
            Patch(
                CONDITIONS,
                'DUE = Condition("b.due_at <= b.now", HoldExpired)',
                'DUE = Condition("b.due_at IS NOT NULL", HoldExpired)',
            ),
        ),
    ),
    "the due check before a hold is expired for a rival": guard(
        "bookings/saga/test_holds.py::test_one_customer_has_one_open_booking_on_a_flight",
        patches=(
            Patch(
                CONDITIONS,
                'DUE = Condition("b.due_at <= b.now", HoldExpired)',
                'DUE = Condition("b.due_at IS NOT NULL", HoldExpired)',
            ),
        ),
    ),
    "the due check of whoever uses a hold": guard(
        "bookings/saga/test_holds.py::test_nothing_can_be_done_with_a_hold_that_is_due_by_a_millisecond",
        patches=(
            Patch(
                CONDITIONS,
                'Condition("b.due_at > b.now AND b.failures = 0", HoldExpired)',
                'Condition("b.failures = 0", HoldExpired)',
            ),
        ),
    ),
    "a hold whose expiry failed is over all the same": guard(
        "bookings/saga/test_holds.py::test_a_hold_whose_expiry_failed_cannot_be_paid_either",
        patches=(
            Patch(
                CONDITIONS,
                'Condition("b.due_at > b.now AND b.failures = 0", HoldExpired)',
                'Condition("b.due_at > b.now", HoldExpired)',
            ),
        ),
    ),
    "the clock is read after the lock is held": guard(
        "bookings/saga/test_races.py::test_a_hold_whose_time_passes_while_its_lock_is_waited_for_is_over",
        patches=(
            Patch(
                FRAME,
                "SELECT locked.*, clock_timestamp() AS now FROM locked JOIN seen USING (version)",
                "SELECT locked.*, statement_timestamp() AS now FROM locked JOIN seen USING (version)",
            ),
        ),
    ),
    "the hold's limit of an hour": guard(
        "bookings/saga/test_holds.py::test_a_hold_never_lasts_longer_than_an_hour",
        patches=(
            Patch(
                CONDITIONS,
                "{{began}} + {seconds('limit')}, f.departure)",
                "f.departure)",
            ),
        ),
    ),
    "what a statement saw before it waited is not believed": guard(
        "bookings/saga/test_races.py::test_who_waited_for_a_change_of_seats_frees_what_it_led_to",
        patches=(Patch(FRAME, " FROM locked JOIN seen USING (version)", " FROM locked"),),
    ),
    "all the seats or none": guard(
        "bookings/saga/test_flight_operations.py::test_a_blocked_seat_is_taken_for_everybody",
        patches=(
            Patch(CONSTRAINTS, "IF cardinality(wanted) > cardinality(got) THEN", "IF false THEN"),
        ),
    ),
    "a hold whose step raises keeps nobody else waiting": guard(
        "bookings/saga/test_timers.py::test_a_hold_whose_step_fails_starves_nobody_and_shows",
        patches=(
            Patch(
                TIMERS,
                'log.exception("A batch of due holds failed; each is tried by itself")',
                "raise",
            ),
        ),
    ),
    "the sweep waits for nobody": guard(
        "bookings/saga/test_races.py::test_a_sweep_passes_a_booking_that_somebody_holds",
        patches=(
            Patch(
                FRAME,
                "FOR UPDATE SKIP LOCKED",
                "FOR UPDATE",
            ),
        ),
    ),
}

WHO_ASKS = {
    "a page of another site holds no seats": guard(
        "bookings/api/test_cross_site.py::test_nothing_changes_at_the_word_of_another_sites_page",
        patches=(Patch(CROSS_SITE, "if _is_of_another_site(request):", "if False:"),),
    ),
    "only who made a booking acts on it": guard(
        "bookings/saga/test_whose.py::test_nobody_else_acts_on_it",
        patches=(
            Patch(
                CONDITIONS,
                '"b.browser_id IS NOT DISTINCT FROM %(browser_id)s::uuid"',
                '"(%(browser_id)s::uuid IS NULL OR true)"',
            ),
        ),
    ),
    "a booking shows no name to whoever has its link": guard(
        "bookings/views/test_whose.py::test_a_stranger_sees_how_it_stands_and_nothing_of_a_person",
        patches=(
            Patch(
                "bookings/models/booking.py",
                "return self.change_of_id is None and self.browser_id == browser_id",
                "return True",
            ),
        ),
    ),
    "a form or a text holds no seats": guard(
        "bookings/api/test_cross_site.py::test_nothing_but_json_changes_anything",
        patches=(Patch(CROSS_SITE, "if not _is_json(request):", "if False:"),),
    ),
}

GUARDS = {**DATA_AND_TIME, **PAYMENTS_AND_SEATS, **REFUNDS, **CHANGED_SEATS, **MESSAGES, **WHO_ASKS}
