"""What a guard is: how it is taken out of a copy of the source, and who must notice."""

from typing import NamedTuple

AIRCRAFT = "bookings/saga/aircraft.py"
FLIGHT_LOCKING = "bookings/saga/flight_locking.py"
OTHER_FLIGHTS = "bookings/saga/other_flights.py"
CONDITIONS = "bookings/saga/conditions.py"
FRAME = "bookings/saga/frame.py"
HOLDS = "bookings/saga/holds.py"
TRANSITIONS = "bookings/saga/transitions.py"
OF_STAFF = "bookings/saga/staff_transitions.py"
MONEY_BACK = "bookings/saga/money_back.py"
PAYMENT = "bookings/saga/payment.py"
DEADLINE = "bookings/payments/deadline.py"
TIMERS = "bookings/saga/timers.py"
CROSS_SITE = "bookings/api/cross_site.py"
CLAIMS = "bookings/seats/claims.py"
CHOICE = "bookings/seats/choice.py"
LOCKS = "bookings/seats/locks.py"
FARES = "flights/migrations/0005_fares.py"
FARES_OF_BOOKINGS = "bookings/migrations/0007_fares.py"
CONSTRAINTS = "bookings/migrations/0002_rules.py"
LAST_MIGRATION = "bookings/migrations/0016_disruptions.py"


class Patch(NamedTuple):
    file: str
    old: str
    new: str


class Guard(NamedTuple):
    patches: tuple[Patch, ...]
    # Under tests/. At least one of them must fail.
    tests: tuple[str, ...]


def guard(*tests: str, patches: tuple[Patch, ...]) -> Guard:
    return Guard(patches, tests)


def dropped(statement: str) -> tuple[Patch, ...]:
    """A constraint of an earlier migration, gone after the last one."""
    first = "    operations = [\n"
    gone = f'        migrations.RunSQL("{statement}"),\n'
    return (Patch(LAST_MIGRATION, first, first + gone),)
