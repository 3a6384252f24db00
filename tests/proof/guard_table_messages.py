"""The guards of what customers are told: the fourth part of the table of guards."""

from tests.proof.guard import FRAME, OF_STAFF, TRANSITIONS, Patch, guard

CONFIRMATION = "bookings/notifications/test_confirmation.py::"
NOTICES = "bookings/notifications/test_notices.py::"
SEATS = "bookings/notifications/test_seats_told.py::"
DELAY = "bookings/notifications/test_delay_told.py::"
KINDS, REMINDERS = "bookings/notifications/kinds.py", "bookings/saga/reminders.py"
OPERATIONS, WRITER = "bookings/saga/flight_operations.py", "bookings/saga/outbox.py"
HOLD = "bookings/notifications/test_hold_ending.py::"
OUTBOX = "bookings/notifications/outbox.py"

MESSAGES = {
    "whoever moves a message's timer sends it": guard(
        CONFIRMATION + "test_two_workers_at_the_same_moment_send_it_once",
        patches=(
            Patch(
                OUTBOX,
                "    if not due.update(due_at=Now() + pause):\n        return\n",
                "    due.update(due_at=Now() + pause)\n",
            ),
        ),
    ),
    "a confirmation is written with the payment": guard(
        CONFIRMATION + "test_it_says_what_a_customer_needs",
        patches=(
            Patch(
                TRANSITIONS,
                "    also=ATTEMPT_ANSWERED,\n    tells=(Kind.CONFIRMATION,),\n",
                "    also=ATTEMPT_ANSWERED,\n",
            ),
        ),
    ),
    "a failure is written with the payment": guard(
        NOTICES + "test_who_could_not_pay_is_told_why_and_that_the_seats_are_free",
        patches=(Patch(TRANSITIONS, "    tells=(Kind.PAYMENT_FAILED,),\n", ""),),
    ),
    "what waits is not sent once its booking has ended": guard(
        NOTICES + "test_what_waits_is_not_sent_once_the_booking_has_ended",
        patches=(Patch(FRAME, "ends=bool(transition.to)", "ends=False"),),
    ),
    "what is over does not come back because it failed": guard(
        NOTICES + "test_what_is_over_while_it_fails_does_not_come_back",
        patches=(
            Patch(OUTBOX, "filter(pk=message.pk, due_at__isnull=False)", "filter(pk=message.pk)"),
        ),
    ),
    "a message's id is its own": guard(
        SEATS + "test_who_gives_some_seats_back_is_told_what_stands_and_what_goes_back",
        patches=(Patch("bookings/notifications/mail.py", ".{told.kind}.", "."),),
    ),
    "whom staff move is told": guard(
        SEATS + "test_whom_staff_move_has_the_old_seats_and_the_new_ones_in_writing",
        patches=(Patch(OF_STAFF, "    tells=(Kind.SEATS_CHANGED,),\n", ""),),
    ),
    "a hold or a payment that is moved is told nothing": guard(
        SEATS + "test_whom_another_aircraft_moves_is_told_so_and_nobody_else",
        patches=(
            Patch(
                WRITER,
                """    Kind.SEATS_CHANGED: f"c.state = '{State.CONFIRMED}'",\n""",
                "",
            ),
        ),
    ),
    "who gives some seats back is told": guard(
        SEATS + "test_who_gives_some_seats_back_is_told_what_stands_and_what_goes_back",
        patches=(Patch(TRANSITIONS, "(Kind.SEATS_CANCELLED, Kind.REFUND_ASKED)", "()"),),
    ),
    "each refund is told by its own amount": guard(
        SEATS
        + "test_each_of_several_refunds_is_told_twice_once_it_is_asked_for_and_once_it_is_made",
        patches=(
            Patch(
                "bookings/notifications/mail.py",
                "Q(number=self._told.number) | Q(done_at=self.event.at)",
                "Q()",
            ),
        ),
    ),
    "what a later message of its kind tells is told once": guard(
        SEATS + "test_of_several_moves_that_wait_one_mail_tells",
        patches=(Patch(OUTBOX, "kind.only_latest and later.exists()", "False"),),
    ),
    "a delay is told to whoever has paid": guard(
        DELAY + "test_whoever_has_paid_reads_the_old_times_and_the_new_ones_with_their_zones",
        patches=(Patch(OPERATIONS, "        write_to_all(event, Kind.FLIGHT_DELAYED)\n", ""),),
    ),
    "a delay is told to whose payment ends meanwhile": guard(
        DELAY + "test_whose_payment_ends_while_a_delay_is_being_written_is_told_of_it",
        patches=(
            Patch(
                WRITER, "IN ('{State.CONFIRMED}', '{State.PAYMENT_PROCESSING}')", "= 'CONFIRMED'"
            ),
        ),
    ),
    "a delay keeps paid bookings before it locks the flight": guard(
        DELAY + "test_nobody_waits_in_a_circle_for_a_delay",
        patches=(Patch(OPERATIONS, "        keep_paid_bookings(flight_id)\n", ""),),
    ),
    "a delay of another flight is not told": guard(
        DELAY + "test_who_is_on_another_flight_by_then_or_on_none_is_not_told",
        patches=(Patch(OUTBOX, "    if message.flight_event_id:\n", "    if False:\n"),),
    ),
    "a hold period has one reminder": guard(
        HOLD + "test_five_minutes_before_its_end_a_hold_is_told_of_once",
        patches=(
            Patch(
                REMINDERS,
                "SELECT max(number) FROM bookings_message m",
                "SELECT -1 FROM bookings_message m",
            ),
            Patch(
                REMINDERS,
                "SELECT b.id, '{Kind.HOLD_ENDING}', period.number",
                "SELECT b.id, '{Kind.HOLD_ENDING}', 1000 * random()",
            ),
        ),
    ),
    "a hold that begins anew is told of again": guard(
        HOLD + "test_a_hold_that_begins_anew_is_told_of_again",
        patches=(
            Patch(
                REMINDERS,
                "SELECT max(number) FROM bookings_message m",
                "SELECT period.number FROM bookings_message m",
            ),
        ),
    ),
    "a reminder is not sent once the hold is paid or over": guard(
        HOLD + "test_a_reminder_that_comes_late_is_not_sent",
        patches=(
            Patch(KINDS, "            due_at__gt=Now(),\n", ""),
            Patch(KINDS, "            due_at__lte=Now() + BEFORE,\n", ""),
        ),
    ),
    "a sweep waits for no hold that it would remind of": guard(
        HOLD + "test_a_hold_that_somebody_changes_is_left_to_the_next_sweep",
        patches=(Patch(REMINDERS, "FOR KEY SHARE OF b SKIP LOCKED\n", ""),),
    ),
    "what is given up is out of sight after a week": guard(
        NOTICES + "test_what_cannot_be_sent_is_given_up_after_a_day_and_in_sight_for_a_week",
        patches=(Patch(OUTBOX, "due >= since + GIVE_UP_AFTER + IN_SIGHT", "False"),),
    ),
}
