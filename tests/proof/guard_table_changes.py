"""The guards of changes of seats and of flights: the fourth part of the table of guards."""

from tests.proof.guard import CONDITIONS, MONEY_BACK, TRANSITIONS, Patch, guard

CHANGES = "bookings/saga/test_changes.py::"
REFUSED = "bookings/saga/test_changes_refused.py::"
OF_CHANGES = "bookings/saga/change_transitions.py"
END = "bookings/saga/change_end.py"
DISRUPTIONS = "bookings/saga/test_disruptions.py::"
OF_DISRUPTIONS = "bookings/saga/disruption_transitions.py"

CHANGED_SEATS = {
    "a change is of a booking as it was": guard(
        CHANGES + "test_a_booking_that_changed_meanwhile_is_left_alone_and_the_money_goes_back",
        patches=(
            Patch(OF_CHANGES, '        Condition(_as_it_was("b", **_SAID), ChangeOutdated),\n', ""),
        ),
    ),
    "nobody is charged for a change of no use": guard(
        CHANGES + "test_nobody_is_charged_for_a_change_that_is_of_no_use_any_more",
        patches=(
            Patch(OF_CHANGES, "*RUNNING, FLIGHT_STANDS, STILL_OF_USE)", "*RUNNING, FLIGHT_STANDS)"),
        ),
    ),
    "a change is of one aircraft": guard(
        REFUSED + "test_an_aircraft_swap_makes_an_open_change_of_no_use",
        patches=(
            Patch(
                OF_CHANGES,
                'f" AND (SELECT layout_id FROM flights_flight WHERE id = {own}.flight_id)'
                ' = {layout}"',
                "f\" AND {layout} <> ''\"",
            ),
        ),
    ),
    "one change at a time": guard(
        CHANGES + "test_there_is_one_at_a_time",
        patches=(
            Patch(
                "bookings/migrations/0013_changes.py",
                '("change_of__isnull", False),\n                    ("state__in"',
                '("change_of__isnull", True),\n                    ("state__in"',
            ),
        ),
    ),
    "a paid change is no booking": guard(
        CHANGES + "test_once_it_is_paid_the_booking_has_them_and_the_old_ones_are_free",
        patches=(
            Patch(
                TRANSITIONS,
                "conditions=(THIS_ATTEMPT_OPEN, NO_CHANGE),",
                "conditions=(THIS_ATTEMPT_OPEN,),",
            ),
        ),
    ),
    "a change is nobody's order": guard(
        REFUSED + "test_only_who_made_a_paid_booking_changes_it",
        patches=(
            Patch(
                CONDITIONS,
                '    " AND b.change_of_id IS NOT DISTINCT FROM %(change_of)s::uuid",\n',
                '    " AND (true OR %(change_of)s::uuid IS NULL)",\n',
            ),
        ),
    ),
    "no child comes to an exit by a change": guard(
        CHANGES + "test_who_became_a_child_meanwhile_is_not_seated_at_an_exit",
        patches=(Patch(END, "        return True\n", "        return False\n"),),
    ),
    "a change is of the prices that it was chosen at": guard(
        CHANGES + "test_seats_that_have_other_prices_by_now_are_not_exchanged",
        patches=(Patch(END, "!= change.new_total_cents", "< 0"),),
    ),
    "who begins a change waits before it claims": guard(
        REFUSED + "test_who_is_waited_for_never_waits_for_the_new_seats",
        patches=(Patch(OF_CHANGES, '            " FOR KEY SHARE)",\n', '            ")",\n'),),
    ),
    "what is taken at no cost was offered": guard(
        DISRUPTIONS + "test_only_a_flight_that_is_offered_is_taken",
        patches=(Patch(OF_DISRUPTIONS, "conditions=(*ASKED, OFFERED)", "conditions=ASKED"),),
    ),
    "no more goes back of a charge than is left": guard(
        CHANGES + "test_what_goes_back_comes_of_as_many_charges_as_it_takes",
        patches=(
            Patch(
                MONEY_BACK,
                "        least(share.rest, c.held_before",
                "        greatest(share.rest, c.held_before",
            ),
        ),
    ),
    "nobody answers what was not asked": guard(
        DISRUPTIONS + "test_nobody_is_asked_of_a_flight_as_it_was_sold",
        patches=(
            Patch(OF_DISRUPTIONS, "} > b.accepted_disruptions", "} >= b.accepted_disruptions"),
        ),
    ),
    "only who made it answers": guard(
        DISRUPTIONS + "test_only_who_made_it_answers_and_as_it_was_seen",
        patches=(
            Patch(
                OF_DISRUPTIONS, "    OWN,\n    AS_SEEN,\n    NOT_LEFT", "    AS_SEEN,\n    NOT_LEFT"
            ),
        ),
    ),
    "staff's refund does not go back twice": guard(
        CHANGES + "test_what_staff_gave_back_meanwhile_does_not_go_back_again",
        patches=(
            Patch(
                "bookings/saga/changes.py",
                "max(0, min(-difference, seen.paid_for_cents))",
                "max(0, -difference)",
            ),
        ),
    ),
}
