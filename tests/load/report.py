"""The one table, and the lines below it that say how it was measured."""

import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from django.utils import timezone
from django_redis import get_redis_connection

from tests.load.databases import ask

PACKAGES = ("django", "celery", "granian", "django-ninja", "psycopg", "redis")
HEADINGS = (
    "work",
    "reach",
    "seen",
    "reached",
    "Postgres alone, same writes",
    "others, this kind of machine",
)


@dataclass(frozen=True)
class Row:
    """One line of the table: what was to be reached, what was seen."""

    work: str
    seen: str
    # Nothing where only the figure itself is asked for.
    reach: str = ""
    reached: bool | None = None
    # What Postgres alone does with the same writes, and what part of it was seen.
    alone: str = ""
    elsewhere: str = ""

    @property
    def cells(self) -> Sequence[str]:
        reached = {True: "yes", False: "**no**", None: ""}[self.reached]
        return (self.work, self.reach, self.seen, reached, self.alone, self.elsewhere)


@dataclass(frozen=True)
class Report:
    """What was found out, in the order it was."""

    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # SVG by name.
    charts: Mapping[str, str] = field(default_factory=dict)
    # Works that could not be measured.
    failed: list[str] = field(default_factory=list)

    def __add__(self, other: "Report") -> "Report":
        return Report(
            self.rows + other.rows,
            self.notes + other.notes,
            {**self.charts, **other.charts},
            self.failed + other.failed,
        )

    def table(self) -> str:
        """In Markdown, the columns in line."""
        lines = [HEADINGS, *(row.cells for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        lines.insert(1, tuple("-" * width for width in widths))
        return "\n".join("| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines)

    def text(self) -> str:
        return "\n".join([self.table(), "", *(f"- {note}" for note in self.notes)])


def page(report: Report, *, command: str, seconds: float, load: float) -> str:
    """docs/benchmarks.md. `load` is the machine's load average before the run."""
    today = timezone.now().date()
    return f"""# Benchmarks

Measured on {today} by `{command}` in {seconds:.0f} s, on {machine()}
The load average before the start was {load:.1f}: above 0.5, somebody else was using the machine.

The whole stack of `make run`, on its own data: real Postgres with `fsync` on, real Redis, the
payment gateway at zero latency. Everything over HTTP on loopback, client and servers on the
same processors. "Postgres alone" is pgbench on a copy of the same tables, in the same run: the
same rows in the fewest transactions, three for a booking. The others are DBOS at its best and
Restate (an engine in Rust, with Python handlers), which did the same work for the same client on
quiet machines of 2 cores.

{report.text()}
{_pictures(report)}
Run it on a quiet machine; it takes some ten minutes, writes this page, and ends with
`manage.py check_bookings`. `make bench ARGS=--quick` takes two minutes and
`make bench ARGS="--only holds,search"` picks; both only print. `--only growth`, which takes long
and so has to be asked for, says what a booking costs as old ones become many (`--large`: ten
millions); `--only all` is everything.
"""


def chart_file(name: str) -> str:
    """What a chart is called beside the page."""
    return f"benchmarks-{name}.svg"


def _pictures(report: Report) -> str:
    """Each chart, which says in words what it shows."""
    each = [f"![{name.capitalize()}]({chart_file(name)})" for name in report.charts]
    return "\n".join(["", *each, ""]) if each else ""


def machine() -> str:
    """This machine and what runs on it, in words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GB of memory, "
        f"{platform.system()} {platform.release().split('-')[0]}; Python "
        f"{platform.python_version()}, PostgreSQL {ask('SHOW server_version')}, Redis "
        f"{get_redis_connection().info('server')['redis_version']}; {packages}."
    )


def _processor() -> str:
    model = re.search(r"^model name\s*: (.*)", Path("/proc/cpuinfo").read_text(), re.M)
    return model[1] if model else platform.machine()
