"""Hold, pay, confirmed: how many a second, what one costs in CPU time, and what it writes."""

import asyncio
import time
from collections.abc import Iterator
from typing import NamedTuple

from tests.load.alone import Alone
from tests.load.client import Client, UnexpectedAnswer
from tests.load.meters import Stopwatch, Usage, spread
from tests.load.report import Report, Row
from tests.load.setting import FreeSeat, Setting
from tests.load.wal import Log, Written

CLIENTS = 32
WARM_UP = 64
# Between two looks at the status of an order. A person's page looks every two seconds.
LOOK_SECONDS = 0.05
CONFIRM_SECONDS = 30
# The timers' worker takes up the last countdowns a little after the last answer.
AFTER_SECONDS = 1


class Booked(NamedTuple):
    """How one booking went: seconds from the first byte to CONFIRMED, and looks at its status."""

    seconds: float
    looks: int


def measure(setting: Setting) -> Report:
    count = setting.sizes.bookings
    _book(setting, setting.seats(WARM_UP))
    seats = setting.seats(count)
    log, watch = Log(), Stopwatch(setting.stack.pids)
    started = time.monotonic()
    booked = _book(setting, seats)
    seconds = time.monotonic() - started
    time.sleep(AFTER_SECONDS)
    usage, written = watch.read(), log.read()
    alone = setting.alone.bookings
    return Report(
        [
            _pace(count / seconds, alone),
            _cost(1000 * usage.stack / count, alone),
            _writes(written, count, alone),
        ],
        [_breakdown(usage, count), _waits(booked), _others(usage)],
    )


def _book(setting: Setting, seats: list[FreeSeat]) -> list[Booked]:
    queue = iter(seats)

    async def everybody(clients: list[Client]) -> list[Booked]:
        done = await asyncio.gather(*(_book_each(client, queue) for client in clients))
        return [booked for some in done for booked in some]

    return setting.drive(CLIENTS, everybody)


async def _book_each(client: Client, queue: Iterator[FreeSeat]) -> list[Booked]:
    return [await _book_one(client, seat) for seat in queue]


async def _book_one(client: Client, seat: FreeSeat) -> Booked:
    started = time.monotonic()
    held = await client.post("/api/orders", seat.order, status=201)
    order = f"/api/orders/{held.json()['orderId']}"
    await client.post(f"{order}/pay", {"paymentCode": "00000"}, status=202)
    looks = await _looks_until_confirmed(client, order)
    return Booked(time.monotonic() - started, looks)


async def _looks_until_confirmed(client: Client, order: str) -> int:
    for look in range(1, round(CONFIRM_SECONDS / LOOK_SECONDS)):
        await asyncio.sleep(LOOK_SECONDS)
        status = (await client.get(f"{order}/status")).json()["status"]
        if status == "CONFIRMED":
            return look
        if status != "PAYMENT_PROCESSING":
            raise UnexpectedAnswer(f"{order} is {status}")
    raise UnexpectedAnswer(f"{order} was not confirmed within {CONFIRM_SECONDS} s")


def _pace(per_second: float, alone: Alone) -> Row:
    return Row(
        work=f"hold → pay → confirmed, {CLIENTS} clients",
        reach="≥ 125 bookings/s",
        seen=f"{per_second:.0f} bookings/s",
        reached=per_second >= 125,
        alone=f"{alone.per_second:,.0f} bookings/s; {per_second / alone.per_second:.0%} of it",
        elsewhere="DBOS 25 to 45, pretix 5, Postgres alone 2,500",
    )


def _cost(milliseconds: float, alone: Alone) -> Row:
    return Row(
        work="CPU a booking, all processes",
        reach="≤ 14 ms",
        seen=f"{milliseconds:.1f} ms",
        reached=milliseconds <= 14,
        alone=f"{alone.cpu_ms:.2f} ms; {milliseconds / alone.cpu_ms:.0f} times that",
        elsewhere="DBOS 40, pretix 310",
    )


def _writes(written: Written, count: int, alone: Alone) -> Row:
    commits, kilobytes = written.commits / count, written.records / count / 1000
    most_commits, most_kilobytes = 5, 3
    least = alone.written.commits / alone.count, alone.written.records / alone.count / 1000
    return Row(
        work="commits and WAL a booking",
        reach=f"≤ {most_commits}, ≤ {most_kilobytes} kB",
        seen=f"{commits:.2f}, {kilobytes:.1f} kB "
        f"({(written.records + written.images) / count / 1000:.1f} kB with page images)",
        # A vacuum or a checkpoint in the background commits now and then, too.
        reached=round(commits, 1) <= most_commits and kilobytes <= most_kilobytes,
        alone=f"{least[0]:.2f}, {least[1]:.1f} kB; "
        f"{commits / least[0]:.1f} and {kilobytes / least[1]:.1f} times that",
        elsewhere="DBOS 11, 9 kB",
    )


def _breakdown(usage: Usage, count: int) -> str:
    parts = sorted(usage.by_part.items(), key=lambda part: -part[1])
    each = ", ".join(f"{name} {1000 * seconds / count:.2f}" for name, seconds in parts)
    own = 1000 * usage.load_generator / count
    return f"CPU ms a booking: {each}. The load generator's {own:.2f} are not counted."


def _waits(booked: list[Booked]) -> str:
    seconds = [each.seconds for each in booked]
    looks = sum(each.looks for each in booked) / len(booked)
    return (
        f"From the first click to CONFIRMED: p50 {1000 * spread(seconds, percent=50):.0f} ms, "
        f"p99 {1000 * spread(seconds, percent=99):.0f} ms; its status was asked for {looks:.1f} "
        f"times a booking, every {1000 * LOOK_SECONDS:.0f} ms. One seat a booking."
    )


def _others(usage: Usage) -> str:
    return (
        f"During these bookings the stack used {usage.stack / usage.seconds:.2f} cores, the load "
        f"generator {usage.load_generator / usage.seconds:.2f}, whatever else runs on the machine "
        f"{usage.others / usage.seconds:.2f}."
    )
