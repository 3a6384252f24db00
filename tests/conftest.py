"""The environment comes first, then the fixtures, whose modules read the settings."""

import django

from tests import environment

environment.prepare()
django.setup()

pytest_plugins = ("tests.running", "tests.chromium")
