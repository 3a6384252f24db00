"""Search among a million flights against ten thousand: the same questions, with pages as full.

Two web processes answer, one on a database with few flights, and are asked in turn.
"""

import asyncio
import datetime as dt
import os
import sys
import time
from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

import psycopg
from django.db import connection
from django.utils import timezone

from tests.load.client import Client, UnexpectedAnswer, connected
from tests.load.databases import FEW, output, url_of
from tests.load.meters import spread
from tests.load.report import Report, Row
from tests.load.setting import Setting

DAYS = 30
# Flights on a page: every question has at least so many answers in both schedules.
LIMIT = 20
# Every thread of a web process opens its own connection.
WARM_UP = 10


def measure(setting: Setting) -> Report:
    database = connection.settings_dict["NAME"]
    days = [timezone.now().date() + dt.timedelta(days=n) for n in range(DAYS)]
    few = _add_flights(FEW, setting.sizes.few_flights)
    many = _add_flights(database, setting.sizes.many_flights)
    ports = [setting.stack.start_web_on(FEW), setting.stack.port]
    medians = _compare(ports, _paths(days[DAYS // 2]), setting.sizes.search_rounds)
    ratios = {name: with_many / with_few for name, (with_few, with_many) in medians.items()}
    slowest = max(ratios.values())
    row = Row(
        work=f"search with {many:,} flights against {few:,}",
        reach="≤ 1.5 times",
        seen=f"{_median(ratios.values()):.2f} times (worst {slowest:.2f})",
        reached=slowest <= 1.5,
        alone="nothing is written",
    )
    each = ", ".join(f"{name} {a:.1f} and {b:.1f}" for name, (a, b) in medians.items())
    note = f"Median ms of a search over HTTP for {LIMIT} flights, with few and with many: {each}."
    return Report([row], [note])


def _add_flights(database: str, count: int) -> int:
    """Add flights to a database up to about so many, in as many days; how many there are."""
    manage = [sys.executable, "manage.py", "seed_flights", "--seed=1"]
    amount = [f"--days={DAYS}", f"--per-day={-(-count // DAYS)}"]
    environment = {**os.environ, "DATABASE_URL": url_of(database)}
    output(*manage, *amount, environment=environment)
    with psycopg.connect(url_of(database), autocommit=True) as seeded:
        # What autovacuum would do in a minute, in the midst of the measurement.
        seeded.execute("VACUUM (ANALYZE) flights_flight")
        seeded.execute("CHECKPOINT")
        [flights] = seeded.execute("SELECT count(*) FROM flights_flight").fetchone() or (0,)
        return int(flights)


def _compare(
    ports: Sequence[int], paths: dict[str, str], rounds: int
) -> dict[str, tuple[float, float]]:
    """Median milliseconds of each question at two ports, asked in turn: noise hits both alike."""

    async def run() -> list[tuple[dict[str, float], dict[str, float]]]:
        async with connected(ports[0], 1) as [one], connected(ports[1], 1) as [other]:
            return [
                (await _round(one, paths), await _round(other, paths))
                for _ in range(WARM_UP + rounds)
            ]

    seen = asyncio.run(run())[WARM_UP:]
    return {
        name: (_median(a[name] for a, _ in seen), _median(b[name] for _, b in seen))
        for name in paths
    }


def _median(values: Iterable[float]) -> float:
    return spread(values, percent=50)


def _paths(day: dt.date) -> dict[str, str]:
    noon = dt.datetime.combine(day, dt.time(12), dt.UTC)
    after = f"{int(noon.timestamp()) * 1_000_000:x}-0"
    questions: dict[str, dict[str, object]] = {
        "next departures": {},
        "a date": {"date": day},
        "from": {"origin": "CDG"},
        "to": {"destination": "JFK"},
        "from and to": {"origin": "CDG", "destination": "JFK"},
        "from, on a date": {"origin": "CDG", "date": day},
        "a late page": {"origin": "LHR", "after": after},
    }
    return {
        name: f"/api/flights?{urlencode({**question, 'limit': LIMIT})}"
        for name, question in questions.items()
    }


async def _round(client: Client, paths: dict[str, str]) -> dict[str, float]:
    """Milliseconds of each question, asked once."""
    taken = {}
    for name, path in paths.items():
        started = time.perf_counter()
        answer = await client.get(path)
        taken[name] = 1000 * (time.perf_counter() - started)
        if answer.body.count(b'"flightNumber"') != LIMIT:
            raise UnexpectedAnswer(f"{path} has fewer than {LIMIT} flights")
    return taken
