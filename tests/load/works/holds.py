"""Holds: as many as eight clients can make."""

import time

from tests.load.meters import Stopwatch
from tests.load.report import Report, Row
from tests.load.setting import Setting

CLIENTS = 8
# The timers' worker takes up the last countdowns a little after the last answer.
AFTER_SECONDS = 1


def measure(setting: Setting) -> Report:
    setting.hold(setting.seats(4 * CLIENTS), clients=CLIENTS)
    seats = setting.seats(setting.sizes.holds)
    watch, started = Stopwatch(setting.stack.pids), time.monotonic()
    setting.hold(seats, clients=CLIENTS)
    per_second = len(seats) / (time.monotonic() - started)
    time.sleep(AFTER_SECONDS)
    cpu_ms = 1000 * watch.read().stack / len(seats)
    alone = setting.alone.holds
    row = Row(
        work=f"holds, {CLIENTS} clients, and CPU of one",
        reach="≥ 700/s, ≤ 1.7 ms",
        seen=f"{per_second:.0f}/s, {cpu_ms:.1f} ms",
        reached=per_second >= 700 and round(cpu_ms, 1) <= 1.7,
        alone=f"{alone.per_second:,.0f}/s, {alone.cpu_ms:.2f} ms; "
        f"{per_second / alone.per_second:.0%} of it",
        elsewhere="DBOS 171/s, Restate 603/s at 2.7 ms",
    )
    return Report([row])
