"""Run a module with its clock shifted: `python -m tests.proof.chaos.clock SECONDS MODULE …`.

Only what Python code is told is wrong, which is all that a worker could go by; its sleeps and
time-outs last as long as ever.
"""

import datetime
import runpy
import sys
import time
from datetime import datetime as Real  # noqa: N812 - its name is about to mean another class
from typing import Any

_real_time = time.time


class _LikeTheReal(type):
    """What C code makes is of the real class, and counts all the same."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Real)


def shift(seconds: float) -> None:
    """Before anything else has taken `datetime` or `time` by name."""
    by = datetime.timedelta(seconds=seconds)

    class Shifted(Real, metaclass=_LikeTheReal):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return Real.now(tz) + by

        @classmethod
        def utcnow(cls) -> Any:
            return Real.now(datetime.UTC).replace(tzinfo=None) + by

    datetime.datetime = Shifted  # type: ignore[misc]
    time.time = lambda: _real_time() + seconds


def main() -> None:
    shift(float(sys.argv[1]))
    module = sys.argv[2]
    sys.argv = sys.argv[2:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
