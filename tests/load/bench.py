"""`make bench`: what the whole stack does, in one table; written to docs/benchmarks.md.

Starts a stack of its own under var/bench, drives it over HTTP, and stops it again whatever
happens. Ends with `check_bookings`: figures of a system that lost a seat are worth nothing.
"""

import argparse
import os
import shlex
import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType

import django

from flightbooking.processes import BASE_DIR
from tests.load import environment

PAGE = BASE_DIR / "docs" / "benchmarks.md"
# In the order of the table.
WORKS = ("bookings", "holds", "rush", "map", "due", "idle", "search", "import")


def main() -> None:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _leave)
    started, load = time.monotonic(), os.getloadavg()[0]
    try:
        lock = environment.prepare()
        django.setup()
        # Models can be read only now.
        from tests.load import run

        report = run.measure(arguments.only, quick=arguments.quick)
        os.close(lock)
    except environment.Refused as refused:
        sys.exit(str(refused))
    except KeyboardInterrupt:
        sys.exit("Stopped.")
    print(f"\n{report.text()}")
    if not arguments.quick and arguments.only == WORKS:
        from tests.load.report import page

        seconds = time.monotonic() - started
        PAGE.write_text(page(report, command=_command(), seconds=seconds, load=load))
        print(f"\nWritten to {environment.short(PAGE)}.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less of everything, to try it out")
    parser.add_argument(
        "--only",
        type=_works,
        default=WORKS,
        metavar="WORK,…",
        help=f"some of {', '.join(WORKS)}; only a full run is written down",
    )
    return parser.parse_args()


def _works(text: str) -> Sequence[str]:
    chosen = text.split(",")
    if unknown := set(chosen) - set(WORKS):
        raise argparse.ArgumentTypeError(f"There is no {', '.join(sorted(unknown))}.")
    return tuple(work for work in WORKS if work in chosen)


def _command() -> str:
    given = shlex.join(sys.argv[1:])
    return f"make bench ARGS={shlex.quote(given)}" if given else "make bench"


def _leave(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
