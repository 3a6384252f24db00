"""Whatever is broken is found and named; whatever the saga does is clean."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from bookings import saga
from bookings.invariants import INVARIANTS, broken
from bookings.models import Booking
from bookings.saga import timers
from bookings.saga.payment import postpone
from flights.models import Flight
from tests.bookings.breaks import BREAKS, execute, healed_between, unguarded, without
from tests.people import (
    MoodyGateway,
    a_confirmed_booking,
    a_flight,
    a_hold,
    a_payment,
    let_time_pass,
    run_out,
    settle,
)

pytestmark = pytest.mark.django_db(transaction=True)

BY = "operator:olga"


def a_cast(flight: Flight, gateway: type[MoodyGateway]) -> dict[str, Booking]:
    """One booking of every kind, each made by the saga alone."""
    cancelled = saga.cancel(booking_id=a_hold(flight, "1A", "1B").pk)
    cast = {
        "cancelled": cancelled,
        "successor": a_confirmed_booking(flight, "1A", "1B"),
        "held": saga.update_seats(booking_id=a_hold(flight, "2A").pk, seats=["2B", "2C"]),
        "emptied": saga.update_seats(booking_id=a_hold(flight, "3A").pk, seats=[]),
        "expired": a_hold(flight, "4A"),
        "refused": settle(a_payment(flight, "5A", code="11111")),
        "declined": settle(a_payment(flight, "6A", code="99999")),
        "confirmed": a_confirmed_booking(flight, "7A", "7B", "7C"),
        "refunded": take_back(a_confirmed_booking(flight, "8A")),
        "refund_due": take_back(a_confirmed_booking(flight, "9A")),
        "terminated": a_payment(flight, "10A"),
        "paying": a_payment(flight, "11A"),
    }
    cast["light"] = saga.choose_fare(booking_id=a_hold(flight, "16A", "16B").pk, fare="light")
    cast["given_back"] = give_back(a_confirmed_booking(flight, "17A", "17B"))
    cast["partly_given_back"] = give_back(a_confirmed_booking(flight, "18A", "18B"), "18B")
    settle(cast["given_back"])
    settle(cast["refunded"])
    run_out(cast["expired"])
    saga.sweep()
    cast["latecomer"] = a_hold(flight, "4A")
    timers.take_step(cast["terminated"].pk)
    saga.terminate(booking_id=cast["terminated"].pk, by=BY)
    gateway.fates[:] = ["silent"]
    cast["retried"] = settle(a_payment(flight, "12A"))
    gateway.fates[:] = ["lost"] * 3
    cast["voided"] = settle(a_payment(flight, "13A"))
    gateway.fates[:] = ["declined", "approved"]
    saga.advance(cast["paying"].pk)
    run_out(cast["paying"])
    saga.block_seats(flight_id=flight.pk, seats=["14A", "14B"], by=BY, reason="crew")
    saga.unblock_seats(flight_id=flight.pk, seats=["14B"], by=BY)
    cast["after a block"] = a_hold(flight, "14B")
    # The gateway is being asked, and its worker has not written the answer down yet.
    gateway().charge(**charge_of(cast["paying"]))
    return cast


def take_back(booking: Booking) -> Booking:
    return saga.cancel_and_refund(booking_id=booking.pk, by=BY)


def give_back(booking: Booking, *seats: str) -> Booking:
    """As a customer does: these seats, or all."""
    quote = saga.quote_cancellation(booking_id=booking.pk, seats=seats or None)
    saga.cancel_as_quoted(booking_id=booking.pk, quote_id=quote.id)
    return booking


def charge_of(booking: Booking) -> dict[str, Any]:
    """What the booking's next attempt, which this opens, asks of the gateway."""
    timers.take_step(booking.pk)
    attempt = booking.payment_attempts.get(outcome=None)
    asked = {"amount_cents": booking.total_cents, "currency": booking.currency}
    return {"key": attempt.key, "code": "00000", **asked}


@pytest.fixture
def cast(flight: Flight, gateway: type[MoodyGateway]) -> dict[str, Booking]:
    return a_cast(flight, gateway)


def found() -> set[str]:
    return {finding.invariant.name for finding in broken()}


def test_whatever_the_saga_does_is_clean(cast: dict[str, Booking]) -> None:
    assert list(broken()) == []


def test_an_empty_database_is_clean(transactional_db: None) -> None:
    assert list(broken()) == []


def test_what_is_broken_is_found(cast: dict[str, Booking]) -> None:
    ids = {name: str(booking.pk) for name, booking in cast.items()}
    ids["other_flight"] = str(a_flight("AF9999").pk)
    said = {}
    with unguarded(), healed_between() as heal:
        for what, (_, sql) in BREAKS.items():
            execute(sql, ids)
            said[what] = found()
            heal()
    assert said == {what: names for what, (names, _) in BREAKS.items()}


def test_every_invariant_is_broken_by_some_test() -> None:
    broken_here = {name for names, _ in BREAKS.values() for name in names}
    elsewhere = {"constraints", "one-owner", "on-time", "failing"}
    assert broken_here | elsewhere == {invariant.name for invariant in INVARIANTS}


def test_a_seat_given_back_while_it_is_claimed_again_is_no_crime(cast: dict[str, Booking]) -> None:
    """The claim's time is taken first, its claims are read later; see SHARED."""
    with unguarded():
        execute(
            "UPDATE bookings_bookingevent SET at = at + interval '5 seconds' "
            "WHERE booking_id = %(expired)s AND name = 'expired'",
            {"expired": cast["expired"].pk},
        )
    assert found() == set()


def test_what_is_overdue_by_more_than_two_sweeps_is_found(flight: Flight) -> None:
    alice = a_hold(flight)
    let_time_pass(alice, 910)
    assert found() == set()
    let_time_pass(alice, 10)
    assert [str(finding) for finding in broken()] == [
        f"Booking {alice.pk} is SEATS_RESERVED with payment status none and overdue since "
        f"{Booking.objects.get().due_at:%Y-%m-%d %H:%M:%S.%f}".rstrip("0")
        + "+00"
    ]
    assert list(broken(overdue_seconds=60)) == []


def test_a_payment_under_its_lease_is_not_overdue(flight: Flight) -> None:
    alice = a_payment(flight)
    timers.take_step(alice.pk)
    assert list(broken(overdue_seconds=0)) == []


def test_a_failing_step_is_a_warning_until_the_booking_is_settled(flight: Flight) -> None:
    alice = take_back(a_confirmed_booking(flight))
    postpone(alice.pk, ValueError("the gateway is on fire"))
    [finding] = broken()
    assert finding.invariant.warning
    assert "has raised 1 error(s)" in finding.problem
    settle(alice)
    assert list(broken()) == []


RULES = {
    "bookings_seatclaim": ["bookings_seatclaim_pkey", "claim_needs_an_owner", "claim_is_owned"],
    "bookings_paymentattempt": ["attempt_one_to_three", "bookings_paymentattempt_pkey"],
    "bookings_booking": [
        "booking_confirmed_means_charged",
        "booking_timer_runs_while_unsettled",
        "booking_three_attempts",
    ],
}


@pytest.mark.parametrize(
    ("table", "rule"), [(table, rule) for table, rules in RULES.items() for rule in rules]
)
def test_a_constraint_that_is_gone_is_a_broken_promise(
    transactional_db: None, table: str, rule: str
) -> None:
    with without(table, rule):
        assert found() == {"constraints"}
    assert found() == set()


def test_a_seat_with_two_claims_is_found(cast: dict[str, Booking]) -> None:
    with without("bookings_seatclaim", "bookings_seatclaim_pkey"):
        execute(
            "INSERT INTO bookings_seatclaim (seat, price_cents, owned, booking_id, flight_id) "
            "SELECT '2B', 0, true, id, flight_id "
            "FROM bookings_booking WHERE id = %(confirmed)s",
            {"confirmed": cast["confirmed"].pk},
        )
        assert found() == {"constraints", "one-owner", "owns-its-seats"}
        execute("DELETE FROM bookings_seatclaim WHERE price_cents = 0")


def test_a_constraint_that_was_never_validated_is_found(transactional_db: None) -> None:
    with without("bookings_seatclaim", "claim_is_owned"):
        execute(
            "ALTER TABLE bookings_seatclaim ADD CONSTRAINT claim_is_owned CHECK (owned) NOT VALID"
        )
        assert found() == {"constraints"}
        execute("ALTER TABLE bookings_seatclaim DROP CONSTRAINT claim_is_owned")


SWITCHES = {
    "the record locators' unique index": (
        "ALTER INDEX booking_record_locator RENAME TO gone",
        "ALTER INDEX gone RENAME TO booking_record_locator",
    ),
    "the open attempt's unique index": (
        "ALTER INDEX attempt_one_open RENAME TO gone",
        "ALTER INDEX gone RENAME TO attempt_one_open",
    ),
    "the append-only trigger": (
        "ALTER TRIGGER events_are_append_only ON bookings_bookingevent RENAME TO gone",
        "ALTER TRIGGER gone ON bookings_bookingevent RENAME TO events_are_append_only",
    ),
    "the append-only trigger, switched off": (
        "ALTER TABLE bookings_bookingevent DISABLE TRIGGER events_are_append_only",
        "ALTER TABLE bookings_bookingevent ENABLE TRIGGER events_are_append_only",
    ),
    "the foreign keys, switched off": (
        "ALTER TABLE bookings_seatclaim DISABLE TRIGGER ALL",
        "ALTER TABLE bookings_seatclaim ENABLE TRIGGER ALL",
    ),
}


@pytest.mark.parametrize("what", SWITCHES)
def test_a_guard_that_is_switched_off_is_found(transactional_db: None, what: str) -> None:
    off, on = SWITCHES[what]
    execute(off)
    try:
        assert found() == {"constraints"}
    finally:
        execute(on)
    assert found() == set()


def test_the_command_says_in_one_line_that_all_is_well(cast: dict[str, Booking]) -> None:
    said = StringIO()
    call_command("check_bookings", stdout=said)
    counted = f"{len(INVARIANTS)} invariants hold for {len(cast)} bookings"
    assert said.getvalue().startswith(counted)
    assert said.getvalue().count("\n") == 1


def test_the_command_fails_with_what_is_broken_and_counts_the_rest(flight: Flight) -> None:
    bookings = [a_hold(flight, f"{row}A") for row in range(1, 4)]
    execute("UPDATE bookings_booking SET last_error = 'by hand'")
    said = StringIO()
    with pytest.raises(CommandError, match="Broken promises: 3"):
        call_command("check_bookings", show=1, stdout=said)
    lines = said.getvalue().splitlines()
    assert lines[0] == "Broken: Folding the events gives the row. (events-tell)"
    assert lines[1].endswith("has last_error by hand but its events say ")
    assert any(str(booking.pk) in lines[1] for booking in bookings)
    assert lines[2] == "  … and 2 more"


def test_the_command_warns_without_failing(flight: Flight) -> None:
    postpone(a_payment(flight).pk, ValueError("the gateway is on fire"))
    said = StringIO()
    call_command("check_bookings", stdout=said)
    assert "Warning: No step keeps failing. (failing)" in said.getvalue()
    assert "warnings: 1." in said.getvalue()
