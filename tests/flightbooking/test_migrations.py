"""Migrations say what was, for ever: they must not change when the code does."""

import ast
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from flights.models import Flight
from tests.environment import BASE_DIR
from tests.people import a_flight

OURS = ("bookings", "flights", "flightbooking", "tests")
MIGRATIONS = sorted(BASE_DIR.glob("*/migrations/[0-9]*.py"))


def imported(source: str) -> set[str]:
    """Every module that the source imports, at its top or anywhere inside."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


def ours(source: str) -> set[str]:
    return {name for name in imported(source) if name.startswith(".") or name.split(".")[0] in OURS}


@pytest.mark.parametrize("file", MIGRATIONS, ids=lambda file: f"{file.parts[-3]}-{file.stem}")
def test_a_migration_imports_nothing_of_the_project(file: Path) -> None:
    assert ours(file.read_text()) == set()


@pytest.mark.parametrize(
    "line",
    [
        "import bookings.models.contact",
        "from bookings.roles import make_roles",
        "from . import shared",
        "def make(apps, editor):\n    from flights.folding import fold",
    ],
)
def test_one_that_does_is_found(line: str) -> None:
    assert ours(line)


def test_there_are_migrations_for_both_apps() -> None:
    assert {file.parts[-3] for file in MIGRATIONS} == {"bookings", "flights"}


@pytest.mark.django_db(transaction=True)
def test_a_database_of_the_version_before_is_refused_and_left_alone() -> None:
    """As 0.1.0 left it: its tables, and migrations of other names."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM django_migrations WHERE app IN ('bookings', 'flights')")
        known = cursor.fetchall()
        cursor.execute("DELETE FROM django_migrations WHERE app IN ('bookings', 'flights')")
        a_flight()
        try:
            with pytest.raises(CommandError, match=r"made by version 0\.1"):
                call_command("migrate", "flights", interactive=False, verbosity=0)
            assert Flight.objects.count() == 1
        finally:
            cursor.executemany("INSERT INTO django_migrations VALUES (%s, %s, %s, %s)", known)
