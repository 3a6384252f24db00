"""The tests are tested: each guard is taken out of a throw-away copy, and some test must notice.

`make test-guards` runs this; `make test` does not, because of its name.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environment import BASE_DIR, with_database
from tests.proof.guard import Guard, Patch
from tests.proof.guard_table import GUARDS

# A copy has its own servers and caches, and needs no pictures.
LEFT_OUT = shutil.ignore_patterns(".*", "var", "__pycache__", "docs", "load", "browser")
FAILED = 1
SECONDS = 120


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The source tree, to be spoiled."""
    place = tmp_path / "source"
    shutil.copytree(BASE_DIR, place, ignore=LEFT_OUT)
    return place


@pytest.mark.parametrize("what", GUARDS)
def test_a_guard_that_is_taken_out_is_missed(what: str, copy: Path) -> None:
    guard = GUARDS[what]
    for patch in guard.patches:
        take_out(patch, copy)
    code, said = run_tests(guard, copy)
    assert code == FAILED, f"Nobody misses {what}:\n{said}"
    assert "failed" in said.splitlines()[-1], said


def test_with_every_guard_in_place_the_same_tests_pass(copy: Path) -> None:
    tests = sorted({test for guard in GUARDS.values() for test in guard.tests})
    code, said = run_tests(Guard((), tuple(tests)), copy)
    assert code == 0, said


def take_out(patch: Patch, copy: Path) -> None:
    file = copy / patch.file
    text = file.read_text()
    found = text.count(patch.old)
    assert found == 1, f"{patch.file} has {patch.old!r} {found} times, not once: mend guard_table"
    file.write_text(text.replace(patch.old, patch.new))


def run_tests(guard: Guard, copy: Path) -> tuple[int, str]:
    """pytest's exit code and output, in the copy, on a database of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "--tb=line", "-p", "no:cacheprovider",
         *(f"tests/{test}" for test in guard.tests)],
        cwd=copy,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def environment() -> dict[str, str]:
    """Nothing of this run but its Postgres: a Redis is started quickly, a cluster is not."""
    ours = ("TEST_", "PYTEST_", "REDIS_", "VAR_DIR", "DJANGO_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    number = os.environ.get("PYTEST_XDIST_WORKER", "main")
    slot = os.environ["TEST_SLOT"]
    return {**kept, "DATABASE_URL": with_database(f"guards_{slot}_{number}")}
