"""docs/architecture.md names every module, and none that is gone."""

import re

from tests.environment import BASE_DIR

LEFT_OUT = ("__init__.py", "apps.py")


def modules() -> set[str]:
    """Every file of the source that says something, from the project's root."""
    files = (
        path
        for app in ("flightbooking", "bookings", "flights")
        for path in (BASE_DIR / app).rglob("*.py")
    )
    return {
        str(path.relative_to(BASE_DIR))
        for path in files
        if path.name not in LEFT_OUT and "migrations" not in path.parts
    }


def mapped() -> list[str]:
    """What stands in the map: folders as headings, files as the first word of a line below."""
    text = (BASE_DIR / "docs" / "architecture.md").read_text().partition("## Module map")[2]
    found = []
    folder = ""
    for line in text.splitlines():
        if heading := re.match(r"\*\*`([a-z_/]+/)`\*\*", line):
            folder = heading[1]
        elif entry := re.match(r"- `([a-z_]+\.py)`: \S", line):
            found.append(folder + entry[1])
    return found


def test_every_module_is_on_the_map_once() -> None:
    assert sorted(mapped()) == sorted(modules())
