"""docs/architecture.md shows the states and the modules as the code has them."""

import pytest

from tests import drawn_docs


@pytest.mark.parametrize("name", drawn_docs.SECTIONS)
def test_the_docs_are_as_the_code_is(name: str) -> None:
    written = drawn_docs.section(name).search(drawn_docs.FILE.read_text())
    assert written, name
    assert written[0] == drawn_docs.SECTIONS[name](), "python -m tests.drawn_docs writes it anew"


def test_every_module_says_what_it_is_for() -> None:
    lines = drawn_docs.module_map().splitlines()
    assert [line for line in lines if line.endswith(("`: ", "`** "))] == []
