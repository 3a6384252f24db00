"""What docs/architecture.md draws from the code: the states, and a map of every module.

`python -m tests.drawn_docs` writes both anew.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.environment import BASE_DIR

APPS = ("flightbooking", "flights", "bookings")
FILE = BASE_DIR / "docs" / "architecture.md"
# They have no subject of their own.
LEFT_OUT = ("__init__.py", "apps.py")


def states() -> str:
    """Every transition that leads to another state, or sets a timer anew, for Mermaid."""
    from bookings.models import State
    from bookings.saga.table import TABLE

    arrows: dict[tuple[str, str], list[str]] = {}
    for each in TABLE:
        for source in each.source or ["[*]"]:
            for target in each.to:
                events = arrows.setdefault((str(source), str(target)), [])
                if each.event not in events:
                    events.append(each.event)
    lines = [f"    {a} --> {b}: {', '.join(events)}" for (a, b), events in arrows.items()]
    ends = [f"    {state} --> [*]" for state in State if not any(a == state for a, _ in arrows)]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, *ends, "```"])


def module_map() -> str:
    """A line for each module, which is its docstring's first."""
    folders = (path.parent for app in APPS for path in (BASE_DIR / app).rglob("*.py"))
    kept = (path for path in dict.fromkeys(folders) if "migrations" not in path.parts)
    parts = ["\n".join(_lines(folder)) for folder in sorted(kept, key=_place)]
    return "\n\n".join(part for part in parts if part)


def first_line(path: Path) -> str:
    """What a module is for: the first paragraph of its docstring, "" for none."""
    said = ast.get_docstring(ast.parse(path.read_text())) or ""
    return " ".join(said.partition("\n\n")[0].split())


SECTIONS: dict[str, Callable[[], str]] = {"states": states, "modules": module_map}


def section(name: str) -> "re.Pattern[str]":
    """Where the docs have it: between two comments."""
    return re.compile(rf"(?<=<!-- {name} -->\n).*?(?=\n<!-- /{name} -->)", re.DOTALL)


def _place(folder: Path) -> tuple[int, str]:
    return APPS.index(folder.relative_to(BASE_DIR).parts[0]), str(folder)


def _lines(folder: Path) -> Iterator[str]:
    modules = [path for path in sorted(folder.glob("*.py")) if path.name not in LEFT_OUT]
    if modules:
        yield f"**`{folder.relative_to(BASE_DIR)}/`** {first_line(folder / '__init__.py')}\n"
        yield from (f"- `{path.name}`: {first_line(path)}" for path in modules)


def main() -> None:
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flightbooking.settings")
    django.setup()
    text = FILE.read_text()
    for name, draw in SECTIONS.items():
        text = section(name).sub(draw().replace("\\", r"\\"), text)
    FILE.write_text(text)


if __name__ == "__main__":
    main()
