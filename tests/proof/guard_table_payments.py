"""The guards of payments and of seats: the other half of the table of guards."""

from tests.proof.guard import (
    AIRCRAFT,
    CHOICE,
    CLAIMS,
    CONDITIONS,
    DEADLINE,
    FLIGHT_LOCKING,
    FRAME,
    HOLDS,
    LOCKS,
    OTHER_FLIGHTS,
    PAYMENT,
    TIMERS,
    TRANSITIONS,
    Patch,
    guard,
)

PAYMENTS_AND_SEATS = {
    # --- Money -------------------------------------------------------------------------------
    "the key is used again after unknown": guard(
        "bookings/saga/test_late_answers.py::"
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
    "a lease keeps others from an open attempt": guard(
        "bookings/saga/test_late_answers.py::"
        "test_a_worker_that_died_after_charging_costs_an_attempt_and_not_a_second_charge",
        patches=(
            Patch(
                TRANSITIONS,
                '"attempts": "b.attempts + 1", "due_at": f"b.now + {seconds(\'lease\')}"',
                '"attempts": "b.attempts + 1", "due_at": "b.now"',
            ),
        ),
    ),
    "an answer is taken once": guard(
        "bookings/saga/test_late_answers.py::"
        "test_an_answer_that_comes_after_its_lease_is_not_the_next_attempts_answer",
        patches=(
            Patch(
                CONDITIONS,
                '" AND a.number = %(number)s::int AND a.outcome IS NULL)"',
                '" AND a.number = %(number)s::int)"',
            ),
        ),
    ),
    "a late approval goes back": guard(
        "bookings/saga/test_late_answers.py::"
        "test_a_late_approval_of_a_failed_booking_is_refunded_and_revives_nothing",
        patches=(
            Patch(
                "bookings/saga/payment_answers.py",
                "    if answer.outcome != Outcome.APPROVED:\n        return\n",
                "    return\n",
            ),
        ),
    ),
    "a last attempt without an answer is asked about": guard(
        "bookings/saga/test_late_answers.py::"
        "test_a_last_attempt_that_charged_in_silence_is_found_out_and_confirmed",
        patches=(
            Patch(
                PAYMENT,
                "list(map(_look_up, due))",
                "[record_settlement(each.pk, Answer(Outcome.DECLINED)) for each in due]",
            ),
        ),
    ),
    "what may have been charged is voided": guard(
        "bookings/saga/test_late_answers.py::test_a_last_attempt_that_never_arrived_fails_and_its_key_is_voided",
        patches=(
            Patch(
                TRANSITIONS,
                "sets={**PAYMENT_FAILED.sets, **REFUND_DUE}",
                "sets=PAYMENT_FAILED.sets",
            ),
        ),
    ),
    "a payment in progress is not started again": guard(
        "bookings/saga/test_holds.py::test_only_a_running_hold_can_be_changed_or_cancelled",
        patches=(
            Patch(
                CONDITIONS,
                "    State.PAYMENT_PROCESSING: PaymentInProgress,\n",
                "",
            ),
        ),
    ),
    "the caller keeps the deadline": guard(
        "bookings/saga/test_deadline.py::"
        "test_a_charge_is_waited_for_until_the_deadline_and_counts_as_unknown",
        "bookings/saga/test_deadline.py::"
        "test_who_waits_for_a_refund_is_let_go_and_it_is_tried_again",
        patches=(
            Patch(
                DEADLINE, "        timer.start()\n        thread.start()", "        thread.start()"
            ),
        ),
    ),
    "what comes after the deadline is written down": guard(
        "bookings/saga/test_deadline.py::test_a_late_approval_of_a_booking_that_has_ended_goes_back",
        patches=(Patch(DEADLINE, "            _take_late(late, answer)", "            pass"),),
    ),
    # --- Seats -------------------------------------------------------------------------------
    "a lock refuses nobody by itself": guard(
        "bookings/seats/test_redis.py::test_a_lock_without_a_claim_is_stale_and_taken_over",
        patches=(
            Patch(
                HOLDS, "        _make_way(booking, locked)\n", "        raise SeatTaken(locked)\n"
            ),
        ),
    ),
    "nobody deletes another's lock": guard(
        "bookings/seats/test_redis.py::test_nobody_deletes_somebody_elses_lock",
        patches=(Patch(LOCKS, "if owners[i] == ARGV[1] then", "if owners[i] then"),),
    ),
    "Redis may be away": guard(
        "bookings/seats/test_redis.py::test_with_redis_off_everything_works",
        patches=(
            Patch(
                "flights/redis_circuit.py",
                '%r", purpose, error)\n        return otherwise',
                '%r", purpose, error)\n        raise',
            ),
        ),
    ),
    "claims are inserted before others are deleted": guard(
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
    "claims are inserted in one order": guard(
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
    "a seat is claimed on a flight as it is sold now": guard(
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
    "a flight is not changed under a claim": guard(
        "bookings/saga/test_flight_races.py::test_a_cancellation_waits_for_a_hold_that_is_being_made",
        patches=(
            Patch(
                FRAME,
                'FOR KEY SHARE\n)"""',
                ')"""',
            ),
        ),
    ),
    "of two operators at once one is told": guard(
        "bookings/admin/test_reseat.py::test_of_two_operators_at_once_one_wins_and_one_is_told",
        patches=(
            Patch(
                CONDITIONS,
                '"%(version)s::int IS NULL OR b.version = %(version)s::int"',
                '"true OR %(version)s::int IS NULL"',
            ),
        ),
    ),
    "a swap does what was seen, or nothing": guard(
        "bookings/saga/test_aircraft.py::test_nothing_happens_when_the_plan_is_not_what_was_seen",
        patches=(Patch(AIRCRAFT, "if foreseen.digest != digest:", "if False:"),),
    ),
    "a swap waits for no booking": guard(
        "bookings/saga/test_aircraft.py::test_nothing_happens_while_a_booking_is_being_changed",
        "bookings/saga/test_other_flights.py::test_nobody_waits_for_a_booking_that_somebody_has",
        patches=(Patch(FLIGHT_LOCKING, "select_for_update(nowait=True)", "select_for_update()"),),
    ),
    "nobody is moved to a flight that will not take them": guard(
        "bookings/saga/test_other_flights.py::test_no_other_flight_will_do",
        patches=(
            Patch(
                OTHER_FLIGHTS,
                "        cancelled_at=None,\n",
                "",
            ),
        ),
    ),
    "who leaves does so as was seen": guard(
        "bookings/saga/test_left_over.py::test_nothing_is_done_when_somebody_has_acted_meanwhile",
        patches=(Patch(AIRCRAFT, "[said, parties, leaving, moves]", "[said, parties]"),),
    ),
    "what a move leaves is free, and what it takes is taken": guard(
        "bookings/saga/test_other_flights.py::test_the_seats_left_are_free_at_once_and_the_new_ones_are_not",
        patches=(
            Patch(
                CONDITIONS,
                "DELETE FROM bookings_seatclaim s USING changed c WHERE s.booking_id = c.id\n",
                "DELETE FROM bookings_seatclaim s USING changed c WHERE false\n",
            ),
        ),
    ),
    "a seat that is kept costs what it did": guard(
        "bookings/saga/test_aircraft.py::test_a_hold_and_a_payment_go_on_after_the_swap",
        patches=(
            Patch(
                HOLDS,
                "prices = {seat: had.get(seat, cents) for",
                "prices = {seat: cents for",
            ),
        ),
    ),
    "the sweep goes on with a cancellation": guard(
        "bookings/saga/test_flight_cancellation.py::test_a_cancellation_goes_on_where_it_was_left",
        patches=(
            Patch(
                TIMERS,
                "return count + len(ids) + sum(ended)",
                "return count + len(ids)",
            ),
        ),
    ),
    "a provider that takes no refunds is not asked for each of them": guard(
        "bookings/saga/test_refunds.py::"
        "test_while_the_provider_is_down_one_asks_and_the_others_wait",
        patches=(
            Patch(
                "bookings/saga/refunds.py",
                "        self._put_off()\n        enqueue.",
                "        enqueue.",
            ),
        ),
    ),
    "refunds that wait are tried when one succeeds": guard(
        "bookings/saga/test_refunds.py::test_as_soon_as_one_is_taken_all_others_are_tried",
        patches=(
            Patch(
                "bookings/saga/refunds.py",
                "        if is_back:\n",
                "        if False and is_back:\n",
            ),
        ),
    ),
    "a form from another tab is refused": guard(
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
