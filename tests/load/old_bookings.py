"""Bookings of years that are over, as the saga would have left them: every invariant holds.

Of each hundred 80 expired, 12 were cancelled, one payment was refused and 7 were confirmed. Each
has its history, and those that paid have their attempt, their ledger entry and their seat.
"""

from collections.abc import Iterator

import psycopg
from django.db import connection

from tests.load.databases import url_of
from tests.people import a_flight

BATCH = 100_000
# Sold seats are never sold again, so they need flights of their own; 180 seats each.
BUSY_FLIGHTS, SOLD_FLIGHTS = 600, 4_000
MOST = SOLD_FLIGHTS * 180 * 100 // 7
TABLES = (
    *("flights_flight", "bookings_booking", "bookings_bookingevent", "bookings_seatclaim"),
    *("bookings_paymentattempt", "bookings_ledgerentry"),
)

FLIGHTS = """
INSERT INTO flights_flight (number, origin_id, destination_id, departure, arrival, departure_date,
    layout_id, base_fare_cents, currency, on_sale, ending_bookings)
SELECT 'ZO' || n, origin_id, destination_id, departure - n * interval '1 hour',
       arrival - n * interval '1 hour', (departure - n * interval '1 hour')::date,
       layout_id, base_fare_cents, currency, true, false
FROM flights_flight, generate_series(100, 99 + %(flights)s) n WHERE id = %(like)s
ORDER BY n
RETURNING id
"""

# The n-th is so many seconds older than the newest, and its seat is free again by the time that
# it is somebody else's: those that were not sold have a seat in turn, every 30 hours.
OLD = """
CREATE TEMP TABLE old ON COMMIT DROP AS
SELECT md5('old ' || n)::uuid AS id, n, at, seat_of.flight, state,
       (seat_of.place / 6 + 1) || substr('ABCDEF', seat_of.place %% 6 + 1, 1) AS seat,
       CASE state WHEN 'CONFIRMED' THEN translate(
           lpad(to_hex(sold.number * 7919317 %% 16777216), 6, '0'),
           '0123456789abcdef', '23456789ABCDEFGH') END AS locator,
       state IN ('CONFIRMED', 'FAILED') AS paid
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
CROSS JOIN LATERAL (
    SELECT now() - interval '30 days' - n * interval '1 second' AS at,
           CASE WHEN n %% 100 < 80 THEN 'EXPIRED' WHEN n %% 100 < 92 THEN 'CANCELLED'
                WHEN n %% 100 < 93 THEN 'FAILED' ELSE 'CONFIRMED' END AS state
) b
CROSS JOIN LATERAL (SELECT n / 100 * 7 + n %% 100 - 93 AS number) sold
CROSS JOIN LATERAL (SELECT n / 100 * 93 + n %% 100 AS number) unsold
CROSS JOIN LATERAL (
    SELECT CASE state WHEN 'CONFIRMED' THEN %(flight)s + %(busy)s + sold.number / 180
                      ELSE %(flight)s + unsold.number %% %(busy)s END AS flight,
           CASE state WHEN 'CONFIRMED' THEN (sold.number %% 180)::int
                      ELSE (unsold.number / %(busy)s %% 180)::int END AS place
) seat_of
"""
BOOKINGS = """
INSERT INTO bookings_booking (id, flight_id, state, payment_status, seats, total_cents, currency,
    payment_code, name, email, attempts, last_error, record_locator, failures, version, created_at,
    contact_words)
SELECT id, flight, state, CASE state WHEN 'CONFIRMED' THEN 'charged' ELSE 'none' END,
       ARRAY[seat], 20000, 'EUR', '',
       CASE WHEN paid THEN 'Nobody' || n || ' Known' || n ELSE '' END,
       CASE WHEN paid THEN 'nobody' || n || '@example.org' ELSE '' END,
       paid::int, CASE state WHEN 'FAILED' THEN 'Refused.' ELSE '' END, locator, 0,
       CASE WHEN paid THEN 4 ELSE 2 END, at,
       CASE WHEN paid THEN array_to_tsvector(
           ARRAY['nobody' || n, 'known' || n, 'nobody' || n || '@example org']) END
FROM old
"""
EVENTS = """
INSERT INTO bookings_bookingevent (booking_id, number, at, name, by, detail, changes)
SELECT id, number, at + after, name, by, '', changes
FROM old CROSS JOIN LATERAL (VALUES
    (true, 1, interval '0', 'held', 'customer', jsonb_build_object(
        'state', 'SEATS_RESERVED', 'payment_status', 'none', 'flight_id', flight,
        'seats', ARRAY[seat],
        'total_cents', 20000, 'due_at', at + interval '15 minutes', 'attempts', 0,
        'last_error', '', 'record_locator', NULL, 'failures', 0)),
    (NOT paid, 2, interval '15 minutes', lower(state),
        CASE state WHEN 'EXPIRED' THEN 'timer' ELSE 'customer' END,
        jsonb_build_object('state', state, 'due_at', NULL)),
    (paid, 2, interval '5 minutes', 'payment_started', 'customer', jsonb_build_object(
        'state', 'PAYMENT_PROCESSING', 'due_at', at + interval '5 minutes')),
    (paid, 3, interval '301 seconds', 'attempt_opened', 'timer', jsonb_build_object(
        'due_at', at + interval '316 seconds', 'attempts', 1)),
    (state = 'CONFIRMED', 4, interval '303 seconds', 'confirmed', 'gateway', jsonb_build_object(
        'state', state, 'payment_status', 'charged', 'record_locator', locator,
        'due_at', NULL, 'last_error', '')),
    (state = 'FAILED', 4, interval '303 seconds', 'failed', 'gateway', jsonb_build_object(
        'state', state, 'due_at', NULL, 'last_error', 'Refused.'))
) AS event (happened, number, after, name, by, changes)
WHERE happened
"""
ATTEMPTS = """
INSERT INTO bookings_paymentattempt (booking_id, number, key, opened_at, lease_until, answered_at,
    outcome, reason, reference)
SELECT id, 1, id || '-1', at + interval '301 seconds', at + interval '316 seconds',
       at + interval '303 seconds', CASE state WHEN 'FAILED' THEN 'refused' ELSE 'approved' END,
       '', 'SIM-' || n
FROM old WHERE paid
"""
LEDGER = """
INSERT INTO bookings_ledgerentry (key, amount_cents, currency, status, reason, reference, at)
SELECT id || '-1', 20000, 'EUR', CASE state WHEN 'FAILED' THEN 'refused' ELSE 'approved' END,
       '', 'SIM-' || n, at + interval '302 seconds'
FROM old WHERE paid
"""
CLAIMS = """
INSERT INTO bookings_seatclaim (flight_id, seat, booking_id, price_cents, owned)
SELECT flight, seat, id, 20000, true FROM old WHERE state = 'CONFIRMED'
"""


class OldBookings:
    """Added to the database of the stack that runs; there can be up to `MOST`."""

    def __init__(self) -> None:
        self.count = 0
        self._url = url_of(str(connection.settings_dict["NAME"]))
        with psycopg.connect(self._url) as session:
            flights = {"flights": BUSY_FLIGHTS + SOLD_FLIGHTS, "like": a_flight("ZO99").pk}
            self._first_flight = min(id for (id,) in session.execute(FLIGHTS, flights))

    def grow_to(self, count: int) -> None:
        """Add bookings until there are so many, and tell the planner."""
        assert count <= MOST
        with psycopg.connect(self._url) as session:
            # No foreign key is asked about rows that are right by their making, nor is a crash
            # of this machine guarded against.
            session.execute("SET session_replication_role = replica")
            session.execute("SET synchronous_commit = off")
            session.commit()
            for first, last in self._batches(count):
                self._add(session, first, last)
        self._tidy_up()
        self.count = count

    def _batches(self, count: int) -> Iterator[tuple[int, int]]:
        for first in range(self.count, count, BATCH):
            yield first, min(first + BATCH, count) - 1

    def _add(self, session: psycopg.Connection, first: int, last: int) -> None:
        numbers = {"first": first, "last": last, "flight": self._first_flight, "busy": BUSY_FLIGHTS}
        session.execute(OLD, numbers)
        for rows in (BOOKINGS, EVENTS, ATTEMPTS, LEDGER, CLAIMS):
            session.execute(rows)
        session.commit()

    def _tidy_up(self) -> None:
        """What autovacuum would do in a minute, in the midst of the measurement."""
        with psycopg.connect(self._url, autocommit=True) as session:
            for table in TABLES:
                session.execute(f"VACUUM (ANALYZE) {table}")
            session.execute("CHECKPOINT")
