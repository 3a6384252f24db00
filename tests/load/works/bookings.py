"""Hold, pay, confirmed: how many a second, what one costs in CPU time, and what it writes."""

from tests.load.alone import Alone
from tests.load.customers import Bookings, bookings, over_api, steadily, warm_up
from tests.load.report import Report, Row
from tests.load.setting import Setting
from tests.load.wal import Log, Written

CLIENTS = 32


def measure(setting: Setting) -> Report:
    book = over_api(steadily)
    warm_up(setting, clients=CLIENTS, book=book)
    log = Log()
    seen = bookings(setting, setting.seats(setting.sizes.bookings), clients=CLIENTS, book=book)
    written, alone = log.read(), setting.alone.bookings
    rows = [_pace(seen, alone), _cost(seen, alone), _writes(written, seen.count, alone)]
    return Report(rows, [_breakdown(seen), _waits(seen), _cores(seen)])


def _pace(seen: Bookings, alone: Alone) -> Row:
    return Row(
        work=f"hold → pay → confirmed, {CLIENTS} clients",
        reach="≥ 400 bookings/s",
        seen=f"{seen.per_second:.0f} bookings/s",
        reached=seen.per_second >= 400,
        alone=f"{alone.per_second:,.0f} bookings/s; {seen.per_second / alone.per_second:.0%} of it",
        elsewhere="DBOS 85/s, Restate 368/s",
    )


def _cost(seen: Bookings, alone: Alone) -> Row:
    return Row(
        work="CPU a booking, all processes",
        reach="≤ 4.0 ms",
        seen=f"{seen.cpu_ms:.1f} ms",
        reached=seen.cpu_ms <= 4,
        alone=f"{alone.cpu_ms:.2f} ms; {seen.cpu_ms / alone.cpu_ms:.1f} times that",
        elsewhere="DBOS 21.9 ms, Restate 4.4 ms",
    )


def _writes(written: Written, count: int, alone: Alone) -> Row:
    commits, kilobytes = written.commits / count, written.records / count / 1000
    with_images = (written.records + written.images) / count / 1000
    least = alone.written.commits / alone.count, alone.written.records / alone.count / 1000
    times = kilobytes / least[1]
    return Row(
        work="commits and WAL a booking",
        reach="≤ 4, ≤ 1.1 times Postgres alone",
        seen=f"{commits:.2f}, {times:.2f} times: {kilobytes:.1f} kB "
        f"({with_images:.1f} kB with page images)",
        # A vacuum or a checkpoint in the background commits now and then, too.
        reached=round(commits, 1) <= 4 and times <= 1.1,
        alone=f"{least[0]:.2f}, {least[1]:.1f} kB",
    )


def _breakdown(seen: Bookings) -> str:
    parts = sorted(seen.usage.by_part.items(), key=lambda part: -part[1])
    each = ", ".join(f"{name} {1000 * seconds / seen.count:.2f}" for name, seconds in parts)
    own = 1000 * seen.usage.load_generator / seen.count
    return f"CPU ms a booking: {each}. The load generator's {own:.2f} are not counted."


def _waits(seen: Bookings) -> str:
    return (
        f"With {CLIENTS} clients, from the first click to CONFIRMED: p50 "
        f"{seen.wait_ms(50):.0f} ms, p99 {seen.wait_ms(99):.0f} ms. They asked for the status "
        f"{seen.looks:.1f} times a booking, every 50 ms, as when the others were measured; so none "
        "books more than 20 times a second. One seat a booking."
    )


def _cores(seen: Bookings) -> str:
    used = seen.usage
    return (
        f"During these bookings the stack used {used.stack / used.seconds:.2f} cores, the load "
        f"generator {used.load_generator / used.seconds:.2f}, whatever else runs on the machine "
        f"{used.others / used.seconds:.2f}."
    )
