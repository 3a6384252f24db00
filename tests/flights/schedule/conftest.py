"""Where the rows of a schedule lead."""

import pytest

from tests.flights.places import a_layout, an_airport


@pytest.fixture
def places(db: None) -> None:
    """The airports and the layout that the rows name."""
    for code in ("CDG", "JFK", "HND"):
        an_airport(code)
    a_layout()
