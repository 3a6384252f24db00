"""`make viewers`: many open seat maps on one web process, and what a change costs.

Opens `--viewers` streams of one flight, changes seats, and says how long it takes until
everybody was told. Then some of them stop reading, are dropped, come back and get the whole
map. Last the web process is stopped while all of them look. Prints one table.

Everything is on this machine and shares its processors, the 2,000 browsers included.
"""

import argparse
import asyncio
import json
import os
import resource
import socket
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import batched
from typing import Any

import django

from tests.load import environment
from tests.load.client import Client, connected
from tests.load.meters import Stopwatch, memory, spread

# A browser whose line is so bad that hardly anything waits in the network.
SMALL_BUFFER = 4096
# So many messages are sent at most to those who do not read.
MOST_NOISE = 60_000
PATIENCE_SECONDS = 30
# Between two changes, so that one is over before the next.
PAUSE_SECONDS = 0.4
# Connections opened at the same moment: no more than fit the server's backlog.
AT_ONCE = 100


class Viewer(asyncio.Protocol):
    """An open seat map: what it was told, and when."""

    def __init__(self, path: str) -> None:
        self._path, self._text = path, b""
        self.map: dict[str, str] | None = None
        self.changes = 0
        self.told_at = self.closed_at = 0.0
        self.transport: asyncio.Transport

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(f"GET {self._path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        *blocks, self._text = (self._text + data).split(b"\n\n")
        for block in blocks:
            event, _, told = block.rpartition(b"data: ")
            if b"event: map" in event:
                self.map = json.loads(told)
            elif b"event: seats" in event and self.map is not None:
                self.map |= json.loads(told)
                self.changes, self.told_at = self.changes + 1, now

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed_at = time.perf_counter()


class Maps:
    """The run: one flight, its viewers, and the lines of the table."""

    def __init__(self, stack: Any, flight: Any) -> None:
        self._stack, self._flight = stack, flight
        self._seats = iter(flight.layout.parsed.seats)
        self.viewers: list[Viewer] = []
        self.lines: list[tuple[str, str]] = []

    async def open(self, count: int) -> None:
        """Open so many seat maps, and wait until each has its map."""
        before, started = self._memory(), time.perf_counter()
        for batch in batched(range(count), AT_ONCE):
            self.viewers += await asyncio.gather(*(self._viewer() for _ in batch))
        await _until(lambda: all(viewer.map is not None for viewer in self.viewers))
        served = sum(viewer.map is not None for viewer in self.viewers)
        seconds, more = time.perf_counter() - started, self._memory() - before
        self._say("open seat maps served by one web process", f"{served:,} of {count:,}")
        self._say("until all of them were open", f"{seconds:.1f} s")
        each = f"{1000 * more / max(1, served):.0f} kB for each"
        self._say("memory of the web process", f"{before:.0f} MB, {before + more:.0f} MB ({each})")

    async def change(self, count: int) -> None:
        """Hold seats one after the other, and see when every viewer knows."""
        waits: list[list[float]] = []
        watch = Stopwatch({"web": self._stack.pids["web"]})
        async with connected(self._stack.port, 1) as [client]:
            for number in range(1, count + 1):
                clicked = time.perf_counter()
                await self._hold(client)
                await _until(partial(self._know, number))
                waits.append(sorted(1000 * (v.told_at - clicked) for v in self.viewers))
                await asyncio.sleep(PAUSE_SECONDS)
        cpu = 1000 * watch.read().by_part["web"] / count
        each = [wait for wave in waits for wait in wave]
        last = [wave[-1] for wave in waits]
        told = sum(viewer.changes >= count for viewer in self.viewers)
        self._say(f"viewers told all {count} changes", f"{told:,}")
        self._say("from a click to a screen, p50", f"{spread(each, percent=50):.0f} ms")
        self._say("from a click to a screen, p99", f"{spread(each, percent=99):.0f} ms")
        words = f"{statistics.median(last):.0f} ms, {max(last):.0f} ms"
        self._say("the last screen: median, most", words)
        self._say("CPU of the web process for one change", f"{cpu:.0f} ms")

    async def stop_reading(self, count: int) -> None:
        """Some do not read while very much is told; dropped, they come back for the whole map."""
        from bookings import saga
        from bookings.live import publish

        booking = await asyncio.to_thread(
            saga.hold_seats, flight_id=self._flight.pk, seats=[next(self._seats)]
        )
        query = f"?booking={booking.pk}"
        slow = await asyncio.gather(*(self._viewer(query, SMALL_BUFFER) for _ in range(count)))
        await _until(lambda: all(viewer.map is not None for viewer in slow))
        for viewer in slow:
            viewer.transport.pause_reading()

        def make_noise() -> None:
            for _ in range(MOST_NOISE):
                publish.booking_changed(booking)

        await asyncio.to_thread(make_noise)
        grown = self._memory()
        for viewer in slow:
            viewer.transport.resume_reading()
        await _until(lambda: all(viewer.closed_at for viewer in slow))
        dropped = sum(viewer.closed_at > 0 for viewer in slow)
        async with connected(self._stack.port, 1) as [client]:
            await self._hold(client)
        back = await asyncio.gather(*(self._viewer() for _ in range(dropped)))
        truth = await asyncio.to_thread(_seats_of, self._flight.pk)
        await _until(lambda: all(viewer.map == truth for viewer in back))
        whole = sum(viewer.map == truth for viewer in back)
        self._say("browsers that did not read, dropped", f"{dropped} of {count}")
        self._say("memory of the web process meanwhile", f"{grown:.0f} MB")
        self._say("came back and had the whole map", f"{whole} of {dropped}")
        _close([*slow, *back])

    async def stop(self) -> None:
        """Stop the web process while everybody looks."""
        looking = [viewer for viewer in self.viewers if not viewer.closed_at]
        started = time.perf_counter()
        await asyncio.to_thread(self._stack.stop, "web")
        stopped = time.perf_counter() - started
        await _until(lambda: all(viewer.closed_at for viewer in looking))
        last = max(viewer.closed_at for viewer in looking) - started
        self._say(
            f"a stop of the web process ended {len(looking):,} streams within",
            f"{last:.1f} s, and the process in {stopped:.1f} s",
        )

    def table(self) -> str:
        width = max(len(name) for name, _ in self.lines)
        lines = [("what", "seen"), ("-" * width, "---"), *self.lines]
        return "\n".join(f"| {name.ljust(width)} | {value} |" for name, value in lines)

    async def _viewer(self, query: str = "", buffer: int = 0) -> Viewer:
        path = f"/live/flights/{self._flight.pk}/{query}"
        own = socket.socket()
        if buffer:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        own.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(own, ("127.0.0.1", self._stack.port))
        _, viewer = await loop.create_connection(lambda: Viewer(path), sock=own)
        return viewer

    def _know(self, changes: int) -> bool:
        return all(viewer.changes >= changes for viewer in self.viewers)

    async def _hold(self, client: Client) -> None:
        order = {"flightId": str(self._flight.pk), "seats": [next(self._seats)]}
        await client.post("/api/orders", order, status=201)

    def _memory(self) -> float:
        return memory(self._stack.pids["web"]).all

    def _say(self, what: str, seen: str) -> None:
        print(f"{what}: {seen}", flush=True)
        self.lines.append((what, seen))


def main() -> None:
    parser = argparse.ArgumentParser(prog="make viewers", description=__doc__)
    parser.add_argument("--viewers", type=int, default=2000)
    parser.add_argument("--changes", type=int, default=40)
    parser.add_argument("--slow", type=int, default=50, help="so many more stop reading")
    arguments = parser.parse_args()
    try:
        _allow_files(2 * (arguments.viewers + arguments.slow) + 500)
        lock = environment.prepare()
        os.environ["WEB_PROCESSES"] = "1"
        django.setup()
        # Models can be read only now.
        from tests.load.report import machine
        from tests.load.run import start_servers
        from tests.load.stack import Stack
        from tests.people import a_flight

        start_servers()
        with Stack("web") as stack:
            maps = Maps(stack, a_flight("ZV100"))
            asyncio.run(_run(maps, arguments))
        print(f"\n{maps.table()}\n\nOn {machine()}")
        os.close(lock)
    except environment.Refused as refused:
        sys.exit(str(refused))


async def _run(maps: Maps, arguments: argparse.Namespace) -> None:
    await maps.open(arguments.viewers)
    await maps.change(arguments.changes)
    await maps.stop_reading(arguments.slow)
    await maps.stop()


def _allow_files(count: int) -> None:
    """Every stream is an open file, in this process and in the web server that it starts."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if count > most:
        raise environment.Refused(f"{count} open files are needed, and {most} are allowed.")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(count, 1024), most))


def _seats_of(flight_id: int) -> dict[str, str]:
    from bookings.seats.seat_map import owned_seats

    return {seat: str(status) for seat, status in owned_seats(flight_id).items()}


async def _until(condition: Callable[[], bool]) -> None:
    """Wait for it, but not for ever: what is missing then shows in the figures."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition() and time.monotonic() < deadline:
        await asyncio.sleep(0.01)


def _close(viewers: Sequence[Viewer]) -> None:
    for viewer in viewers:
        viewer.transport.close()


if __name__ == "__main__":
    main()
