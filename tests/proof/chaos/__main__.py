"""`make chaos`, see `tests.proof.chaos`."""

import argparse
import logging
import sys
from pathlib import Path

import django

from flightbooking.processes import BASE_DIR
from tests.proof import stage

# Everything is quick, so that much can go wrong in little time; only the sweeps' and the
# leases' lengths against each other are as in `make run`.
QUICK = {
    "SEAT_HOLD_SECONDS": "4",
    "HOLD_LIMIT_SECONDS": "10",
    "PAYMENT_TIMEOUT_SECONDS": "1",
    "PAYMENT_LATENCY_SECONDS": "0-0.4",
    "PAYMENT_RETRY_SECONDS": "0.3",
    "PAYMENT_FAILURE_RATE": "0.3",
    "SWEEP_SECONDS": "1",
    "LOG_LEVEL": "WARNING",
}


def main() -> None:
    arguments = _arguments()
    stage.prepare(arguments.folder, QUICK, redis_off=arguments.redis_off)
    django.setup()
    stage.keep_commit_times(arguments.folder)
    logging.disable(logging.WARNING)
    # Models can be read only now.
    from tests.proof.chaos.run import run

    with stage.running(arguments.folder) as stack:
        report = run(
            stack, seconds=arguments.seconds, seed=arguments.seed, power_cuts=arguments.power_cuts
        )
    print(report.text())
    sys.exit(1 if report.violations else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of travelling under fire")
    parser.add_argument("--seed", type=int, default=1, help="of every die that is thrown")
    parser.add_argument("--redis-off", action="store_true", help="from start to end")
    parser.add_argument(
        "--no-power-cuts", dest="power_cuts", action="store_false", help="end never all at once"
    )
    parser.add_argument("--folder", type=Path, default=BASE_DIR / "var" / "chaos")
    return parser.parse_args()


if __name__ == "__main__":
    main()
