"""Holds: as many as eight clients can make."""

import time

from tests.load.report import Report, Row
from tests.load.setting import Setting

CLIENTS = 8


def measure(setting: Setting) -> Report:
    setting.hold(setting.seats(4 * CLIENTS), clients=CLIENTS)
    seats = setting.seats(setting.sizes.holds)
    started = time.monotonic()
    setting.hold(seats, clients=CLIENTS)
    per_second = len(seats) / (time.monotonic() - started)
    alone = setting.alone.holds.per_second
    row = Row(
        work=f"holds, {CLIENTS} clients",
        reach="≥ 300/s",
        seen=f"{per_second:.0f}/s",
        reached=per_second >= 300,
        alone=f"{alone:,.0f}/s; {per_second / alone:.0%} of it",
        elsewhere="DBOS 97, pretix 52",
    )
    return Report([row])
