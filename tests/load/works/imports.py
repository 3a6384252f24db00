"""An airline's schedule of a million flights, imported by `import_flights` into a copy of the
database; and before it one a tenth as long, which must take as much memory."""

import csv
import datetime as dt
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from flightbooking.processes import spawn
from flights.demo.timetable import Service, daily_services
from flights.schedule.rows import REQUIRED
from tests.load.databases import SCHEDULE, url_of
from tests.load.environment import VAR_DIR, Refused, short
from tests.load.meters import cpu_seconds, most_memory
from tests.load.report import Report, Row
from tests.load.setting import Setting

LOG = VAR_DIR / "log" / "import_flights.log"
PER_DAY = 2740
# Days that the long file and the short one begin with: they have no flight in common.
LONG_FROM, SHORT_FROM = dt.date(2030, 1, 1), dt.date(2050, 1, 1)
ROWS_PER_SECOND, MEGABYTES = 15_000, 200


def measure(setting: Setting) -> Report:
    count, postgres = setting.sizes.imported, setting.stack.pids["postgres"]
    few = _import(count // 10, SHORT_FROM, postgres)
    many = _import(count, LONG_FROM, postgres)
    row = Row(
        work=f"import of {count:,} flights",
        reach=f"≥ {ROWS_PER_SECOND:,} rows/s, ≤ {MEGABYTES} MB",
        seen=f"{many.rows / many.seconds:,.0f} rows/s, {many.megabytes:.0f} MB",
        reached=many.rows / many.seconds >= ROWS_PER_SECOND and many.megabytes <= MEGABYTES,
    )
    note = (
        f"CPU µs of an imported row: the command {many.micros(many.command):.1f}, postgres "
        f"{many.micros(many.postgres):.1f}. {few.rows:,} rows took {few.megabytes:.0f} MB, "
        f"{many.rows:,} took {many.megabytes:.0f} MB."
    )
    return Report([row], [note])


@dataclass(frozen=True)
class Seen:
    """CPU seconds of the command and of Postgres, and the command's memory at most."""

    rows: int
    seconds: float
    command: float
    postgres: float
    megabytes: float

    def micros(self, seconds: float) -> float:
        """Of each row."""
        return 1e6 * seconds / self.rows


def _import(count: int, first: dt.date, postgres: int) -> Seen:
    file = VAR_DIR / "schedule.csv"
    _write(file, count, first)
    before, started = (_children_seconds(), cpu_seconds(postgres)), time.monotonic()
    megabytes = _run_to_end([sys.executable, "manage.py", "import_flights", str(file)])
    seconds = time.monotonic() - started
    after = _children_seconds(), cpu_seconds(postgres)
    file.unlink()
    return Seen(count, seconds, after[0] - before[0], after[1] - before[1], megabytes)


def _run_to_end(command: list[str]) -> float:
    """Run it on the copy; the MB that it had at most. Raises Refused when it fails."""
    environment = {**os.environ, "DATABASE_URL": url_of(SCHEDULE)}
    process, megabytes = spawn(command, log=LOG, environment=environment), 0.0
    while process.poll() is None:
        megabytes = max(megabytes, most_memory(process.pid))
        time.sleep(0.05)
    if process.returncode:
        raise Refused(f"import_flights ended with {process.returncode}; see {short(LOG)}.")
    return megabytes


def _children_seconds() -> float:
    """CPU time of all processes that were started here and have ended."""
    times = os.times()
    return times.children_user + times.children_system


def _write(file: Path, count: int, first: dt.date) -> None:
    """A file of so many flights, from this day on, the same number of them every day."""
    services = daily_services(PER_DAY, seed=1)
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(REQUIRED)
        for number in range(count):
            days, index = divmod(number, len(services))
            writer.writerow(_cells(services[index], first + dt.timedelta(days=days)))


def _cells(service: Service, day: dt.date) -> tuple[object, ...]:
    leaves = dt.datetime.combine(day, service.departs, service.origin.zone).astimezone(dt.UTC)
    arrives = (leaves + service.duration).astimezone(service.destination.zone)
    return (
        service.number,
        service.origin.code,
        service.destination.code,
        f"{day} {service.departs:%H:%M}",
        f"{arrives:%Y-%m-%d %H:%M}",
        service.layout,
        f"{service.fare_cents / 100:.2f}",
    )
