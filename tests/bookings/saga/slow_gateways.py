"""Gateways that keep one waiting, and so are what the deadline is for."""

import time
from threading import Event
from typing import Any

from django.db import connections

from bookings.models import Booking
from bookings.payments import Answer, SimulatedGateway

# With this code the charge never comes back; with that it takes a second.
STUCK, SLOW = "77777", "55555"


class StuckGateway(SimulatedGateway):
    """Never answers some codes, and takes its time for others."""

    def charge(self, *, code: str, **asked: Any) -> Answer:
        if code == STUCK:
            Event().wait()
        if code == SLOW:
            time.sleep(1)
        return super().charge(code="00000", **asked)


class HeldUpGateway(SimulatedGateway):
    """Is held up at the verbs that the test names, until it is let go on."""

    at: tuple[str, ...] = ()
    go_on = Event()

    def charge(self, **asked: Any) -> Answer:
        self._wait("charge")
        return super().charge(**asked)

    def lookup(self, *, key: str) -> Answer | None:
        self._wait("lookup")
        return super().lookup(key=key)

    def void(self, *, key: str) -> None:
        self._wait("void")
        super().void(key=key)

    def refund(self, **about: Any) -> None:
        self._wait("refund")
        super().refund(**about)

    def _wait(self, verb: str) -> None:
        if verb in self.at:
            self.go_on.wait(10)


class NeverMadeGateway(SimulatedGateway):
    """Its class itself hangs."""

    def __init__(self) -> None:
        Event().wait(10)


class QuittingGateway(SimulatedGateway):
    """Ends the program, as a library of somebody else may."""

    def charge(self, **asked: Any) -> Answer:
        raise SystemExit(1)


class WordyGateway(SimulatedGateway):
    """Has no word for what happened that we know."""

    def charge(self, **asked: Any) -> Answer:
        return Answer("PAID")  # type: ignore[arg-type]


class QueryingGateway(SimulatedGateway):
    """Uses the database in our thread, and tells of the connection."""

    connections: list[Any] = []

    def charge(self, **asked: Any) -> Answer:
        Booking.objects.exists()
        self.connections += connections.all()
        return super().charge(**asked)
