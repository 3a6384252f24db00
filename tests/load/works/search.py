"""Search among a million flights against ten thousand: the same questions, with pages as full."""

import datetime as dt
import time
from typing import NamedTuple
from urllib.parse import urlencode

from django.utils import timezone

from flights.models import Flight
from flights.schedule import seed_flights
from tests.load.client import Client, UnexpectedAnswer
from tests.load.meters import Stopwatch, spread
from tests.load.report import Report, Row
from tests.load.setting import Setting
from tests.load.wal import ask

DAYS = 30
# Flights on a page: every question has at least so many answers in both schedules.
LIMIT = 20


class Timing(NamedTuple):
    """Median milliseconds of each question, and CPU milliseconds of Postgres for one."""

    flights: int
    milliseconds: dict[str, float]
    postgres_ms: float


def measure(setting: Setting) -> Report:
    few = _time(setting, setting.sizes.few_flights)
    many = _time(setting, setting.sizes.many_flights)
    ratios = {name: many.milliseconds[name] / few.milliseconds[name] for name in few.milliseconds}
    slowest = max(ratios, key=ratios.__getitem__)
    row = Row(
        work=f"search with {many.flights:,} flights against {few.flights:,}",
        reach="≤ 1.5 times",
        seen=f"{spread(ratios.values(), percent=50):.2f} times (worst {ratios[slowest]:.2f})",
        reached=ratios[slowest] <= 1.5,
        alone="nothing is written",
    )
    medians = ", ".join(
        f"{name} {few.milliseconds[name]:.1f} → {many.milliseconds[name]:.1f}" for name in ratios
    )
    note = (
        f"Median ms of a search over HTTP for {LIMIT} flights: {medians}. Postgres' part is "
        f"{few.postgres_ms:.1f} → {many.postgres_ms:.1f} ms of CPU."
    )
    return Report([row], [note])


def _time(setting: Setting, flights: int) -> Timing:
    """Add flights up to so many, and ask every question again and again in turn."""
    today = timezone.now().date()
    days = [today + dt.timedelta(days=n) for n in range(DAYS)]
    for _ in seed_flights(days=days, per_day=-(-flights // DAYS), seed=1):
        pass
    # What autovacuum would do in a minute, in the midst of the measurement.
    ask("VACUUM (ANALYZE) flights_flight")
    ask("CHECKPOINT")
    rounds, paths = setting.sizes.search_rounds, _paths(days[DAYS // 2])

    async def ask_all(clients: list[Client]) -> tuple[dict[str, float], float]:
        await _round(clients[0], paths)
        watch = Stopwatch({"postgres": setting.stack.pids["postgres"]})
        seen = [await _round(clients[0], paths) for _ in range(rounds)]
        medians = {name: spread((each[name] for each in seen), percent=50) for name in paths}
        return medians, 1000 * watch.read().by_part["postgres"] / rounds / len(paths)

    medians, postgres_ms = setting.drive(1, ask_all)
    return Timing(Flight.objects.count(), medians, postgres_ms)


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
