"""What every work of the benchmark is given: the stack, seats to sell, and sizes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import batched, islice, zip_longest
from typing import NamedTuple

from django.utils import timezone

from bookings import saga
from bookings.models import HOLDING, Booking, State
from flights.models import Flight
from tests.load.alone import PostgresAlone
from tests.load.client import Answer, Client, connected
from tests.load.stack import Stack

# Customers are spread over so many flights at a time.
FLIGHTS_AT_ONCE = 40


@dataclass(frozen=True)
class Sizes:
    """How much of everything; the defaults are the issue's, for `--quick` it is less."""

    bookings: int = 1500
    waits: int = 400
    pages: int = 600
    # With each number of clients, that many times as many.
    sweep: int = 20
    # At each size of the tables, and in each round with one or two of each process.
    grown: int = 600
    doubled: int = 600
    old_bookings: Sequence[int] = (10_000, 100_000, 1_000_000)
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
    waits=60,
    pages=100,
    sweep=4,
    grown=100,
    doubled=100,
    old_bookings=(2_000, 20_000),
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


def sizes(*, quick: bool, large: bool) -> Sizes:
    """How much of everything for these flags of the command."""
    chosen = QUICK if quick else Sizes()
    more = (10 * chosen.old_bookings[-1],) if large else ()
    return replace(chosen, old_bookings=(*chosen.old_bookings, *more))


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
        later = timezone.now() + timedelta(days=2)
        flights = Flight.objects.select_related("layout").filter(departure__gt=later)
        # Read once: what fails later leaves the seats to the next work.
        self._seats = _seats_of(list(flights.order_by("id")))

    def seats(self, count: int) -> list[FreeSeat]:
        """So many seats that nobody has had, spread over many flights."""
        return list(islice(self._seats, count))

    def drive[T](self, clients: int, work: Callable[[list[Client]], Awaitable[T]]) -> T:
        """What `work` returns when given so many connected clients."""

        async def run() -> T:
            async with connected(self.stack.port, clients) as connections:
                return await work(connections)

        return asyncio.run(run())

    def for_each[T](
        self,
        seats: list[FreeSeat],
        do: Callable[[Client, FreeSeat], Awaitable[T]],
        *,
        clients: int,
    ) -> list[T]:
        """What `do` returns for each seat; each client takes the next one that is left."""
        queue = iter(seats)

        async def one_by_one(client: Client) -> list[T]:
            return [await do(client, seat) for seat in queue]

        async def everybody(connections: list[Client]) -> list[T]:
            done = await asyncio.gather(*map(one_by_one, connections))
            return [each for some in done for each in some]

        return self.drive(clients, everybody)

    def hold(self, seats: list[FreeSeat], *, clients: int = 8) -> None:
        """Hold each of these seats by an order of its own, over HTTP."""

        async def hold(client: Client, seat: FreeSeat) -> Answer:
            return await client.post("/api/orders", seat.order, status=201)

        self.for_each(seats, hold, clients=clients)

    def hold_until_open(self, count: int) -> None:
        """Add holds until so many are open."""
        missing = count - Booking.objects.filter(state=State.SEATS_RESERVED).count()
        self.hold(self.seats(max(0, missing)))

    def end_holds(self) -> None:
        """Give every open hold up: none then ends by itself while something else is measured."""
        for booking in Booking.objects.filter(state__in=HOLDING):
            saga.cancel(booking_id=booking.pk, browser_id=booking.browser_id)


def _seats_of(flights: list[Flight]) -> Iterator[FreeSeat]:
    for group in batched(flights, FLIGHTS_AT_ONCE):
        cabins = [[FreeSeat(f.pk, seat) for seat in f.layout.parsed.seats] for f in group]
        for across in zip_longest(*cabins):
            yield from (seat for seat in across if seat)
