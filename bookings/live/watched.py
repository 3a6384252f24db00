"""A flight or a booking that somebody looks at."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from bookings.live.publish import Change
from bookings.live.viewer import Viewer, event

# Changes that come within this time are one message.
GATHER_SECONDS = 0.01


class Watched:
    """Who looks, and whether Redis tells us what changes."""

    def __init__(self) -> None:
        self.viewers: set[Viewer] = set()
        self.is_heard = asyncio.Event()

    def hear(self, change: Change) -> None:
        """Something changed; as `publish` says it."""
        raise NotImplementedError

    def catch_up(self) -> None:
        """Something may have changed, and nobody knows what."""
        raise NotImplementedError

    def tell(self, name: str, data: object) -> None:
        """An event for every viewer."""
        message = event(name, data)
        for viewer in self.viewers:
            if viewer.has_begun:
                viewer.tell(message)


class WatchedBooking(Watched):
    """Its viewers are told its version, and ask for the rest."""

    def hear(self, change: Change) -> None:
        self.tell("booking", change)

    def catch_up(self) -> None:
        self.tell("booking", None)


class WatchedFlight(Watched):
    """Its seats are read once however many look, and the difference is told."""

    def __init__(self, read: Callable[[], Awaitable[dict[str, str] | None]]) -> None:
        super().__init__()
        self.seats: dict[str, str] = {}
        self.is_known = asyncio.Event()
        self._changed = asyncio.Event()
        self._read = read

    def hear(self, change: Change) -> None:
        if change is not None:
            self.tell("flight", change)
        self.catch_up()

    def catch_up(self) -> None:
        self._changed.set()

    async def keep_looking(self, seconds: Callable[[], float]) -> None:
        """Read, tell the difference, and wait for a change, `seconds` at the longest."""
        while True:
            self._changed.clear()
            seats = await self._read()
            if seats is not None:
                self._show(seats)
                self.is_known.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), seconds())
            await asyncio.sleep(GATHER_SECONDS)

    def _show(self, seats: dict[str, str]) -> None:
        changed = {
            seat: seats.get(seat, "available")
            for seat in seats.keys() | self.seats.keys()
            if seats.get(seat) != self.seats.get(seat)
        }
        self.seats = seats
        if not changed:
            return
        message = event("seats", changed)
        for viewer in self.viewers:
            if viewer.has_map:
                viewer.tell(message)
