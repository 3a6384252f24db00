"""Whose browser the back office is used with."""

import pytest
from django.test import Client

from tests.bookings.admin.staff import a_supervisor


@pytest.fixture
def olga(transactional_db: None) -> Client:
    """The browser of a supervisor."""
    return a_supervisor()
