"""A short `make chaos`: every fault once, on the whole stack, in a folder of its own."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from flightbooking.processes import BASE_DIR

# Its own waits are bounded, each of them.
pytestmark = [pytest.mark.xdist_group("chaos"), pytest.mark.timeout(400)]

SHORT = ("--seconds", "7", "--seed", "1", "--no-power-cuts")


def test_nobody_loses_a_seat_or_a_cent_under_fire(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.proof.chaos", *SHORT, "--folder", str(tmp_path)],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "| violations" in run.stdout


def test_a_shifted_clock_is_wrong_by_as_much_as_asked() -> None:
    shifted = "from tests.proof.chaos.clock import shift; shift(600)"
    asked = "import time; from datetime import UTC, datetime; now = datetime.now(UTC).timestamp()"
    code = f"{shifted}; {asked}; print(time.time(), now, isinstance(datetime.min, datetime))"
    *times, still = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert [float(each) - time.time() for each in times] == pytest.approx([600, 600], abs=60)
    assert still == "True"
