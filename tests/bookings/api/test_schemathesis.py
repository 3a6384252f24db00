"""Whatever is sent, sensible or not, the API answers as it describes itself; never with a 500.

Schemathesis makes up requests from the description, good and bad ones, and runs all its
checks: status codes, content types and schemas as declared, what is invalid refused, what was
deleted gone. `API_EXAMPLES` tells how many for each call.
"""

import os
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.config import SchemathesisConfig

from bookings.invariants import broken
from flights.models import Flight

EXAMPLES = int(os.environ.get("API_EXAMPLES", "30"))
how = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)

# What no description can say in full: which airports there are, and what an e-mail address is.
RULES = {
    "operations": [
        {
            "include-name": ["GET /api/flights", "POST /api/orders/{order_id}/pay"],
            "checks": {
                "positive_data_acceptance": {"expected-statuses": ["2xx", "400", "404", "409"]}
            },
        }
    ]
}

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(0)]


@pytest.fixture
def described(flight: Flight) -> schemathesis.BaseSchema:
    config = SchemathesisConfig.from_dict(RULES)
    app = get_wsgi_application()
    return schemathesis.openapi.from_wsgi("/api/openapi.json", app, config=config)


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(how)
def test_every_call_keeps_to_its_description(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate()


def test_calls_that_follow_each_other_keep_to_it_too(described: schemathesis.BaseSchema) -> None:
    """An order's id leads to its status, its payment, its end."""
    run_state_machine_as_test(
        described.as_state_machine(), settings=settings(how, stateful_step_count=6)
    )
    assert [str(each) for each in broken() if not each.invariant.warning] == []
