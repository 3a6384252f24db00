"""What Postgres alone can do: the same rows, written by pgbench in the least transactions.

One statement is one transaction, and three make a booking. They go to a copy of the database,
so every constraint and index is there and no table is touched that the stack uses.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from django.db import connection

from tests.load.databases import ALONE, ask, output, program
from tests.load.environment import VAR_DIR
from tests.load.meters import Stopwatch, Usage
from tests.load.stack import Stack
from tests.load.wal import Log, Written

# Behind the keys of the bookings, whose seats are sold.
HOLDS_FROM = 100_000

# Every client counts for itself, and no two write the same booking or seat.
KEYS = """
\\set n :n + 1
\\set k :n * :clients + :client_id
\\set flight :first_flight + :k / 150
\\set seat 100 + :k % 150
"""
HOLD = """
WITH held AS (
    INSERT INTO bookings_booking (
        id, flight_id, state, payment_status, seats, total_cents, currency, due_at, payment_code,
        attempts, last_error, failures, version, created_at, name, email)
    VALUES (md5(:k::text)::uuid, :flight, 'SEATS_RESERVED', 'none', ARRAY[:seat::text], 20000,
        'EUR', now() + interval '15 minutes', '', 0, '', 0, 1, now(), '', '')
    RETURNING id, flight_id
), claimed AS (
    INSERT INTO bookings_seatclaim (flight_id, seat, booking_id, price_cents, owned)
    SELECT flight_id, :seat::text, id, 20000, true FROM held
)
INSERT INTO bookings_bookingevent (booking_id, number, at, name, by, detail, changes)
SELECT id, 1, now(), 'held', 'customer', '', '{"state": "SEATS_RESERVED", "payment_status": "none",
"seats": ["12A"], "total_cents": 20000, "due_at": "2026-11-22T12:00:00.000000Z",
"attempts": 0, "last_error": "", "record_locator": null, "failures": 0}' FROM held;
"""
PAY = """
WITH moved AS (
    UPDATE bookings_booking
    SET state = 'PAYMENT_PROCESSING', payment_code = '00000', due_at = now(), version = 2
    WHERE id = md5(:k::text)::uuid RETURNING id
)
INSERT INTO bookings_bookingevent (booking_id, number, at, name, by, detail, changes)
SELECT id, 2, now(), 'payment_started', 'customer', '', '{"state": "PAYMENT_PROCESSING",
"due_at": "2026-11-22T12:00:00.000000Z"}' FROM moved;
"""
CONFIRM = """
WITH moved AS (
    UPDATE bookings_booking
    SET state = 'CONFIRMED', payment_status = 'charged', payment_code = '', due_at = NULL,
        attempts = 1,
        record_locator = lpad(to_hex(:k::bigint * 7919317 % 16777216), 6, '0'), version = 4
    WHERE id = md5(:k::text)::uuid RETURNING id
), tried AS (
    INSERT INTO bookings_paymentattempt (
        booking_id, number, amount_cents, key, opened_at, lease_until, answered_at, outcome, reason,
        reference)
    SELECT id, 1, 20000, id || '-1', now(), now() + interval '15 s', now(), 'approved', '',
        'SIM-ABCDEFGHJK' FROM moved
), charged AS (
    INSERT INTO bookings_ledgerentry (key, amount_cents, currency, status, reason, reference, at)
    SELECT id || '-1', 20000, 'EUR', 'approved', '', 'SIM-ABCDEFGHJK', now() FROM moved
)
INSERT INTO bookings_bookingevent (booking_id, number, at, name, by, detail, changes)
SELECT id, 3, now(), 'attempt_opened', 'timer', '',
    '{"due_at": "2026-11-22T12:00:15.000000Z", "attempts": 1}'::jsonb FROM moved
UNION ALL
SELECT id, 4, now(), 'confirmed', 'gateway', 'SIM-ABCDEFGHJK', '{"state": "CONFIRMED",
"payment_status": "charged", "record_locator": "ABCDEF", "due_at": null, "last_error": ""}'::jsonb
FROM moved;
"""
EXPIRE = """
WITH moved AS (
    UPDATE bookings_booking SET state = 'EXPIRED', due_at = NULL, version = 2
    WHERE id = md5(:k::text)::uuid RETURNING id
), freed AS (
    DELETE FROM bookings_seatclaim WHERE booking_id = md5(:k::text)::uuid
)
INSERT INTO bookings_bookingevent (booking_id, number, at, name, by, detail, changes)
SELECT id, 2, now(), 'expired', 'timer', '', '{"state": "EXPIRED", "due_at": null}' FROM moved;
"""


@dataclass(frozen=True)
class Alone:
    """So many a second, what it cost and what was written, for `count` of them."""

    count: int
    per_second: float
    usage: Usage
    written: Written

    @property
    def cpu_ms(self) -> float:
        """Of Postgres, for one; pgbench is not counted."""
        return 1000 * self.usage.by_part["postgres"] / self.count


class PostgresAlone:
    """Measured when first asked for, in the same run, while the stack beside it is idle."""

    def __init__(self, stack: Stack, *, count: int) -> None:
        self._stack, self._count = stack, count

    @cached_property
    def bookings(self) -> Alone:
        """Hold, pay and confirm, by 32 clients."""
        return self._run(HOLD + PAY + CONFIRM, clients=32, first=0)

    @cached_property
    def holds(self) -> Alone:
        """By 8 clients."""
        return self._run(HOLD, clients=8, first=HOLDS_FROM)

    @cached_property
    def expiries(self) -> Alone:
        """Of those holds, one by one, by 8 clients."""
        assert self.holds
        return self._run(EXPIRE, clients=8, first=HOLDS_FROM)

    def _run(self, statements: str, *, clients: int, first: int) -> Alone:
        """`first` is the first key: bookings and seats of two runs must not be the same."""
        rounds = self._count // clients
        script = VAR_DIR / "alone.sql"
        script.write_text(KEYS + statements)
        first_flight = ask("SELECT min(id) FROM flights_flight")
        variables = {"n": first // clients, "clients": clients, "first_flight": first_flight}
        log, watch = Log(), Stopwatch({"postgres": self._stack.pids["postgres"]})
        printed = _pgbench(
            *(f"--file={script}", f"--client={clients}", f"--transactions={rounds}"),
            *(f"--define={name}={value}" for name, value in variables.items()),
        )
        rate = re.search(r"^tps = ([\d.]+)", printed, re.M)
        assert rate, printed
        return Alone(rounds * clients, float(rate[1]), watch.read(), log.read())


def _pgbench(*arguments: str) -> str:
    connection.ensure_connection()
    info = connection.connection.info
    server = {"PGHOST": info.host, "PGPORT": str(info.port), "PGUSER": info.user}
    command = [program("pgbench"), "--no-vacuum", "--protocol=prepared", *arguments, ALONE]
    return output(*command, environment=server)
