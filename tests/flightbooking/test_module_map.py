"""docs/architecture.md says of every module what it is for, in the module's own words."""

from tests import module_map


def test_the_map_is_as_the_code_is() -> None:
    assert module_map.written() == module_map.drawn(), "python -m tests.module_map writes it anew"


def test_every_module_says_what_it_is_for() -> None:
    lines = module_map.drawn().splitlines()
    assert [line for line in lines if line.endswith(("`: ", "`** "))] == []
