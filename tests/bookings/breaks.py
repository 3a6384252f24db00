"""Every way to break the database by hand, and what check_bookings must say of it.

The bookings named in the SQL are those of `test_invariants.a_cast`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.db.models import Model

from flights.models import CabinLayout, Flight, FlightEvent

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
        "INSERT INTO bookings_seatclaim (seat, price_cents, owned, booking_id, flight_id) "
        "SELECT '30F', 1, true, id, flight_id "
        "FROM bookings_booking WHERE id = %(cancelled)s",
    ),
    "nobody owns a seat": (
        {"owns-nothing"},
        "INSERT INTO bookings_seatclaim (seat, price_cents, owned, booking_id, flight_id) "
        "SELECT '30F', 1, true, gen_random_uuid(), flight_id "
        "FROM bookings_booking WHERE id = %(cancelled)s",
    ),
    "a claim is on another flight": (
        {"own-flight"},
        "UPDATE bookings_seatclaim SET flight_id = %(other_flight)s WHERE booking_id = %(held)s",
    ),
    "a booking and its seats changed flights without an event": (
        {"events-tell"},
        "WITH booked AS (UPDATE bookings_booking SET flight_id = %(other_flight)s "
        "WHERE id = %(held)s RETURNING id) UPDATE bookings_seatclaim "
        "SET flight_id = %(other_flight)s FROM booked WHERE booking_id = booked.id",
    ),
    "who has paid and gave an address was written nothing": (
        {"told"},
        "UPDATE bookings_booking SET email = 'ada@example.org' WHERE id = %(confirmed)s",
    ),
    "who gave an address was not told that the payment failed": (
        {"told"},
        "UPDATE bookings_booking SET email = 'ada@example.org' WHERE id = %(refused)s",
    ),
    "who has paid and gave an address was not told of a delay": (
        {"delay-told"},
        "WITH named AS (UPDATE bookings_booking SET email = 'ada@example.org' "
        "WHERE id = %(confirmed)s RETURNING id, flight_id, version), told AS ("
        "INSERT INTO bookings_message (booking_id, kind, number) "
        "SELECT id, 'confirmation', version FROM named) "
        "INSERT INTO flights_flightevent (flight_id, at, name, by, reason, changes) "
        "SELECT flight_id, now(), 'delayed', '', '', '{}' FROM named",
    ),
    "the seats cost more than the booking": (
        {"price"},
        "UPDATE bookings_seatclaim SET price_cents = price_cents + 1 WHERE seat = '2B'",
    ),
    "a booking got another fare, and neither its price nor its history tells": (
        {"price", "events-tell"},
        "UPDATE bookings_booking SET fare_id = 2 WHERE id = %(held)s",
    ),
    "a booking got another fare when it was paid": (
        {"fare"},
        "UPDATE bookings_bookingevent SET changes = changes || '{\"fare_id\": 1}' "
        "WHERE booking_id = %(confirmed)s AND name = 'confirmed'",
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
    "a seat was held while it was blocked": (
        {"never-shared"},
        "INSERT INTO flights_flightevent (flight_id, at, name, by, reason, changes) "
        "SELECT flight_id, created_at + hours * interval '1 hour', '', '', '', changes::jsonb "
        'FROM bookings_booking, (VALUES (-1, \'{"blocks": {"2B": "crew"}}\'), '
        '(1, \'{"blocks": {"2B": null}}\')) AS told (hours, changes) WHERE id = %(held)s',
    ),
    "a state changed as the saga never does": (
        {"transitions"},
        "UPDATE bookings_bookingevent SET name = 'refunded' "
        "WHERE booking_id = %(confirmed)s AND name = 'confirmed'",
    ),
    "a block of which the flight's history says nothing": (
        {"blocks"},
        "INSERT INTO bookings_seatclaim (seat, price_cents, owned, flight_id, block_reason) "
        "SELECT '30E', 0, true, flight_id, 'crew' "
        "FROM bookings_booking WHERE id = %(held)s",
    ),
    "a block is gone": (
        {"blocks"},
        "DELETE FROM bookings_seatclaim WHERE booking_id IS NULL",
    ),
    "a cancelled flight has bookings": (
        {"cancelled"},
        "UPDATE flights_flight SET on_sale = false, cancelled_at = now() "
        "WHERE id = (SELECT flight_id FROM bookings_booking WHERE id = %(held)s)",
    ),
    "a flight's cancellation does not end": (
        {"ending-bookings"},
        "UPDATE flights_flight SET on_sale = false, ending_bookings = true, "
        "cancelled_at = now() - interval '1 hour' "
        "WHERE id = (SELECT flight_id FROM bookings_booking WHERE id = %(held)s)",
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
        {"refunds"},
        "UPDATE bookings_ledgerentry SET refunds = '{}' WHERE key = %(refunded)s || '-1'",
    ),
    "the gateway gave back more than was asked for": (
        {"refunds", "nets-to-zero"},
        "UPDATE bookings_ledgerentry SET refunds = jsonb_build_object(%(refunded)s || '-1-r5', 9) "
        "WHERE key = %(refunded)s || '-1'",
    ),
    "the gateway gave back what nobody asked for": (
        {"refunds", "charged-once"},
        "UPDATE bookings_ledgerentry SET refunds = '{\"stranger\": 9}' "
        "WHERE key = %(confirmed)s || '-1'",
    ),
    "more was kept than the fare says": (
        {"nets-to-zero", "events-tell"},
        "UPDATE bookings_booking SET kept_cents = kept_cents + 1 WHERE id = %(given_back)s",
    ),
    "a refund was forgotten": (
        {"refund-due", "events-tell"},
        "UPDATE bookings_booking SET payment_status = 'charged', due_at = NULL "
        "WHERE id = %(partly_given_back)s",
    ),
    "a refund that was asked for is gone": (
        {"refund-due", "charged-once"},
        "DELETE FROM bookings_refund WHERE booking_id = %(partly_given_back)s",
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
        {"nets-to-zero"},
        "UPDATE bookings_ledgerentry SET amount_cents = 1 WHERE key = %(refund_due)s || '-1'",
    ),
    "what is to be voided is not the price": (
        {"one-charge"},
        "INSERT INTO bookings_ledgerentry (key, amount_cents, currency, status, reason, reference, "
        "at) VALUES (%(terminated)s || '-1', 1, 'EUR', 'approved', '', '', now())",
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
    "what tells a code outlived a payment that failed": (
        {"code-wiped"},
        "UPDATE bookings_booking SET code_fingerprint = 'abc' WHERE id = %(refused)s",
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
    mine = [CabinLayout, Flight, FlightEvent]
    copied: list[type[Model]] = [*mine, *apps.get_app_config("bookings").get_models()]
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
