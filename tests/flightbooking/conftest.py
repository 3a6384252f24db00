from collections.abc import Iterator

import pytest

from tests.running import Processes, free_port


@pytest.fixture
def web(transactional_db: None) -> Iterator[Processes]:
    """A web server for one test, without workers."""
    server = Processes("web", port=free_port())
    server.start()
    yield server
    server.stop()
