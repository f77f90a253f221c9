"""A real server with a database of its own, a relying party beside it, and browsers."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import make_url
from starlette.applications import Starlette

from core.db import Database
from deploy.embedded.postgres import run_sql
from tests.node import installed
from tests.oauth.browsing import Browser
from tests.oauth.relying import RelyingParty
from tests.oauth.server_process import Server


@pytest.fixture(scope="session")
def server_database(postgres_server: str, template_database: str, worker_id: str) -> Iterator[str]:
    """A database that no other test empties."""
    name = f"{template_database}_oauth_{worker_id}"
    run_sql(postgres_server, f'CREATE DATABASE "{name}" TEMPLATE "{template_database}"')
    yield make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    run_sql(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
async def server(
    server_database: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    process = Server(
        database_url=server_database,
        redis_url=redis_url,
        data_dir=tmp_path_factory.mktemp("oauth-data"),
    )
    await process.start()
    yield process
    process.kill()


@pytest.fixture(scope="session")
async def server_db(server_database: str, server: Server) -> AsyncIterator[Database]:
    database = Database(server_database, size=2)
    yield database
    await database.close()


@pytest.fixture(scope="session")
async def party_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return await installed(Path(__file__).parent, tmp_path_factory.mktemp("relying-party"))


@pytest.fixture
async def party(party_folder: Path) -> AsyncIterator[RelyingParty]:
    process = await RelyingParty.start(party_folder)
    yield process
    await process.stop()


@pytest.fixture
async def browser(server: Server) -> AsyncIterator[Browser]:
    """At the real server."""
    async with httpx.AsyncClient(base_url=server.url) as http:
        yield Browser(http, server.url)


@pytest.fixture
async def new_browser(app: Starlette, clean: None) -> AsyncIterator[Callable[[], Browser]]:
    """Browsers at the application in this process, each with cookies of its own."""
    opened: list[httpx.AsyncClient] = []

    def make() -> Browser:
        transport = httpx.ASGITransport(app=app)
        http = httpx.AsyncClient(transport=transport, base_url="http://shop.test")
        opened.append(http)
        return Browser(http, "http://shop.test")

    yield make
    for http in opened:
        await http.aclose()
