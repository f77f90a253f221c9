"""The application on real servers; every test starts with empty tables."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import pytest
from starlette.applications import Starlette

from app import new_app
from auth.tokens import Tokens
from core.db import Database, Reader, plain_url
from core.settings import Settings
from resolvers.loaders.base import forget_snapshots
from tests.asking import Ask
from tests.rows import delete_all_rows

pytest_plugins = ["tests.servers"]

SECRET = "a secret of the tests, long enough for anything"


@pytest.fixture(scope="session")
def settings(
    database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    return Settings(
        _env_file=None,
        database_url=database_url,
        redis_url=redis_url,
        elasticsearch_url="",
        token_secret=SECRET,
        data_dir=tmp_path_factory.mktemp("data"),
        log_level="WARNING",
        database_pool_size=24,
    )


@pytest.fixture(scope="session")
async def app(settings: Settings) -> AsyncIterator[Starlette]:
    """The application with its lifespan, as a server would run it."""
    application = new_app(settings)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture(scope="session")
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as opened:
        yield opened


@pytest.fixture(scope="session")
async def cleaner(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(plain_url(database_url))
    yield connection
    await connection.close()


@pytest.fixture
async def clean(app: Starlette, cleaner: asyncpg.Connection) -> None:
    """Empty tables, an empty Valkey and no process memory; whatever opens the shop asks for it."""
    await app.state.shop.refusals.write(is_last=True)
    await app.state.shop.searched.write()
    await delete_all_rows(cleaner)
    await app.state.shop.redis.flushdb()
    app.state.callers.forget()
    app.state.shop.brakes.forget()
    forget_snapshots()


@pytest.fixture
def ask(client: httpx.AsyncClient, clean: None) -> Ask:
    """Asks anonymously; `ask.as_(token)` asks as somebody."""
    return Ask(client)


@pytest.fixture
def db(app: Starlette, clean: None) -> Database:
    database: Database = app.state.shop.db
    return database


@pytest.fixture
def reader(app: Starlette, clean: None) -> Reader:
    opened: Reader = app.state.shop.reader
    return opened


@pytest.fixture
def tokens(app: Starlette) -> Tokens:
    signer: Tokens = app.state.shop.tokens
    return signer


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).resolve().parent.parent
