"""What `make test-guards` takes out is there: found at once, and not after all of it ran."""

from tests.environment import BASE_DIR
from tests.proof.guard_table import GUARDS


def test_each_guard_is_where_the_table_says() -> None:
    patches = {patch for guard in GUARDS.values() for patch in guard.patches}
    found = {patch: (BASE_DIR / patch.file).read_text().count(patch.old) for patch in patches}
    assert {patch for patch, count in found.items() if count != 1} == set()
