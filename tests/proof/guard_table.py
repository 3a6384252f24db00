"""Every guard against a double sale, a double charge or a lost booking: how to take it out,
and tests that must notice.

A `Patch` is a file and what to write there instead of what. What it looks for must be there
exactly once, so a guard that moves takes its line here along.
"""

from typing import NamedTuple

AIRCRAFT = "bookings/saga/aircraft.py"
CONDITIONS = "bookings/saga/conditions.py"
FRAME = "bookings/saga/frame.py"
HOLDS = "bookings/saga/holds.py"
TRANSITIONS = "bookings/saga/transitions.py"
PAYMENT = "bookings/saga/payment.py"
TIMERS = "bookings/saga/timers.py"
CLAIMS = "bookings/seats/claims.py"
CHOICE = "bookings/seats/choice.py"
LOCKS = "bookings/seats/locks.py"
CONSTRAINTS = "bookings/migrations/0002_rules.py"


class Patch(NamedTuple):
    file: str
    old: str
    new: str


class Guard(NamedTuple):
    patches: tuple[Patch, ...]
    # Under tests/. At least one of them must fail.
    tests: tuple[str, ...]


def _guard(*tests: str, patches: tuple[Patch, ...]) -> Guard:
    return Guard(patches, tests)


def _dropped(statement: str) -> tuple[Patch, ...]:
    """A constraint of an earlier migration, gone after the last one."""
    first = "    operations = [\n"
    gone = f'        migrations.RunSQL("{statement}"),\n'
    return (Patch(CONSTRAINTS, first, first + gone),)


GUARDS = {
    # --- Postgres ----------------------------------------------------------------------------
    "the primary key of claims": _guard(
        "bookings/models/test_database_says_no.py::test_one_seat_has_one_owner",
        "bookings/saga/test_holds.py::test_bob_gets_none_of_his_seats_when_alice_has_one_of_them",
        "bookings/saga/test_races.py::test_of_fifty_racers_for_one_seat_one_gets_it",
        "proof/test_histories.py::test_nobody_who_wants_the_same_seats_is_lied_to",
        patches=_dropped("ALTER TABLE bookings_seatclaim DROP CONSTRAINT bookings_seatclaim_pkey"),
    ),
    "the foreign key from claims to an owning booking": _guard(
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
    "one open booking a customer and flight": _guard(
        "bookings/saga/test_races.py::test_two_tabs_of_one_customer_hold_once",
        "bookings/saga/test_holds.py::test_one_customer_has_one_open_booking_on_a_flight",
        patches=_dropped("DROP INDEX booking_one_open_per_browser_and_flight"),
    ),
    "one open attempt a booking": _guard(
        "bookings/models/test_database_says_no.py::test_a_payment_has_three_attempts_and_one_of_them_open",
        patches=_dropped("DROP INDEX attempt_one_open"),
    ),
    "confirmed means charged": _guard(
        "bookings/models/test_database_says_no.py::"
        "test_confirmed_means_charged_and_charged_means_confirmed",
        patches=_dropped(
            "ALTER TABLE bookings_booking DROP CONSTRAINT booking_confirmed_means_charged"
        ),
    ),
    "a timer runs while a booking is unsettled": _guard(
        "bookings/models/test_database_says_no.py::test_a_timer_runs_exactly_while_a_booking_is_unsettled",
        patches=_dropped(
            "ALTER TABLE bookings_booking DROP CONSTRAINT booking_timer_runs_while_unsettled"
        ),
    ),
    "events are append-only": _guard(
        "bookings/models/test_database_says_no.py::test_history_can_only_be_added_to",
        patches=(Patch(CONSTRAINTS, "            EVENTS_ARE_APPEND_ONLY,\n", '            "",\n'),),
    ),
    # --- Time --------------------------------------------------------------------------------
    "the due check of a step": _guard(
        "bookings/saga/test_timers.py::test_a_countdown_that_comes_early_does_nothing",
        patches=(
            Patch(
                CONDITIONS,
                'DUE = Condition("b.due_at <= b.now", HoldExpired)',
                'DUE = Condition("b.due_at IS NOT NULL", HoldExpired)',
            ),
        ),
    ),
    "the due check before a hold is expired for a rival": _guard(
        "bookings/saga/test_holds.py::test_one_customer_has_one_open_booking_on_a_flight",
        patches=(
            Patch(
                CONDITIONS,
                'DUE = Condition("b.due_at <= b.now", HoldExpired)',
                'DUE = Condition("b.due_at IS NOT NULL", HoldExpired)',
            ),
        ),
    ),
    "the due check of whoever uses a hold": _guard(
        "bookings/saga/test_holds.py::test_nothing_can_be_done_with_a_hold_that_is_due_by_a_millisecond",
        patches=(
            Patch(
                CONDITIONS,
                'Condition("b.due_at > b.now AND b.failures = 0", HoldExpired)',
                'Condition("b.failures = 0", HoldExpired)',
            ),
        ),
    ),
    "a hold whose expiry failed is over all the same": _guard(
        "bookings/saga/test_holds.py::test_a_hold_whose_expiry_failed_cannot_be_paid_either",
        patches=(
            Patch(
                CONDITIONS,
                'Condition("b.due_at > b.now AND b.failures = 0", HoldExpired)',
                'Condition("b.due_at > b.now", HoldExpired)',
            ),
        ),
    ),
    "the clock is read after the lock is held": _guard(
        "bookings/saga/test_races.py::test_a_hold_whose_time_passes_while_its_lock_is_waited_for_is_over",
        patches=(
            Patch(
                FRAME,
                "SELECT locked.*, clock_timestamp() AS now FROM locked JOIN seen USING (version)",
                "SELECT locked.*, statement_timestamp() AS now FROM locked JOIN seen USING (version)",
            ),
        ),
    ),
    "the hold's limit of an hour": _guard(
        "bookings/saga/test_holds.py::test_a_hold_never_lasts_longer_than_an_hour",
        patches=(
            Patch(
                CONDITIONS,
                "{{began}} + {seconds('limit')}, f.departure)",
                "f.departure)",
            ),
        ),
    ),
    "what a statement saw before it waited is not believed": _guard(
        "bookings/saga/test_races.py::test_who_waited_for_a_change_of_seats_frees_what_it_led_to",
        patches=(Patch(FRAME, " FROM locked JOIN seen USING (version)", " FROM locked"),),
    ),
    "all the seats or none": _guard(
        "bookings/saga/test_flight_operations.py::test_a_blocked_seat_is_taken_for_everybody",
        patches=(
            Patch(CONSTRAINTS, "IF cardinality(wanted) > cardinality(got) THEN", "IF false THEN"),
        ),
    ),
    "a hold whose step raises keeps nobody else waiting": _guard(
        "bookings/saga/test_timers.py::test_a_hold_whose_step_fails_starves_nobody_and_shows",
        patches=(
            Patch(
                TIMERS,
                'log.exception("A batch of due holds failed; each is tried by itself")',
                "raise",
            ),
        ),
    ),
    "the sweep waits for nobody": _guard(
        "bookings/saga/test_races.py::test_a_sweep_passes_a_booking_that_somebody_holds",
        patches=(
            Patch(
                FRAME,
                "FOR UPDATE SKIP LOCKED",
                "FOR UPDATE",
            ),
        ),
    ),
    # --- Money -------------------------------------------------------------------------------
    "the key is used again after unknown": _guard(
        "bookings/saga/test_payment.py::"
        "test_after_an_unknown_outcome_the_key_is_used_again_and_charges_once",
        "proof/test_crash_points.py::"
        "test_wherever_it_dies_all_is_settled_and_charged_at_most_once[paid_at_once]",
        patches=(
            Patch(
                CONDITIONS,
                "CASE WHEN last.key IS NULL OR last.outcome = 'declined' THEN c.id || '-' || c.attempts\n             ELSE last.key END,",
                "c.id || '-' || c.attempts,",
            ),
        ),
    ),
    "a lease keeps others from an open attempt": _guard(
        "bookings/saga/test_payment.py::"
        "test_a_worker_that_died_after_charging_costs_an_attempt_and_not_a_second_charge",
        patches=(
            Patch(
                TRANSITIONS,
                '"attempts": "b.attempts + 1", "due_at": f"b.now + {seconds(\'lease\')}"',
                '"attempts": "b.attempts + 1", "due_at": "b.now"',
            ),
        ),
    ),
    "an answer is taken once": _guard(
        "bookings/saga/test_payment.py::"
        "test_an_answer_that_comes_after_its_lease_is_not_the_next_attempts_answer",
        patches=(
            Patch(
                CONDITIONS,
                '" AND a.number = %(number)s::int AND a.outcome IS NULL)"',
                '" AND a.number = %(number)s::int)"',
            ),
        ),
    ),
    "a late approval goes back": _guard(
        "bookings/saga/test_payment.py::"
        "test_a_late_approval_of_a_failed_booking_is_refunded_and_revives_nothing",
        patches=(
            Patch(
                PAYMENT,
                "    if answer.outcome != Outcome.APPROVED:\n        return\n",
                "    return\n",
            ),
        ),
    ),
    "a last attempt without an answer is asked about": _guard(
        "bookings/saga/test_payment.py::"
        "test_a_last_attempt_that_charged_in_silence_is_found_out_and_confirmed",
        patches=(
            Patch(
                PAYMENT,
                "    SETTLING: _look_up,\n",
                "    SETTLING: lambda booking: record_settlement(booking.pk, Answer(Outcome.DECLINED)),\n",
            ),
        ),
    ),
    "what may have been charged is voided": _guard(
        "bookings/saga/test_payment.py::test_a_last_attempt_that_never_arrived_fails_and_its_key_is_voided",
        patches=(
            Patch(
                TRANSITIONS,
                "sets={**PAYMENT_FAILED.sets, **REFUND_DUE}",
                "sets=PAYMENT_FAILED.sets",
            ),
        ),
    ),
    "a payment in progress is not started again": _guard(
        "bookings/saga/test_holds.py::test_only_a_running_hold_can_be_changed_or_cancelled",
        patches=(
            Patch(
                CONDITIONS,
                "    Condition(f\"b.state <> '{State.PAYMENT_PROCESSING}'\", PaymentInProgress),\n",
                "",
            ),
        ),
    ),
    # --- Seats -------------------------------------------------------------------------------
    "a lock refuses nobody by itself": _guard(
        "bookings/seats/test_redis.py::test_a_lock_without_a_claim_is_stale_and_taken_over",
        patches=(
            Patch(
                HOLDS, "        _make_way(booking, locked)\n", "        raise SeatTaken(locked)\n"
            ),
        ),
    ),
    "nobody deletes another's lock": _guard(
        "bookings/seats/test_redis.py::test_nobody_deletes_somebody_elses_lock",
        patches=(Patch(LOCKS, "if owners[i] == ARGV[1] then", "if owners[i] then"),),
    ),
    "Redis may be away": _guard(
        "bookings/seats/test_redis.py::test_with_redis_off_everything_works",
        patches=(
            Patch(
                "flights/redis_circuit.py",
                '%r", purpose, error)\n        return otherwise',
                '%r", purpose, error)\n        raise',
            ),
        ),
    ),
    "claims are inserted before others are deleted": _guard(
        "bookings/saga/test_races.py::test_a_change_claims_new_seats_before_it_gives_old_ones_back",
        patches=(
            Patch(
                FRAME,
                'CLAIMED = """, claimed AS (',
                'CLAIMED = """, early AS (\n    DELETE FROM bookings_seatclaim s USING changed c\n    WHERE s.booking_id = c.id AND s.seat <> ALL (c.seats) RETURNING seat\n), claimed AS (',
            ),
            Patch(
                FRAME,
                "    ORDER BY place\n    ON CONFLICT",
                "    WHERE (SELECT count(*) FROM early) >= 0\n    ORDER BY place\n    ON CONFLICT",
            ),
        ),
    ),
    "claims are inserted in one order": _guard(
        "bookings/saga/test_races.py::"
        "test_seats_are_claimed_in_one_order_whatever_order_they_are_asked_in",
        patches=(
            Patch(
                CLAIMS,
                "ordered = sorted(prices, key=seat_order)",
                "ordered = list(prices)",
            ),
            Patch(
                CHOICE,
                "[seat for seat in known.values() if seat.id in wanted]",
                "[known[seat] for seat in seats]",
            ),
        ),
    ),
    "a seat is claimed on a flight as it is sold now": _guard(
        "bookings/saga/test_flight_races.py::"
        "test_a_hold_that_looked_before_the_flight_changed_is_refused_after",
        patches=(
            Patch(
                CONDITIONS,
                'Condition("f.on_sale AND f.departure > b.now", NotOnSale)',
                'Condition("f.departure > b.now", NotOnSale)',
            ),
        ),
    ),
    "a flight is not changed under a claim": _guard(
        "bookings/saga/test_flight_races.py::test_a_cancellation_waits_for_a_hold_that_is_being_made",
        patches=(
            Patch(
                FRAME,
                'FOR KEY SHARE\n)"""',
                ')"""',
            ),
        ),
    ),
    "of two operators at once one is told": _guard(
        "bookings/admin/test_reseat.py::test_of_two_operators_at_once_one_wins_and_one_is_told",
        patches=(
            Patch(
                CONDITIONS,
                '"%(version)s::int IS NULL OR b.version = %(version)s::int"',
                '"true OR %(version)s::int IS NULL"',
            ),
        ),
    ),
    "a swap does what was seen, or nothing": _guard(
        "bookings/saga/test_aircraft.py::test_nothing_happens_when_the_plan_is_not_what_was_seen",
        patches=(Patch(AIRCRAFT, "if foreseen.digest != digest:", "if False:"),),
    ),
    "a swap waits for no booking": _guard(
        "bookings/saga/test_aircraft.py::test_nothing_happens_while_a_booking_is_being_changed",
        patches=(Patch(AIRCRAFT, "select_for_update(nowait=True)", "select_for_update()"),),
    ),
    "a seat that is kept costs what it did": _guard(
        "bookings/saga/test_aircraft.py::test_a_hold_and_a_payment_go_on_after_the_swap",
        patches=(
            Patch(
                HOLDS,
                "prices = {seat: had.get(seat, cents) for",
                "prices = {seat: cents for",
            ),
        ),
    ),
    "the sweep goes on with a cancellation": _guard(
        "bookings/saga/test_flight_operations.py::test_a_cancellation_goes_on_where_it_was_left",
        patches=(
            Patch(
                TIMERS,
                "return count + len(ids) + sum(ended)",
                "return count + len(ids)",
            ),
        ),
    ),
    "a form from another tab is refused": _guard(
        "bookings/saga/test_holds.py::test_a_stale_tab_is_told_so_and_changes_nothing",
        patches=(
            Patch(
                CONDITIONS,
                '"%(version)s::int IS NULL OR b.version = %(version)s::int"',
                '"true OR %(version)s::int IS NULL"',
            ),
        ),
    ),
}
