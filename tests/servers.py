"""The servers the tests run against, and databases on them that come ready migrated.

One PostgreSQL and one Valkey serve a whole run, also when it is spread over workers: the process
that was started first runs them and tells the others their addresses. So it does with an
Elasticsearch, once a test asks for it. DATABASE_URL, REDIS_URL and ELASTICSEARCH_URL name servers
to use instead; the first must belong to a superuser.

This is a pytest plugin (`pytest_plugins` in conftest.py): pytest refuses one that was imported
before, so whatever conftest.py itself imports stands elsewhere, as in tests/rows.py.
"""

import asyncio
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import make_url

from deploy.elasticsearch.build import built
from deploy.embedded.postgres import EmbeddedPostgres, run_sql
from deploy.embedded.valkey import EmbeddedValkey
from tests.search_nodes import OnDemand, OwnElasticsearch

ROOT = Path(__file__).resolve().parent.parent
VALKEY_DATABASES = 32
POSTGRES_SETTINGS = {
    "synchronous_commit": "off",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
    "max_connections": "200",
}


class Servers:
    """One run's servers, started by the first process that needs them."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="marketfront-tests-"))
        self._running: list[EmbeddedPostgres | EmbeddedValkey | OnDemand] = []
        self._run = uuid.uuid4().hex[:8]
        self._addresses: dict[str, str] = {}

    def addresses(self) -> dict[str, str]:
        """What a worker must know; starts the servers when they do not run yet."""
        if not self._addresses:
            self._addresses = {
                "postgres": os.environ.get("DATABASE_URL") or self._postgres(),
                "valkey": os.environ.get("REDIS_URL") or self._valkey(),
                "elasticsearch": os.environ.get("ELASTICSEARCH_URL") or self._elasticsearch(),
                "folder": str(self._folder),
                "run": self._run,
            }
        return self._addresses

    def stop(self) -> None:
        if os.environ.get("DATABASE_URL") and self._addresses:
            _drop_databases(self._addresses)
        for server in self._running:
            server.stop()
        shutil.rmtree(self._folder)

    def _postgres(self) -> str:
        server = EmbeddedPostgres(self._folder / "postgres", settings=POSTGRES_SETTINGS)
        server.start()
        self._running.append(server)
        return server.url("postgres")

    def _valkey(self) -> str:
        server = EmbeddedValkey(
            self._folder / "valkey",
            configuration={"databases": str(VALKEY_DATABASES), "appendonly": "no"},
        )
        server.start()
        self._running.append(server)
        return server.url()

    def _elasticsearch(self) -> str:
        """Where to ask for it: most runs of a few tests never do."""
        server = OnDemand(self._folder / "elasticsearch")
        server.start()
        self._running.append(server)
        return str(server.counter)


_servers = pytest.StashKey[Servers]()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[_servers] = Servers()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["servers"] = node.config.stash[_servers].addresses()


def pytest_unconfigure(config: pytest.Config) -> None:
    if _servers in config.stash:
        config.stash[_servers].stop()


@pytest.fixture(scope="session")
def server_addresses(pytestconfig: pytest.Config) -> dict[str, str]:
    worker: dict[str, Any] | None = getattr(pytestconfig, "workerinput", None)
    return worker["servers"] if worker else pytestconfig.stash[_servers].addresses()


@pytest.fixture(scope="session")
def postgres_server(server_addresses: dict[str, str]) -> str:
    """The address of the server's own database `postgres`, as a superuser."""
    return server_addresses["postgres"]


@pytest.fixture(scope="session")
def valkey_server(server_addresses: dict[str, str]) -> str:
    return server_addresses["valkey"]


@pytest.fixture(scope="session")
def template_database(server_addresses: dict[str, str]) -> str:
    """The name of a database with all migrations and no rows; the first worker to ask makes it."""
    name = f"marketfront_{server_addresses['run']}_template"
    folder = Path(server_addresses["folder"])
    with (folder / "migrating").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "migrated").exists():
            admin = server_addresses["postgres"]
            run_sql(admin, f'DROP DATABASE IF EXISTS "{name}"')
            run_sql(admin, f'CREATE DATABASE "{name}"')
            _migrate(_on(admin, name))
            (folder / "migrated").touch()
    return name


@pytest.fixture(scope="session")
def database_url(postgres_server: str, template_database: str, worker_id: str) -> Iterator[str]:
    """This worker's database: migrated, empty, kept for the whole run."""
    url = _clone(postgres_server, template_database, suffix=worker_id)
    yield url
    _drop(postgres_server, url)


@pytest.fixture
async def fresh_database(
    postgres_server: str, template_database: str
) -> AsyncIterator[Callable[[], Awaitable[str]]]:
    """Each call makes a database of the test's own, for races and crashes."""
    made: list[str] = []

    async def make() -> str:
        suffix = uuid.uuid4().hex[:12]
        made.append(await asyncio.to_thread(_clone, postgres_server, template_database, suffix))
        return made[-1]

    yield make
    for url in made:
        await asyncio.to_thread(_drop, postgres_server, url)


@pytest.fixture(scope="session")
def redis_url(valkey_server: str, worker_id: str) -> str:
    """A Valkey database of this worker's own."""
    number = int(worker_id.removeprefix("gw")) + 1 if worker_id.startswith("gw") else 0
    return make_url(valkey_server).set(database=str(number)).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def elasticsearch_server(server_addresses: dict[str, str]) -> str:
    """The address of an Elasticsearch that all workers share: use names with your prefix only."""
    told = server_addresses["elasticsearch"]
    return told if told.startswith("http") else OnDemand.address(Path(told))


@pytest.fixture(scope="session")
def elasticsearch_prefix(
    elasticsearch_server: str, server_addresses: dict[str, str], worker_id: str
) -> Iterator[str]:
    """What names of this worker's indices begin with; in the end those are deleted."""
    prefix = f"test-{server_addresses['run']}-{worker_id}"
    yield prefix
    with httpx.Client(base_url=elasticsearch_server, timeout=30) as elasticsearch:
        found = elasticsearch.get(f"/{prefix}*/_settings", params={"expand_wildcards": "all"})
        for name in found.raise_for_status().json():
            elasticsearch.delete(f"/{name}").raise_for_status()


@pytest.fixture
def own_elasticsearch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnElasticsearch]:
    """A node of the test's own, running, to be killed, paused and started again."""
    home = tmp_path_factory.mktemp("elasticsearch")
    server = OwnElasticsearch(home, node=built())
    server.start()
    yield server
    server.stop()
    shutil.rmtree(home)


def _migrate(url: str) -> None:
    migrated = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    if migrated.returncode:
        raise RuntimeError(f"The migrations failed:\n{migrated.stderr[-4000:]}")


def _on(url: str, database: str) -> str:
    """The same server, another database."""
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def _clone(admin: str, template: str, suffix: str) -> str:
    name = f"{template.removesuffix('template')}{suffix}"
    run_sql(admin, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    return _on(admin, name)


def _drop(admin: str, url: str) -> None:
    run_sql(admin, f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')


def _drop_databases(addresses: dict[str, str]) -> None:
    """A server that is not ours is left as it was found."""
    admin, prefix = addresses["postgres"], f"marketfront_{addresses['run']}_"
    names = run_sql(admin, f"SELECT datname FROM pg_database WHERE datname ^@ '{prefix}'")
    for name in names.splitlines():
        run_sql(admin, f'DROP DATABASE "{name}" WITH (FORCE)')
