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
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import django

from flightbooking.processes import BASE_DIR
from tests.load import environment

if TYPE_CHECKING:
    from tests.load.report import Report

PAGE = BASE_DIR / "docs" / "benchmarks.md"
# In the order of the table. The last takes long, so it has to be asked for.
ALL = (
    *("bookings", "wait", "pages", "holds", "rush", "map", "due", "idle", "search"),
    *("import", "sweep", "doubled", "growth"),
)
USUAL = ALL[:-1]


def main() -> None:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _leave)
    started, load = time.monotonic(), os.getloadavg()[0]
    try:
        lock = environment.prepare()
        django.setup()
        # Models can be read only now.
        from tests.load import run, setting

        sizes = setting.sizes(quick=arguments.quick, large=arguments.large)
        report = run.measure(arguments.only, sizes)
        os.close(lock)
    except environment.Refused as refused:
        sys.exit(str(refused))
    except KeyboardInterrupt:
        sys.exit("Stopped.")
    print(f"\n{report.text()}")
    is_whole = set(USUAL) <= set(arguments.only) and not arguments.quick
    _draw(report, PAGE.parent if is_whole else environment.VAR_DIR)
    if is_whole:
        from tests.load.report import page

        seconds = time.monotonic() - started
        _write(PAGE, page(report, command=_command(), seconds=seconds, load=load))
    if report.failed:
        sys.exit(f"Failed: {', '.join(report.failed)}.")


def _draw(report: "Report", folder: Path) -> None:
    from tests.load.report import chart_file

    for name, svg in report.charts.items():
        _write(folder / chart_file(name), svg)


def _write(path: Path, text: str) -> None:
    path.write_text(text)
    print(f"Written: {environment.short(path)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less of everything, to try it out")
    parser.add_argument(
        "--only",
        type=_works,
        default=USUAL,
        metavar="WORK,…",
        help=f"some of {', '.join(ALL)}, or all; usually all but growth, which takes long. "
        "Only a run of these is written down",
    )
    parser.add_argument(
        "--large",
        action="store_true",
        help="growth: to ten times as many old bookings: ten million, which need some 20 GB",
    )
    return parser.parse_args()


def _works(text: str) -> Sequence[str]:
    chosen = ALL if text == "all" else text.split(",")
    if unknown := set(chosen) - set(ALL):
        raise argparse.ArgumentTypeError(f"There is no {', '.join(sorted(unknown))}.")
    return tuple(work for work in ALL if work in chosen)


def _command() -> str:
    given = shlex.join(sys.argv[1:])
    return f"make bench ARGS={shlex.quote(given)}" if given else "make bench"


def _leave(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
