"""The guards of what customers are told: the fourth part of the table of guards."""

from tests.proof.guard import FRAME, TRANSITIONS, Patch, guard

CONFIRMATION = "bookings/notifications/test_confirmation.py::"
NOTICES = "bookings/notifications/test_notices.py::"
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
        NOTICES + "test_who_gives_some_seats_back_is_told_what_stands_and_what_goes_back",
        patches=(Patch("bookings/notifications/mail.py", ".{told.kind}.", "."),),
    ),
    "what is given up is out of sight after a week": guard(
        NOTICES + "test_what_cannot_be_sent_is_given_up_after_a_day_and_in_sight_for_a_week",
        patches=(Patch(OUTBOX, "due >= since + GIVE_UP_AFTER + IN_SIGHT", "False"),),
    ),
}
