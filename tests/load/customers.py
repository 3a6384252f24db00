"""What customers do over the JSON API: hold a seat, pay, and look until it is CONFIRMED."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from tests.load.client import Client, UnexpectedAnswer
from tests.load.meters import Stopwatch, Usage, spread
from tests.load.setting import FreeSeat, Setting

CONFIRM_SECONDS = 30
# The timers' worker takes up the last countdowns a little after the last answer.
AFTER_SECONDS = 1

# How long to wait before the next look, after so many seconds of looking.
type Pace = Callable[[float], float]
# How one client books one seat.
type Book = Callable[[Client, FreeSeat], Awaitable["Booked"]]


class Booked(NamedTuple):
    """How one booking went: seconds from the first byte to CONFIRMED, and looks at its status."""

    seconds: float
    looks: int


@dataclass(frozen=True)
class Bookings:
    """How all of them went; their CPU time includes `AFTER_SECONDS`, their pace does not."""

    booked: list[Booked]
    seconds: float
    usage: Usage

    @property
    def count(self) -> int:
        return len(self.booked)

    @property
    def per_second(self) -> float:
        return self.count / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Of all processes of the stack, for one."""
        return 1000 * self.usage.stack / self.count

    @property
    def looks(self) -> float:
        """At the status, for one."""
        return sum(each.looks for each in self.booked) / self.count

    def wait_ms(self, percent: int) -> float:
        """From the first click to CONFIRMED, for so many per cent of them at most."""
        return 1000 * spread((each.seconds for each in self.booked), percent=percent)


def steadily(waited: float) -> float:
    """A look every 50 ms: as the client did that measured the others in the table."""
    return 0.05


def often(waited: float) -> float:
    """A look every 10 ms: what is seen is at most that much too long."""
    return 0.01


def at_first_often(waited: float) -> float:
    """A look every 10 ms, then seldomer: what is seen is at most a quarter too long."""
    return max(0.01, waited / 4)


def over_api(pace: Pace) -> Book:
    """Book by three requests of the API, and as many looks at the status as it takes."""
    return partial(_book, pace=pace)


def warm_up(setting: Setting, *, clients: int, book: Book) -> None:
    """Two bookings by each client, so that caches, threads and connections are there."""
    setting.for_each(setting.seats(2 * clients), book, clients=clients)


def bookings(setting: Setting, seats: list[FreeSeat], *, clients: int, book: Book) -> Bookings:
    """Book each of these seats by itself, by so many clients."""
    watch, started = Stopwatch(setting.stack.pids), time.monotonic()
    booked = setting.for_each(seats, book, clients=clients)
    seconds = time.monotonic() - started
    time.sleep(AFTER_SECONDS)
    return Bookings(booked, seconds, watch.read())


async def looks_until(is_confirmed: Callable[[], Awaitable[bool]], pace: Pace) -> int:
    """How many looks it took. Raises UnexpectedAnswer if it is not confirmed in time."""
    started, looks = time.monotonic(), 0
    while (waited := time.monotonic() - started) < CONFIRM_SECONDS:
        await asyncio.sleep(pace(waited))
        looks += 1
        if await is_confirmed():
            return looks
    raise UnexpectedAnswer(f"A booking was not confirmed within {CONFIRM_SECONDS} s")


async def _book(client: Client, seat: FreeSeat, *, pace: Pace) -> Booked:
    started = time.monotonic()
    held = await client.post("/api/orders", seat.order, status=201)
    order = f"/api/orders/{held.json()['orderId']}"
    await client.post(f"{order}/pay", {"paymentCode": "00000"}, status=202)

    async def is_confirmed() -> bool:
        status = (await client.get(f"{order}/status")).json()["status"]
        if status not in ("PAYMENT_PROCESSING", "CONFIRMED"):
            raise UnexpectedAnswer(f"{order} is {status}")
        return bool(status == "CONFIRMED")

    looks = await looks_until(is_confirmed, pace)
    return Booked(time.monotonic() - started, looks)
