"""The module map in docs/architecture.md: a line for each module, which is its docstring's first.

`python -m tests.module_map` writes it anew.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.environment import BASE_DIR

APPS = ("flightbooking", "flights", "bookings")
FILE = BASE_DIR / "docs" / "architecture.md"
HEADING = "## Module map\n"
# They have no subject of their own.
LEFT_OUT = ("__init__.py", "apps.py")


def written() -> str:
    """The map as the docs have it."""
    return FILE.read_text().partition(HEADING)[2]


def drawn() -> str:
    """The map as the code has it."""
    folders = (path.parent for app in APPS for path in (BASE_DIR / app).rglob("*.py"))
    kept = (path for path in dict.fromkeys(folders) if "migrations" not in path.parts)
    parts = ["\n".join(_lines(folder)) for folder in sorted(kept, key=_place)]
    return "\n" + "\n\n".join(part for part in parts if part) + "\n"


def _place(folder: Path) -> tuple[int, str]:
    return APPS.index(folder.relative_to(BASE_DIR).parts[0]), str(folder)


def _lines(folder: Path) -> Iterator[str]:
    modules = [path for path in sorted(folder.glob("*.py")) if path.name not in LEFT_OUT]
    if modules:
        yield f"**`{folder.relative_to(BASE_DIR)}/`** {first_line(folder / '__init__.py')}\n"
        yield from (f"- `{path.name}`: {first_line(path)}" for path in modules)


def first_line(path: Path) -> str:
    """What a module is for: the first paragraph of its docstring, "" for none."""
    said = ast.get_docstring(ast.parse(path.read_text())) or ""
    return " ".join(said.partition("\n\n")[0].split())


if __name__ == "__main__":
    text = FILE.read_text().partition(HEADING)[0]
    FILE.write_text(text + HEADING + drawn())
