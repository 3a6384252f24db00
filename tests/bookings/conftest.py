import pytest
from django_redis import get_redis_connection
from pytest_django import Settings

from flights.models import Flight
from tests.people import MoodyGateway, a_flight


@pytest.fixture(autouse=True)
def quick_gateway(settings: Settings) -> None:
    """The gateway answers at once."""
    settings.PAYMENT_LATENCY_SECONDS = (0, 0)


@pytest.fixture
def gateway(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> type[MoodyGateway]:
    """A gateway whose next fates the test decides."""
    settings.PAYMENT_GATEWAY = "tests.people.MoodyGateway"
    monkeypatch.setattr(MoodyGateway, "fates", [])
    monkeypatch.setattr(MoodyGateway, "answers_lookups", True)
    monkeypatch.setattr(MoodyGateway, "refunds", True)
    return MoodyGateway


@pytest.fixture
def flight(transactional_db: None) -> Flight:
    return a_flight()


@pytest.fixture
def no_old_locks() -> None:
    """No seat is locked by a run before this one, whose flights had the same numbers."""
    get_redis_connection().flushdb()
