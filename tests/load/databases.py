"""The server's databases and programs, beside what Django uses."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from tests.load.environment import Refused

# Copies of the prepared database: for pgbench, for a search among few flights, for an import.
ALONE, FEW, SCHEDULE = "alone", "few", "schedule"
PROGRAM_SECONDS = 300


def copy_database(name: str) -> None:
    """Copy the database as it is. Nobody else may be connected to it."""
    ask(f"CREATE DATABASE {name} TEMPLATE {connection.settings_dict['NAME']}")


def url_of(database: str) -> str:
    """The URL of another database on the same server."""
    return urlsplit(settings.DATABASE_URL)._replace(path=f"/{database}").geturl()


def program(name: str) -> str:
    """Where a program is that came with the server."""
    return f"{ask("SELECT setting FROM pg_config WHERE name = 'BINDIR'")}/{name}"


def output(*command: str, environment: Mapping[str, str] | None = None) -> str:
    """What a program prints. Raises Refused with its own words if it fails."""
    done = subprocess.run(
        command,
        env=environment,
        capture_output=True,
        check=False,
        text=True,
        timeout=PROGRAM_SECONDS,
    )
    if done.returncode:
        raise Refused(f"{Path(command[0]).name} failed: {done.stderr.strip()[-500:]}")
    return done.stdout


def ask(query: str) -> str:
    """The first column of the first row, if there is one."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return str(cursor.fetchone()[0]) if cursor.description else ""
