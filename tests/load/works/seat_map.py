"""A seat map of 180 seats, a third of them taken: the web process's CPU time for one reading."""

from typing import NamedTuple

from bookings import saga
from tests.load.client import Client
from tests.load.meters import Stopwatch
from tests.load.report import Report, Row
from tests.load.setting import FreeSeat, Setting
from tests.people import a_flight

WARM_UP = 40


class Reading(NamedTuple):
    """CPU milliseconds of one reading, and the size of what is read."""

    web_ms: float
    postgres_ms: float
    kilobytes: float


def measure(setting: Setting) -> Report:
    flight = a_flight("ZM100")
    seats = list(flight.layout.parsed.seats)
    paid = seats[::6]
    setting.hold([FreeSeat(flight.pk, seat) for seat in seats[1::6]])
    for seat in paid:
        booking = saga.hold_seats(flight_id=flight.pk, seats=[seat])
        saga.start_payment(booking_id=booking.pk, code="00000")
    html = _read(setting, f"/flights/{flight.pk}/")
    data = _read(setting, f"/api/flights/{flight.pk}")
    row = Row(
        work=f"seat map of {len(seats)} seats",
        reach="page ≤ 2.0 ms CPU, API ≤ 1.0 ms",
        seen=f"page {html.web_ms:.1f} ms, API {data.web_ms:.1f} ms",
        reached=round(html.web_ms, 1) <= 2 and round(data.web_ms, 1) <= 1,
        alone="nothing is written",
    )
    note = (
        f"A seat map costs the web process that much CPU, and Postgres {html.postgres_ms:.1f} ms "
        f"(page) and {data.postgres_ms:.1f} ms (API) more; the page has {html.kilobytes:.0f} kB, "
        f"the API's answer {data.kilobytes:.0f} kB."
    )
    return Report([row], [note])


def _read(setting: Setting, path: str) -> Reading:
    count = setting.sizes.map_reads

    async def read(clients: list[Client]) -> Reading:
        [client] = clients
        for _ in range(WARM_UP):
            answer = await client.get(path)
        watch = Stopwatch(setting.stack.pids)
        for _ in range(count):
            await client.get(path)
        used = watch.read().by_part
        each = {name: 1000 * seconds / count for name, seconds in used.items()}
        return Reading(each["web"], each["postgres"], len(answer.body) / 1000)

    return setting.drive(1, read)
