"""A short `make chaos`: every fault once, on the whole stack, in a folder of its own."""

import subprocess
import sys
from pathlib import Path
from time import time as time_now

import pytest

from flightbooking.processes import BASE_DIR

pytestmark = pytest.mark.xdist_group("chaos")

SHORT = ("--seconds", "9", "--seed", "1", "--no-power-cuts")


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
    asked = "import time; from datetime import UTC, datetime; print(time.time());"
    asked += "print(datetime.now(UTC).timestamp(), isinstance(datetime.min, datetime))"
    code = f"from tests.proof.chaos.clock import shift; shift(600); {asked}"
    said = subprocess.check_output([sys.executable, "-c", code], cwd=BASE_DIR, text=True).split()
    assert [float(time) - time_now() == pytest.approx(600, abs=60) for time in said[:2]] == [
        True,
        True,
    ]
    assert said[2] == "True"
