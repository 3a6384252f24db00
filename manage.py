#!/usr/bin/env python3
"""Django's command line: `python manage.py help` lists every command."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flightbooking.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    from flightbooking.local.server import ServerFailed
    from flights.one_line import one_line

    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, ServerFailed) as error:
        sys.exit(str(error))
    except OperationalError as error:
        sys.exit(f"The database is away: {one_line(str(error).strip())}")


if __name__ == "__main__":
    main()
