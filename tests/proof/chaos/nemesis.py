"""Who breaks things: one fault after the other, out of a deck that is shuffled by the seed.

Every fault of the deck is dealt before any comes again. What a fault took away it gives back
after a while, so that faults overlap; `heal` gives everything back at once.
"""

import os
import random
import signal
import socket
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from bookings.models import Booking
from flightbooking import processes
from flightbooking.local.server import LocalServer
from tests.proof.stage import Stage, end_at_once

# A worker with that much of a wrong clock, ahead or behind.
CLOCK_OFF = timedelta(minutes=10)
REDIS_AWAY_SECONDS = 2.5
TASKS = 20
# About one fault so often, if that leaves time for each of them once.
FAULT_SECONDS = 3
# When the time is over, for what could not be dealt before.
LAST_FAULTS_SECONDS = 20
BROKER_AWAY = (RedisError, OperationalError, OSError)


class Nemesis(threading.Thread):
    """Deals all its faults once or more within `seconds`, evenly."""

    def __init__(self, stage: Stage, *, seed: int, seconds: float, power_cuts: bool) -> None:
        super().__init__(name="nemesis")
        self.dealt: Counter[str] = Counter()
        self.error: BaseException | None = None
        self._stage, self._seconds = stage, seconds
        self._random = random.Random(seed)
        self._over = threading.Event()
        self._later: list[threading.Timer] = []
        self._guests: list[processes.Process] = []
        self._faults = self._deck(power_cuts=power_cuts)

    def _deck(self, *, power_cuts: bool) -> dict[str, Callable[[], bool]]:
        deck: dict[str, Callable[[], bool]] = {
            **{f"kill -9 {name}": partial(self._kill, name) for name in self._stage.names},
            "a worker stopped past its lease": self._stop_worker,
            "Postgres restarted": partial(self._restart, self._stage.postgres),
            "kill -9 Postgres": partial(self._end, self._stage.postgres),
            "a worker ten minutes ahead": partial(self._clock, CLOCK_OFF),
            "a worker ten minutes behind": partial(self._clock, -CLOCK_OFF),
        }
        if not self._stage.redis_off:
            deck |= {
                "FLUSHALL": self._flush,
                "kill -9 Redis": partial(self._end, self._stage.redis),
                "Redis paused": self._pause_redis,
                "Redis restarted": partial(self._restart, self._stage.redis),
                "tasks twice and late": self._tasks_again,
            }
        if power_cuts:
            deck["kill -9 everything"] = self._cut_power
        return deck

    def run(self) -> None:
        rounds = max(1, round(self._seconds / len(self._faults) / FAULT_SECONDS))
        pause = self._seconds / (rounds * len(self._faults))
        try:
            for _ in range(rounds):
                deck = list(self._faults)
                self._random.shuffle(deck)
                while deck:
                    if self._over.wait(pause):
                        return
                    self._deal(deck)
        except BaseException as error:
            self.error = error
        finally:
            connection.close()

    def _deal(self, deck: list[str]) -> None:
        """The first fault of the deck that can be dealt now; others wait for their turn."""
        for fault in deck:
            if self._faults[fault]():
                self.dealt[fault] += 1
                deck.remove(fault)
                return

    def missed(self) -> list[str]:
        """Faults that were never dealt, because what they break was never there."""
        return [f"never dealt: {fault}" for fault in self._faults.keys() - self.dealt.keys()]

    def heal(self) -> None:
        """No more faults, and nothing that is still taken away."""
        self.join(timeout=LAST_FAULTS_SECONDS)
        self._over.set()
        self.join()
        # Who was stopped is stopped for as long as it should be.
        for timer in self._later:
            timer.join()
        for name in ("work", "timers"):
            self._stage.signal(name, signal.SIGCONT)
        if not self._stage.redis_off:
            self._stage.redis.send(signal.SIGCONT)
        for guest in self._guests:
            processes.kill(guest)
        self._stage.wait()
        if self.error:
            raise self.error

    # --- Processes ---------------------------------------------------------------------------
    def _kill(self, name: str) -> bool:
        return self._stage.signal(name, signal.SIGKILL)

    def _stop_worker(self) -> bool:
        """It goes on when its payments have been taken up by others."""
        group = self._stage.groups()["work"]
        seconds = settings.PAYMENT_LEASE_SECONDS + 1
        self._after(seconds, lambda: _send(group, signal.SIGCONT))
        return self._stage.signal("work", signal.SIGSTOP)

    def _clock(self, off: timedelta) -> bool:
        """One more worker beside the right one; it stays."""
        python, _m, module, *arguments = processes.commands()["work"]
        name = "ahead" if off > timedelta(0) else "behind"
        arguments[arguments.index("work@%h")] = f"{name}{len(self._guests)}@{socket.gethostname()}"
        clock = [python, "-m", "tests.proof.chaos.clock", str(off.total_seconds())]
        log = self._stage.var_dir / "log" / f"{name}.log"
        self._guests.append(processes.spawn([*clock, module, *arguments], log=log))
        return True

    def _cut_power(self) -> bool:
        self._stage.cut_power()
        self._stage.start()
        return True

    # --- Servers -----------------------------------------------------------------------------
    def _end(self, server: LocalServer) -> bool:
        return end_at_once(server)

    def _restart(self, server: LocalServer) -> bool:
        """It ends cleanly; the supervisor starts it again."""
        if server.pid() is None:
            return False
        server.send(server.gentle_stop)
        return True

    def _pause_redis(self) -> bool:
        """Connections are taken, and nothing is answered."""
        self._stage.redis.send(signal.SIGSTOP)
        self._after(REDIS_AWAY_SECONDS, lambda: self._stage.redis.send(signal.SIGCONT))
        return True

    def _flush(self) -> bool:
        return self._stage.redis.ask(b"FLUSHALL\r\n") == b"+OK\r\n"

    # --- Tasks -------------------------------------------------------------------------------
    def _tasks_again(self) -> bool:
        """For bookings of any state: now, now again, and later, on both queues."""
        with suppress(DatabaseError, *BROKER_AWAY):
            ids = list(Booking.objects.order_by("?").values_list("pk", flat=True)[:TASKS])
            for booking_id in ids:
                for task, queue in (
                    ("bookings.take_due", "work"),
                    ("bookings.expire_due", "timers"),
                ):
                    for countdown in (None, None, 3):
                        current_app.send_task(
                            task,
                            args=[str(booking_id)],
                            queue=queue,
                            countdown=countdown,
                            retry=False,
                        )
            return bool(ids)
        connection.close()
        return False

    def _after(self, seconds: float, act: Callable[[], object]) -> None:
        timer = threading.Timer(seconds, act)
        timer.daemon = True
        timer.start()
        self._later.append(timer)


def _send(group: int, number: signal.Signals) -> None:
    if group:
        with suppress(ProcessLookupError):
            os.killpg(group, number)
