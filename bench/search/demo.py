"""The demo shop in both engines, on servers of the benchmark's own."""

import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import select

from bench.servers import ROOT
from core.db import Database, Reader
from core.settings import Settings
from deploy.elasticsearch.build import built
from deploy.embedded.elasticsearch import EmbeddedElasticsearch
from deploy.embedded.postgres import EmbeddedPostgres, run_sql
from models.catalog import Product
from resolvers.search.vocabulary import VOCABULARY
from search.elastic.client import connected
from search.elastic.engine import Elastic
from search.engine import Engine
from search.standin.engine import Standin
from search.words import Vocabulary
from tools import reindex
from tools.demo.__main__ import load

DATABASE: Final = "relevance"
PATIENCE: Final = timedelta(seconds=10)  # relevance is measured, not speed


@dataclass(frozen=True)
class Demo:
    """slugs: of the products."""

    engines: list[Engine]
    vocabulary: Vocabulary
    slugs: dict[UUID, str]


@contextlib.contextmanager
def servers(folder: Path) -> Iterator[Settings]:
    """PostgreSQL with an empty, migrated database, and Elasticsearch without any index of ours."""
    postgres = EmbeddedPostgres(folder / "postgres")
    elasticsearch = EmbeddedElasticsearch(folder / "elasticsearch", node=built())
    try:
        postgres.start()
        elasticsearch.start()
        run_sql(postgres.url("postgres"), f"DROP DATABASE IF EXISTS {DATABASE}")
        postgres.ensure_database(DATABASE)
        settings = Settings(
            _env_file=None,  # type: ignore[call-arg]  # of pydantic's own
            database_url=postgres.url(DATABASE),
            elasticsearch_url=elasticsearch.url,
            elasticsearch_index=DATABASE,
            search_deadline=PATIENCE,
            data_dir=folder / "data",
        )
        _migrate(settings)
        yield settings
    finally:
        elasticsearch.stop()
        postgres.stop()


def _migrate(settings: Settings) -> None:
    command = [sys.executable, "-m", "alembic", "upgrade", "head"]
    environment = {"DATABASE_URL": settings.database_url}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Demo]:
    """Loads the demo, indexes it, and opens both engines."""
    db, reader = Database(settings.database_url, size=4), Reader(settings.database_url, size=4)
    await reader.open()
    try:
        await load(db, settings.data_dir)
        with contextlib.redirect_stdout(sys.stderr):
            assert await reindex.run(settings, is_rolled_back=False) == 0
        async with connected(settings) as client:
            yield Demo(
                [Elastic(client, settings), Standin(reader)],
                await VOCABULARY.value(reader.fetch),
                await _slugs(db),
            )
    finally:
        await db.close()
        reader.close()


async def _slugs(db: Database) -> dict[UUID, str]:
    async with db.transaction() as session:
        found = await session.execute(select(Product.id, Product.slug))
        return {row.id: row.slug for row in found}
