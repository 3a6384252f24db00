"""The environment comes first, then the fixtures, whose modules read the settings."""

import gc
import os

import django

from tests import environment

environment.prepare()
django.setup()
# The processes of pytest-xdist inherit the environment, and with this name in it they would
# read the settings before it is their turn to prepare.
del os.environ["DJANGO_SETTINGS_MODULE"]

from flights import gathering  # noqa: E402 - the settings, so after they are prepared

# What a test's own process says is said when the call returns; other processes do as always.
gathering.SECONDS = 0

pytest_plugins = ("tests.database", "tests.running", "tests.chromium")


def pytest_collection_finish() -> None:
    """Look no more for garbage in what stays as long as the process."""
    gc.collect()
    gc.freeze()
