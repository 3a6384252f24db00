from collections.abc import Iterator

import pytest

from tests.running import Processes, free_port


@pytest.fixture(scope="module")
def web_server(django_db_setup: None) -> Iterator[Processes]:
    """A web server, without workers."""
    server = Processes("web", port=free_port())
    yield server
    server.stop()


@pytest.fixture
def web(transactional_db: None, web_server: Processes) -> Processes:
    """The module's web server, started anew if the test before has ended it."""
    web_server.start()
    return web_server
