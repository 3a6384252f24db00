import pytest
from django.test import Client

from tests.alice import ALICE, browser_of


@pytest.fixture
def client() -> Client:
    """Alice's browser."""
    return browser_of(ALICE)
