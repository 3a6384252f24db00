"""The guards of what goes back: the third part of the table of guards."""

from tests.proof.guard import MONEY_BACK, OF_STAFF, TRANSITIONS, Patch, guard

CANCELLATION = "bookings/saga/test_cancellation.py::"

REFUNDS = {
    "a quote is of one version of its booking": guard(
        CANCELLATION + "test_of_two_quotes_that_are_confirmed_at_once_one_is_refused",
        patches=(Patch(MONEY_BACK, "    Condition(AS_SEEN.sql, QuoteEnded),\n", ""),),
    ),
    "a quote is of one departure": guard(
        CANCELLATION + "test_a_quote_of_what_has_changed_since_is_refused",
        patches=(Patch(MONEY_BACK, '" = %(departure)s::timestamptz"', '" IS NOT NULL"'),),
    ),
    "a quote ends": guard(
        CANCELLATION + "test_a_quote_that_ended_is_refused",
        patches=(Patch(MONEY_BACK, '"b.now < %(until)s::timestamptz"', '"true"'),),
    ),
    "what goes back is written down": guard(
        CANCELLATION + "test_one_seat_is_given_back_and_the_others_stay",
        patches=(
            Patch(
                TRANSITIONS,
                "    claims=True,\n    also=REFUND_ASKED,\n",
                "    claims=True,\n",
            ),
        ),
    ),
    "after one refund comes the next": guard(
        CANCELLATION + "test_each_refund_is_tried_until_the_gateway_does_it_and_made_once",
        patches=(
            Patch(MONEY_BACK, "f\"CASE WHEN {_ANOTHER} THEN 'refund_due'\"", '"CASE"'),
            Patch(MONEY_BACK, 'f"CASE WHEN {_ANOTHER} THEN b.now END"', '"NULL"'),
        ),
    ),
    "nobody gives back more than there is": guard(
        CANCELLATION + "test_staff_give_back_what_they_want_but_no_more_than_there_is",
        patches=(Patch(OF_STAFF, "        AT_MOST_THERE_IS,\n    ),\n", "    ),\n"),),
    ),
    "the gateway gives no more back than was charged": guard(
        CANCELLATION + "test_the_gateway_gives_each_back_once_and_no_more_than_was_charged",
        patches=(
            Patch("bookings/payments/ledger.py", "amount_cents >= %(cents)s::int + (", "0 <= ("),
        ),
    ),
}
