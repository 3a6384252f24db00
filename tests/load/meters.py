"""What processes cost, read from Linux's /proc: CPU time and memory, children included."""

import os
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


def cpu_seconds(pid: int) -> float:
    """CPU time of a process and all that descend from it, those that ended included."""
    stats = _all_stats()
    family = _descendants(pid, stats)
    # utime, stime and, of children that have ended and were waited for, cutime and cstime.
    return sum(sum(map(int, stats[member][11:15])) for member in family) / TICKS_PER_SECOND


@dataclass(frozen=True)
class Memory:
    """MB in use. `all` counts what processes share once; `shared` is its shared memory."""

    all: float
    shared: float

    def __sub__(self, other: "Memory") -> "Memory":
        return Memory(self.all - other.all, self.shared - other.shared)

    def __add__(self, other: "Memory") -> "Memory":
        return Memory(self.all + other.all, self.shared + other.shared)


def memory(pid: int) -> Memory:
    """The memory (PSS) of a process and all that descend from it."""
    return sum(map(_memory_of, _descendants(pid, _all_stats())), Memory(0, 0))


def most_memory(pid: int) -> float:
    """MB that this process had at most so far; 0 if it is gone."""
    text = ""
    with suppress(FileNotFoundError, ProcessLookupError):
        text = (PROC / str(pid) / "status").read_text()
    most = re.search(r"^VmHWM:\s+(\d+) kB", text, re.M)
    return int(most[1]) / 1000 if most else 0


def _memory_of(pid: int) -> Memory:
    text = ""
    with suppress(FileNotFoundError, ProcessLookupError):
        text = (PROC / str(pid) / "smaps_rollup").read_text()
    megabytes = {name: int(kb) / 1000 for name, kb in re.findall(r"^(\w+): +(\d+) kB", text, re.M)}
    return Memory(megabytes.get("Pss", 0), megabytes.get("Pss_Shmem", 0))


def _all_stats() -> dict[int, list[str]]:
    """The fields of /proc/<pid>/stat behind the name: [0] is the state, [1] the parent."""
    stats = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            with suppress(FileNotFoundError, ProcessLookupError):
                stats[int(folder.name)] = (folder / "stat").read_text().rpartition(")")[2].split()
    return stats


def _descendants(pid: int, stats: Mapping[int, list[str]]) -> Iterator[int]:
    """The process itself first; nobody if it is gone."""
    children = defaultdict(list)
    for child, stat in stats.items():
        children[int(stat[1])].append(child)
    family = [pid] if pid in stats else []
    for member in family:
        family.extend(children[member])
    yield from family


def busy_seconds() -> float:
    """CPU time that this machine's processors have spent on anything, since it started."""
    fields = (PROC / "stat").read_text().split("\n", 1)[0].split()[1:9]
    user, nice, system, _idle, _iowait, irq, softirq, _steal = map(int, fields)
    return (user + nice + system + irq + softirq) / TICKS_PER_SECOND


@dataclass(frozen=True)
class Usage:
    """CPU seconds of each part of the stack over `seconds`, and of whoever else was there."""

    seconds: float
    by_part: Mapping[str, float]
    load_generator: float
    others: float

    @property
    def stack(self) -> float:
        return sum(self.by_part.values())


class Stopwatch:
    """Counts CPU time of processes from its making on."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self._started = time.monotonic()
        self._before = self._now()

    def read(self) -> Usage:
        """What was used since the start."""
        seconds = time.monotonic() - self._started
        now = self._now()
        used = {name: now[name] - before for name, before in self._before.items()}
        everybody, own = used.pop("everybody"), used.pop("own")
        others = everybody - own - sum(used.values())
        return Usage(seconds, used, load_generator=own, others=max(0.0, others))

    def _now(self) -> dict[str, float]:
        parts = {name: cpu_seconds(pid) for name, pid in self._pids.items()}
        return parts | {"everybody": busy_seconds(), "own": time.process_time()}


class Others:
    """Counts what was not ours from its making on: nor of what we started, nor of these servers."""

    def __init__(self, servers: Iterable[int]) -> None:
        self._ours = (os.getpid(), *servers)
        self._started, self._before = time.monotonic(), self._now()

    def cores(self) -> float:
        """As many processors were busy with it, on average."""
        seconds = time.monotonic() - self._started
        return max(0.0, self._now() - self._before) / seconds

    def _now(self) -> float:
        return busy_seconds() - sum(map(cpu_seconds, self._ours))


def spread(values: Iterable[float], *, percent: int) -> float:
    """The value that so many per cent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
