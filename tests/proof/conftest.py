import pytest
from pytest_django import Settings

from bookings.saga import timers
from tests.proof.model_booking import LEASE, PROMPT, RETRY


@pytest.fixture
def slow_clocks(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing becomes due by itself while a test works, however slow the machine is."""
    settings.PAYMENT_GATEWAY = "tests.proof.steered.SteeredGateway"
    settings.PAYMENT_LATENCY_SECONDS = (0, 0)
    settings.PAYMENT_RETRY_SECONDS = RETRY
    settings.PAYMENT_LEASE_SECONDS = LEASE
    monkeypatch.setattr(timers, "PROMPT_SECONDS", PROMPT)
