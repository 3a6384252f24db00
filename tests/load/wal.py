"""What Postgres wrote ahead: how many transactions, how many bytes, counted from the log itself."""

import re
from typing import NamedTuple

from tests.load.databases import ask, output, program


class Written(NamedTuple):
    """Transactions that wrote something, and the bytes of their records.

    `images` are the whole pages that Postgres adds when a page is first touched after a
    checkpoint; how many that are depends on the run's length and not on the work.
    """

    commits: int
    records: int
    images: int


class Log:
    """The write-ahead log from its making on, which begins with a checkpoint."""

    def __init__(self) -> None:
        ask("CHECKPOINT")
        self._start = _position()

    def read(self) -> Written:
        """What was written since the start."""
        return _parse(self._dump(_position()))

    def _dump(self, end: str) -> str:
        where = f"--path={ask('SHOW data_directory')}/pg_wal"
        region = [f"--start={self._start}", f"--end={end}"]
        return output(program("pg_waldump"), "--stats=record", where, *region)


def _parse(statistics: str) -> Written:
    """Each line: type, count, (%), bytes of records, (%), of page images, (%), of both, (%)."""
    commits = re.search(r"^Transaction/COMMIT +(\d+)", statistics, re.M)
    numbers = re.search(r"^Total +\d+ +(\d+) \[.*?\] +(\d+)", statistics, re.M)
    assert numbers, statistics
    return Written(int(commits[1]) if commits else 0, int(numbers[1]), int(numbers[2]))


def _position() -> str:
    return ask("SELECT pg_current_wal_flush_lsn()")
