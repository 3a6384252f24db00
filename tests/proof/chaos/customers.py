"""Thirty people who want the same seats, over HTTP; each writes down what it was told and when.

Whatever goes wrong on the way, a customer does what people do: tries again, or begins anew.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.load.client import Answer, Client
from tests.proof.histories import Told

WANTED = [f"{row}{letter}" for row in range(1, 7) for letter in "ABCD"]
CODES = ("00000", "00000", "12345", "12345", "99999", "11111")
ANSWER_SECONDS = 10
LOOK_SECONDS = 0.3
# Somebody who waits longer for a payment goes away and lets the booking be.
PATIENCE_SECONDS = 12
BROKEN = (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


@dataclass
class Record:
    """What all customers were told."""

    told: list[Told] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    lost: int = 0


class Customer:
    """One of them."""

    def __init__(self, name: str, port: int, flights: Sequence[int], seed: int) -> None:
        self.record = Record()
        self._name, self._port, self._flights = name, port, flights
        self._random = random.Random(f"{seed} {name}")
        self._over = 0.0
        self._client: Client | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def live(self, seconds: float) -> None:
        """Book, and book again, until the time is over; everybody moves on to the next flight."""
        started = time.monotonic()
        self._over = started + seconds
        while (passed := time.monotonic() - started) < seconds:
            part = int(len(self._flights) * passed / seconds)
            await self._book(self._flights[part])
            await asyncio.sleep(self._random.uniform(0.1, 0.5))
        if self._writer:
            self._writer.close()

    async def _book(self, flight: int) -> None:
        body = {"flightId": str(flight), "seats": self._seats(), "fare": self._fare()}
        held = await self._call("POST", "/api/orders", flight, body)
        if held is None or held.status != 201:
            return
        order = held.json()["orderId"]
        if self._random.random() < 0.4:
            await asyncio.sleep(self._random.uniform(0, 0.5))
            body = {"seats": self._seats()}
            await self._call("PUT", f"/api/orders/{order}/seats", flight, body, order)
        if self._random.random() < 0.3:
            body = {"fare": self._fare()}
            await self._call("PUT", f"/api/orders/{order}/fare", flight, body, order)
        what = self._random.random()
        if what < 0.55:
            seats = await self._pay(order, flight)
            if seats and what < 0.25:
                await self._change(order, flight, len(seats))
            if seats and 0.15 < what < 0.35:
                await self._give_back(order, flight, seats)
            if seats and what > 0.2:
                await self._answer(order, flight)
        elif what < 0.75:
            await self._call("DELETE", f"/api/orders/{order}", flight, order=order)

    async def _pay(self, order: str, flight: int) -> list[str]:
        """The seats that are paid for, if they are."""
        body = {"paymentCode": self._random.choice(CODES)}
        for _ in range(self._random.choice((1, 1, 2))):
            await self._call("POST", f"/api/orders/{order}/pay", flight, body, order)
        until = min(time.monotonic() + PATIENCE_SECONDS, self._over)
        while time.monotonic() < until:
            await asyncio.sleep(LOOK_SECONDS)
            answer = await self._call("GET", f"/api/orders/{order}/status", flight, order=order)
            if answer and answer.status == 200 and answer.json()["status"] != "PAYMENT_PROCESSING":
                said = answer.json()
                return list(said["seats"]) if said["status"] == "CONFIRMED" else []
        return []

    async def _change(self, order: str, flight: int, count: int) -> None:
        """Wants other seats for what is paid, and pays for them, or thinks better of it."""
        address = f"/api/orders/{order}/changes"
        body = {"seats": self._random.sample(WANTED, count)}
        started = await self._call("POST", address, flight, body, order)
        if started is None or started.status != 201:
            return
        change = f"{address}/{started.json()['changeId']}"
        await asyncio.sleep(self._random.uniform(0, 0.5))
        if self._random.random() < 0.2:
            await self._call("DELETE", change, flight, order=order)
            return
        code = {"paymentCode": self._random.choice(CODES)}
        for _ in range(self._random.choice((1, 1, 2))):
            await self._call("POST", f"{change}/pay", flight, code, order)

    async def _give_back(self, order: str, flight: int, seats: list[str]) -> None:
        """Wants the money back for some seats of what is paid, or for all."""
        address = f"/api/orders/{order}/cancellation"
        body = self._random.choice(({}, {"seats": seats[:1]}))
        quote = await self._call("POST", address, flight, body, order)
        if quote and quote.status == 201:
            confirm = f"{address}/{quote.json()['quoteId']}/confirm"
            for _ in range(self._random.choice((1, 2))):
                await self._call("POST", confirm, flight, {}, order)

    async def _answer(self, order: str, flight: int) -> None:
        """Says what becomes of what is paid, if its flight has changed meanwhile."""
        address = f"/api/orders/{order}/disruption"
        asked = await self._call("GET", address, flight, order=order)
        if asked is None or asked.status != 200 or not asked.json()["isOpen"]:
            return
        others = [other["flightId"] for other in asked.json()["flights"]]
        answers = [
            {"answer": "accept"},
            {"answer": "refund"},
            *({"answer": "other_flight", "flightId": other} for other in others),
        ]
        answer = self._random.choice(answers)
        for _ in range(self._random.choice((1, 2))):
            await self._call("POST", address, flight, answer, order)

    async def _call(
        self, method: str, path: str, flight: int, body: Any = None, order: str = ""
    ) -> Answer | None:
        """The answer, written down; nothing when it got lost on its way."""
        started = time.time()
        answer: Answer | None = None
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                client = self._client or await self._connect()
                answer = await client.ask(method, path, body)
        except BROKEN:
            self._client = None
            self.record.lost += 1
            await asyncio.sleep(0.2)
        else:
            self.record.statuses[answer.status] += 1
        told = _what_it_says(answer, flight) if answer else {}
        self.record.told.append(
            Told(self._name, started, time.time(), **{"booking": order, **told})
        )
        return answer

    async def _connect(self) -> Client:
        if self._writer:
            self._writer.close()
        reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._client = Client(reader, self._writer)
        return self._client

    def _seats(self) -> list[str]:
        return self._random.sample(WANTED, self._random.randint(1, 3))

    def _fare(self) -> str:
        return self._random.choice(("light", "standard", "flex"))


def travel(port: int, flights: Sequence[int], *, count: int, seconds: float, seed: int) -> Record:
    """Let so many customers live for so long; what they were told."""
    customers = [Customer(f"customer {n}", port, flights, seed) for n in range(count)]

    async def everybody() -> None:
        await asyncio.gather(*(each.live(seconds) for each in customers))

    asyncio.run(everybody())
    record = Record()
    for each in customers:
        record.told += each.record.told
        record.statuses += each.record.statuses
        record.lost += each.record.lost
    return record


def _what_it_says(answer: Answer, flight: int) -> dict[str, Any]:
    """What the history's checker wants to know of an answer."""
    with suppress(ValueError):
        said = answer.json()
        if answer.status == 409:
            return {"refused": _named(flight, said.get("seats", ()))}
        # Of changes, quotes and answers nothing is told but by whom their seats are refused.
        is_order = {"orderId", "expiresAt"} <= said.keys()
        if answer.status in (200, 201) and is_order and said["status"] in HOLDING:
            # Paid for, nobody tells until when; that it has them at this moment is enough.
            expires = said["expiresAt"]
            until = datetime.fromisoformat(expires).timestamp() if expires else 0
            held = _named(flight, said["seats"])
            wrote = "timerRemaining" not in said
            return {"booking": said["orderId"], "held": held, "expires": until, "wrote": wrote}
    return {}


HOLDING = ("SEATS_RESERVED", "PAYMENT_PROCESSING", "CONFIRMED")


def _named(flight: int, seats: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{flight}:{seat}" for seat in seats)
