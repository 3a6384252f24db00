"""What every work of the benchmark is given: the stack, seats to sell, and sizes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched, islice, zip_longest
from typing import NamedTuple

from django.utils import timezone

from bookings.models import Booking, State
from flights.models import Flight
from tests.load.alone import PostgresAlone
from tests.load.client import Client, connected
from tests.load.stack import Stack

# Customers are spread over so many flights at a time.
FLIGHTS_AT_ONCE = 40


@dataclass(frozen=True)
class Sizes:
    """How much of everything; the defaults are the issue's, for `--quick` it is less."""

    bookings: int = 1500
    holds: int = 2000
    open_holds: int = 10_000
    due_together: int = 1000
    rushes: int = 5
    map_reads: int = 200
    calm_seconds: float = 5
    idle_seconds: float = 20
    few_flights: int = 10_000
    many_flights: int = 1_000_000
    search_rounds: int = 40
    imported: int = 1_000_000
    alone: int = 8000


QUICK = Sizes(
    bookings=150,
    holds=200,
    open_holds=500,
    due_together=100,
    rushes=2,
    map_reads=50,
    calm_seconds=1,
    idle_seconds=3,
    many_flights=50_000,
    search_rounds=10,
    imported=50_000,
    alone=1600,
)


class FreeSeat(NamedTuple):
    """A seat that nobody has had yet."""

    flight_id: int
    seat: str

    @property
    def order(self) -> dict[str, object]:
        """The body of POST /api/orders."""
        return {"flightId": str(self.flight_id), "seats": [self.seat]}


@dataclass
class Setting:
    """Lives as long as the run."""

    stack: Stack
    sizes: Sizes
    alone: PostgresAlone

    def __post_init__(self) -> None:
        self._seats = _free_seats()

    def seats(self, count: int) -> list[FreeSeat]:
        """So many seats that nobody has had, spread over many flights."""
        return list(islice(self._seats, count))

    def drive[T](self, clients: int, work: Callable[[list[Client]], Awaitable[T]]) -> T:
        """What `work` returns when given so many connected clients."""

        async def run() -> T:
            async with connected(self.stack.port, clients) as connections:
                return await work(connections)

        return asyncio.run(run())

    def hold(self, seats: list[FreeSeat], *, clients: int = 8) -> None:
        """Hold each of these seats by an order of its own, over HTTP."""
        queue = iter(seats)

        async def one(client: Client) -> None:
            for seat in queue:
                await client.post("/api/orders", seat.order, status=201)

        async def everybody(connections: list[Client]) -> None:
            await asyncio.gather(*map(one, connections))

        self.drive(clients, everybody)

    def hold_until_open(self, count: int) -> None:
        """Add holds until so many are open."""
        missing = count - Booking.objects.filter(state=State.SEATS_RESERVED).count()
        self.hold(self.seats(max(0, missing)))


def _free_seats() -> Iterator[FreeSeat]:
    later = timezone.now() + timedelta(days=2)
    flights = Flight.objects.select_related("layout").filter(departure__gt=later).order_by("id")
    for group in batched(flights, FLIGHTS_AT_ONCE):
        cabins = [[FreeSeat(f.pk, seat) for seat in f.layout.parsed.seats] for f in group]
        for across in zip_longest(*cabins):
            yield from (seat for seat in across if seat)
