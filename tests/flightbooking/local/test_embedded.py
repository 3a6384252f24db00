"""The embedded servers: shared by whoever needs them, gone with the last, back after anything."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from flightbooking.local import embedded
from flightbooking.local.embedded import Postgres, Redis
from flightbooking.processes import BASE_DIR
from tests.running import wait_until

pytestmark = pytest.mark.xdist_group("embedded")

USE = """
import sys
from pathlib import Path
from flightbooking.local import embedded
folder = Path(sys.argv[1])
for name in sys.argv[2:]:
    getattr(embedded, name)(folder)
print("ready", flush=True)
sys.stdin.read()
"""

type User = subprocess.Popen[str]


def use(var_dir: Path, *names: str) -> User:
    """A process that uses these servers until its standard input is closed."""
    process = launch(var_dir, *names)
    wait_for(process)
    return process


def launch(var_dir: Path, *names: str) -> User:
    return subprocess.Popen(
        [sys.executable, "-c", USE, str(var_dir), *names],
        cwd=BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def wait_for(process: User) -> None:
    assert process.stdout
    assert process.stdout.readline() == "ready\n"


def leave(process: User) -> None:
    process.communicate()
    assert process.returncode == 0


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose PostgreSQL is made once for all tests here."""
    var_dir = tmp_path_factory.mktemp("cluster")
    leave(use(var_dir, "database_url"))
    return var_dir


@pytest.fixture
def postgres(cluster: Path) -> Iterator[Postgres]:
    yield Postgres(cluster)
    assert not Postgres(cluster).alive()


def test_the_last_user_stops_the_server(postgres: Postgres) -> None:
    alice = use(postgres.var_dir, "database_url")
    first = postgres.pid()
    bob = use(postgres.var_dir, "database_url")
    leave(alice)
    assert postgres.pid() == first
    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    leave(bob)
    assert not postgres.alive()


def test_a_killed_user_does_not_count(postgres: Postgres) -> None:
    alice = use(postgres.var_dir, "database_url")
    alice.kill()
    alice.wait()
    assert postgres.alive(), "nobody was left to stop it"
    leave(use(postgres.var_dir, "database_url"))
    assert not postgres.alive()


def test_users_that_come_at_once_start_one_server(postgres: Postgres) -> None:
    before = postgres.log.read_text().count("starting PostgreSQL")
    everybody = [launch(postgres.var_dir, "database_url") for _ in range(4)]
    for process in everybody:
        wait_for(process)
    assert postgres.log.read_text().count("starting PostgreSQL") == before + 1
    for process in everybody:
        leave(process)


def test_postgres_comes_back_after_kill_9_with_everything_committed(postgres: Postgres) -> None:
    alice = use(postgres.var_dir, "database_url")
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 12 AS row")
        postgres.send(signal.SIGKILL)
    alice.kill()
    alice.wait()
    bob = use(postgres.var_dir, "database_url")
    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("SELECT row FROM kept").fetchone() == (12,)
    leave(bob)


def test_a_leftover_that_names_a_living_process_is_no_server(postgres: Postgres) -> None:
    stale = postgres.data / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{postgres.data}\n0\n5432\n{postgres.data}\n\n0 0\nready\n")
    (postgres.data / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    assert postgres.pid() is None
    leave(use(postgres.var_dir, "database_url"))


def test_redis_comes_back_after_kill_9(tmp_path: Path) -> None:
    server = Redis(tmp_path)
    alice = use(tmp_path, "redis_url")
    redis.from_url(server.url).set("seat", "12A")
    time.sleep(1.1)  # appendfsync everysec
    server.send(signal.SIGKILL)
    wait_until(lambda: not server.alive(), "Redis to die")
    bob = use(tmp_path, "redis_url")
    assert redis.from_url(server.url).get("seat") == b"12A"
    leave(alice)
    leave(bob)
    assert not server.alive()


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("far" * 25) / "away"
    alice = use(deep, "redis_url")
    assert redis.from_url(Redis(deep).url).ping()
    leave(alice)


def test_the_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = embedded.secret_key(tmp_path)
    assert embedded.secret_key(tmp_path) == first
    assert len(first) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["secret_key"]


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("unix:///run/redis.sock?db=3", "redis+socket:///run/redis.sock?virtual_host=3"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock?virtual_host=0"),
        ("redis://redis:6379/1", "redis://redis:6379/1"),
        ("rediss://:secret@redis/0", "rediss://:secret@redis/0"),
    ],
)
def test_celery_gets_the_same_redis(url: str, broker: str) -> None:
    assert embedded.celery_broker_url(url) == broker


def test_nothing_is_embedded_where_urls_are_given(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "VAR_DIR": str(tmp_path),
        "DATABASE_URL": "postgres://nowhere/none",
        "REDIS_URL": "redis://nowhere",
    }
    command = [sys.executable, "manage.py", "diffsettings"]
    subprocess.run(command, cwd=BASE_DIR, env=environment, check=True, capture_output=True)
    assert os.listdir(tmp_path) == ["secret_key"]
