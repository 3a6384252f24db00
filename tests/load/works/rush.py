"""Two hundred clients at once for twenty seats of one flight: twenty win, all are answered."""

import asyncio
import time
from collections import Counter

from tests.load.client import Answer, Client, UnexpectedAnswer
from tests.load.meters import spread
from tests.load.report import Report, Row
from tests.load.setting import FreeSeat, Setting
from tests.people import a_flight

CLIENTS = 200
SEATS = 20
REST_SECONDS = 0.5


def measure(setting: Setting) -> Report:
    seconds = sorted(_rush(setting, number) for number in range(setting.sizes.rushes))
    typical = spread(seconds, percent=50)
    alone = SEATS / setting.alone.holds.per_second
    row = Row(
        work=f"{CLIENTS} clients for {SEATS} seats, all answered",
        reach="≤ 0.2 s",
        seen=f"{typical:.2f} s ({seconds[0]:.2f} to {seconds[-1]:.2f} in {len(seconds)} tries)",
        reached=typical <= 0.2,
        alone=f"{alone:.3f} s for the {SEATS} that win",
        elsewhere="DBOS 1.24 s, Restate 0.60 s",
    )
    return Report([row])


def _rush(setting: Setting, number: int) -> float:
    """Seconds from the first request to the last answer."""
    flight = a_flight(f"ZR{100 + number}")
    wanted = list(flight.layout.parsed.seats)[:SEATS]
    orders = [FreeSeat(flight.pk, wanted[n % SEATS]).order for n in range(CLIENTS)]

    async def at_once(clients: list[Client]) -> tuple[float, list[Answer]]:
        tries = zip(clients, orders, strict=True)
        requests = [client.ask("POST", "/api/orders", order) for client, order in tries]
        started = time.monotonic()
        answers = await asyncio.gather(*requests)
        return time.monotonic() - started, answers

    seconds, answers = setting.drive(CLIENTS, at_once)
    statuses = Counter(answer.status for answer in answers)
    if statuses != {201: SEATS, 409: CLIENTS - SEATS}:
        raise UnexpectedAnswer(f"{CLIENTS} clients for {SEATS} seats were told {dict(statuses)}")
    time.sleep(REST_SECONDS)
    return seconds
