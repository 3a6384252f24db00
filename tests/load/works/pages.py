"""The same bookings through the pages: what a browser with cookies asks for, against the API.

Opening a seat map is counted by itself: who books opens one, but most who open one do not book.
The styles, scripts and pictures, and the streams of live changes, are left out.
"""

import re
import time

from tests.load.browser import Browser
from tests.load.client import Answer, Client, UnexpectedAnswer
from tests.load.customers import (
    Booked,
    Bookings,
    bookings,
    looks_until,
    over_api,
    steadily,
    warm_up,
)
from tests.load.meters import Stopwatch
from tests.load.report import Report, Row
from tests.load.setting import FreeSeat, Setting

CLIENTS = 32
BOOKING = re.compile(rb'href="(/bookings/[0-9a-f-]+/)"')
VERSION = re.compile(rb'data-version="(\d+)"')
STATE = re.compile(rb'class="booking narrow (\w+)"')


def measure(setting: Setting) -> Report:
    book = over_api(steadily)
    warm_up(setting, clients=CLIENTS, book=book)
    by_api = bookings(setting, setting.seats(setting.sizes.pages), clients=CLIENTS, book=book)
    _through_pages(setting, 2 * CLIENTS)
    map_ms, by_pages = _through_pages(setting, setting.sizes.pages)
    times = by_pages.cpu_ms / by_api.cpu_ms
    row = Row(
        work=f"hold → pay → confirmed through the pages, {CLIENTS} clients",
        reach="≤ 2.5 times the API's CPU",
        seen=f"{times:.1f} times: {by_pages.cpu_ms:.1f} ms; {by_pages.per_second:.0f} bookings/s",
        reached=round(times, 1) <= 2.5,
    )
    note = (
        "Through the pages a booking is a POST of the seat, the booking's page, a POST of the code "
        f"and {by_pages.looks:.1f} looks at the progress, every 50 ms. The API's, in the same "
        f"minute, took {by_api.cpu_ms:.1f} ms and {by_api.looks:.1f} looks. Opening the seat map "
        f"is not in it: {map_ms:.1f} ms of all processes."
    )
    return Report([row], [note])


def _through_pages(setting: Setting, count: int) -> tuple[float, Bookings]:
    """CPU milliseconds of opening a seat map, and how the bookings went after it."""
    seats = setting.seats(count)
    browsers = {seat: Browser() for seat in seats}

    async def open_map(client: Client, seat: FreeSeat) -> Answer:
        return await browsers[seat].get(client, f"/flights/{seat.flight_id}/")

    async def book(client: Client, seat: FreeSeat) -> Booked:
        return await _book(browsers[seat], client, seat)

    watch = Stopwatch(setting.stack.pids)
    setting.for_each(seats, open_map, clients=CLIENTS)
    map_ms = 1000 * watch.read().stack / count
    return map_ms, bookings(setting, seats, clients=CLIENTS, book=book)


async def _book(browser: Browser, client: Client, seat: FreeSeat) -> Booked:
    started = time.monotonic()
    form = {"seat": seat.seat, "wanted": "true"}
    panel = await browser.post(client, f"/flights/{seat.flight_id}/seat/", form)
    page = _said(BOOKING, panel)
    await browser.get(client, page)
    await browser.post(client, f"{page}passengers/", {"p0-given": "Ada", "p0-family": "Lovelace"})
    form = {"code": "00000"}
    shown = await browser.post(client, f"{page}pay/", form)

    async def is_confirmed() -> bool:
        nonlocal shown
        seen = _said(VERSION, shown)
        answer = await browser.get(client, f"{page}progress/?seen={seen}", htmx=True)
        shown = answer if answer.body else shown
        return _said(STATE, shown) == "confirmed"

    looks = await looks_until(is_confirmed, steadily)
    return Booked(time.monotonic() - started, looks)


def _said(what: re.Pattern[bytes], answer: Answer) -> str:
    found = what.search(answer.body)
    if found is None:
        raise UnexpectedAnswer(f"Nothing like {what.pattern!r} in {answer.body[:300]!r}")
    return found[1].decode()
