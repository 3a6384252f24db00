"""Whatever is broken is found and named; whatever the saga does is clean."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Model

from bookings import saga
from bookings.invariants import INVARIANTS, broken
from bookings.models import Booking
from bookings.saga import timers
from bookings.saga.moves import postpone
from flights.models import CabinLayout, Flight
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
    settle(cast["refunded"])
    run_out(cast["expired"])
    saga.sweep()
    cast["latecomer"] = a_hold(flight, "4A")
    timers._step_if_due(cast["terminated"].pk)
    saga.terminate(booking_id=cast["terminated"].pk, by=BY)
    gateway.fates[:] = ["silent"]
    cast["retried"] = settle(a_payment(flight, "12A"))
    gateway.fates[:] = ["lost"] * 3
    cast["voided"] = settle(a_payment(flight, "13A"))
    gateway.fates[:] = ["declined", "approved"]
    saga.advance(cast["paying"].pk)
    run_out(cast["paying"])
    # The gateway is being asked, and its worker has not written the answer down yet.
    gateway().charge(**charge_of(cast["paying"]))
    return cast


def take_back(booking: Booking) -> Booking:
    return saga.cancel_and_refund(booking_id=booking.pk, by=BY)


def charge_of(booking: Booking) -> dict[str, Any]:
    """What the booking's next attempt, which this opens, asks of the gateway."""
    timers._step_if_due(booking.pk)
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


# What is broken: what the check says, and about whom.
BREAKS = {
    "a claim is on another seat than the booking's": (
        {"owns-its-seats"},
        "UPDATE bookings_seatclaim SET seat = '30F' WHERE booking_id = %(held)s AND seat = '2B'",
    ),
    "an owner's claims are all lost": (
        {"owns-its-seats"},
        "DELETE FROM bookings_seatclaim WHERE booking_id = %(confirmed)s",
    ),
    "a cancelled booking owns a seat": (
        {"owns-nothing"},
        "INSERT INTO bookings_seatclaim SELECT '30F', 1, true, id, flight_id "
        "FROM bookings_booking WHERE id = %(cancelled)s",
    ),
    "nobody owns a seat": (
        {"owns-nothing"},
        "INSERT INTO bookings_seatclaim SELECT '30F', 1, true, gen_random_uuid(), flight_id "
        "FROM bookings_booking WHERE id = %(cancelled)s",
    ),
    "a claim is on another flight": (
        {"own-flight"},
        "UPDATE bookings_seatclaim SET flight_id = %(other_flight)s WHERE booking_id = %(held)s",
    ),
    "the seats cost more than the booking": (
        {"price"},
        "UPDATE bookings_seatclaim SET price_cents = price_cents + 1 WHERE seat = '2B'",
    ),
    "the aircraft lost its rows": (
        {"seat-exists"},
        "UPDATE flights_cabinlayout SET source = replace(source, '1-30', '1-11')",
    ),
    "the aircraft cannot be read": (
        {"seat-exists"},
        "UPDATE flights_cabinlayout SET source = 'nonsense'",
    ),
    "a seat was sold again before it came back": (
        {"never-shared"},
        "UPDATE bookings_bookingevent SET at = at + interval '9 seconds' "
        "WHERE booking_id = %(cancelled)s AND name = 'cancelled'",
    ),
    "a seat was held again long before it came back": (
        {"never-shared"},
        "UPDATE bookings_bookingevent SET at = at + interval '60 seconds' "
        "WHERE booking_id = %(expired)s AND name = 'expired'",
    ),
    "a confirmed booking's charge went back": (
        {"charged-once"},
        "UPDATE bookings_ledgerentry SET status = 'refunded' WHERE key = %(confirmed)s || '-1'",
    ),
    "a confirmed booking was never charged": (
        {"charged-once"},
        "DELETE FROM bookings_ledgerentry WHERE key = %(confirmed)s || '-1'",
    ),
    "a confirmed booking was charged a cent less": (
        {"charged-once"},
        "UPDATE bookings_ledgerentry SET amount_cents = amount_cents - 1 "
        "WHERE key = %(confirmed)s || '-1'",
    ),
    "a confirmed booking was charged in another currency": (
        {"charged-once"},
        "UPDATE bookings_ledgerentry SET currency = 'USD' WHERE key = %(confirmed)s || '-1'",
    ),
    "a refund never happened": (
        {"nets-to-zero"},
        "UPDATE bookings_ledgerentry SET status = 'approved' WHERE key = %(refunded)s || '-1'",
    ),
    "a failed booking was charged": (
        {"nets-to-zero"},
        "UPDATE bookings_ledgerentry SET status = 'approved' WHERE key = %(refused)s || '-1'",
    ),
    "a running payment was charged twice": (
        {"one-charge"},
        "UPDATE bookings_ledgerentry SET status = 'approved' WHERE key = %(paying)s || '-1'",
    ),
    "a running payment was charged too much": (
        {"one-charge"},
        "UPDATE bookings_ledgerentry SET amount_cents = amount_cents + 1 "
        "WHERE key = %(paying)s || '-2'",
    ),
    "what goes back is not the price": (
        {"one-charge"},
        "UPDATE bookings_ledgerentry SET amount_cents = 1 WHERE key = %(refund_due)s || '-1'",
    ),
    "the gateway charged for nobody": (
        {"ledger-known"},
        "INSERT INTO bookings_ledgerentry (key, amount_cents, currency, status, reason, reference, "
        "at) VALUES ('stranger', 1, 'EUR', 'approved', '', '', now())",
    ),
    "two bookings share a key": (
        {"ledger-known"},
        "UPDATE bookings_paymentattempt SET key = %(declined)s || '-1' "
        "WHERE booking_id = %(refused)s",
    ),
    "an attempt is lost": (
        {"attempts"},
        "DELETE FROM bookings_paymentattempt WHERE booking_id = %(voided)s AND number = 2",
    ),
    "an ended booking's attempt is open": (
        {"open-attempt"},
        "UPDATE bookings_paymentattempt SET outcome = NULL WHERE booking_id = %(refused)s",
    ),
    "an unknown attempt was followed by a new key": (
        {"new-key"},
        "UPDATE bookings_paymentattempt SET key = 'new' "
        "WHERE booking_id = %(voided)s AND number = 3",
    ),
    "a declined attempt's key was used again": (
        {"new-key", "ledger-known"},
        "UPDATE bookings_paymentattempt SET key = %(declined)s || '-1' "
        "WHERE booking_id = %(declined)s AND number = 2",
    ),
    "a payment code outlived its payment": (
        {"code-wiped"},
        "UPDATE bookings_booking SET payment_code = '00000' WHERE id = %(confirmed)s",
    ),
    "a running payment lost its code": (
        {"code-wiped"},
        "UPDATE bookings_booking SET payment_code = '' WHERE id = %(paying)s",
    ),
    "an event is lost": (
        {"events"},
        "DELETE FROM bookings_bookingevent WHERE booking_id = %(confirmed)s AND number = 3",
    ),
    "the version runs ahead": (
        {"events"},
        "UPDATE bookings_booking SET version = version + 1 WHERE id = %(held)s",
    ),
    "time runs backwards": (
        {"events"},
        "UPDATE bookings_bookingevent SET at = at - interval '1 hour' "
        "WHERE booking_id = %(emptied)s AND number = 2",
    ),
    "all events are lost": (
        {"events", "events-tell"},
        "DELETE FROM bookings_bookingevent WHERE booking_id = %(emptied)s",
    ),
    "a column was changed without an event": (
        {"events-tell"},
        "UPDATE bookings_booking SET last_error = 'by hand' WHERE id = %(held)s",
    ),
    "a timer was moved by a millisecond without an event": (
        {"events-tell"},
        "UPDATE bookings_booking SET due_at = due_at + interval '1 ms' WHERE id = %(held)s",
    ),
    "an event tells of something that the row has not": (
        {"events-tell"},
        'UPDATE bookings_bookingevent SET changes = changes || \'{"colour": "red"}\' '
        "WHERE booking_id = %(held)s",
    ),
    "a locator cannot be read over the phone": (
        {"locator", "events-tell"},
        "UPDATE bookings_booking SET record_locator = 'ABC0DE' WHERE id = %(confirmed)s",
    ),
    "a booking that was never confirmed has a locator": (
        {"locator", "events-tell"},
        "UPDATE bookings_booking SET record_locator = 'ABCDEF' WHERE id = %(held)s",
    ),
    "a booking lost its locator when it was taken back": (
        {"locator", "events-tell"},
        "UPDATE bookings_booking SET record_locator = NULL WHERE id = %(refunded)s",
    ),
}


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
        f"Booking {alice.pk} is SEATS_RESERVED with money none and overdue since "
        f"{Booking.objects.get().due_at:%Y-%m-%d %H:%M:%S.%f}".rstrip("0")
        + "+00"
    ]
    assert list(broken(overdue_seconds=60)) == []


def test_a_payment_under_its_lease_is_not_overdue(flight: Flight) -> None:
    alice = a_payment(flight)
    timers._step_if_due(alice.pk)
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
            "INSERT INTO bookings_seatclaim SELECT '2B', 0, true, id, flight_id "
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


@contextmanager
def unguarded() -> Iterator[None]:
    """No trigger and no foreign key refuses anything here (a superuser may ask for that)."""
    execute("SET session_replication_role = replica")
    try:
        yield
    finally:
        execute("SET session_replication_role = origin")


@contextmanager
def healed_between() -> Iterator[Callable[[], None]]:
    """A function that makes everything as it is now, faster than another cast of bookings."""
    copied: list[type[Model]] = [CabinLayout, *apps.get_app_config("bookings").get_models()]
    columns = {
        model._meta.db_table: ", ".join(
            str(field.column) for field in model._meta.concrete_fields if not field.generated
        )
        for model in copied
    }
    for table in columns:
        execute(f"CREATE TEMP TABLE healthy_{table} AS TABLE {table}")

    def heal() -> None:
        for table, names in columns.items():
            execute(f"DELETE FROM {table}")
            execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM healthy_{table}")

    yield heal
    for table in columns:
        execute(f"DROP TABLE healthy_{table}")


@contextmanager
def without(table: str, constraint: str) -> Iterator[None]:
    """The constraint is gone for a while."""
    definition = definition_of(constraint)
    execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
    try:
        yield
    finally:
        execute(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {definition}")


def definition_of(constraint: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [constraint]
        )
        return str(cursor.fetchone()[0])


def execute(sql: str, params: Mapping[str, str | UUID] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
