"""`python -m workers` with a real Elasticsearch: from a change to a hit, and killed in the middle."""

import asyncio
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, or_, select, update

from core.db import Database, Reader
from core.settings import Settings
from models.catalog import Product
from models.outbox import OutboxCursor, OutboxEvent
from models.search import SearchChange, SearchPush
from search.indexing.following import note_all
from services import events
from tests.conftest import SECRET
from tests.factories.catalog import make_product
from tests.search.indexing.conftest import opened
from tests.search.indexing.keeping import Node

PRODUCTS = 300


@pytest.fixture
async def shop(
    fresh_database: Callable[[], Awaitable[str]],
    settings: Settings,
    elasticsearch_server: str,
    elasticsearch_prefix: str,
) -> AsyncIterator[tuple[Database, Node]]:
    """A database of its own, with products that nobody has made documents of."""
    url = await fresh_database()
    db, reader = Database(url, size=6), Reader(url, size=4)
    await reader.open()
    async with db.transaction() as session:
        for _ in range(PRODUCTS):
            await make_product(session, price_minor=1)
    own = settings.model_copy(update={"database_url": url})
    prefix = f"{elasticsearch_prefix}-worker"
    async with opened(own, db, reader, elasticsearch_server, prefix) as node:
        yield db, node
        await node.forget_indices()
    await db.close()
    reader.close()


@asynccontextmanager
async def worker(root: Path, tmp_path: Path, settings: Settings) -> AsyncIterator[None]:
    """Until the block ends: then it is killed, whatever it is doing."""
    given = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "ELASTICSEARCH_URL": settings.elasticsearch_url,
        "ELASTICSEARCH_INDEX": settings.elasticsearch_index,
        "DATA_DIR": str(tmp_path),
        "TOKEN_SECRET": SECRET,
        "LOG_LEVEL": "ERROR",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "workers", cwd=root, env={**os.environ, **given}
    )
    try:
        yield
    finally:
        process.kill()
        await process.wait()


async def change(db: Database, product_id: UUID, price_minor: int) -> None:
    """As services change a product: its row and the event, together."""
    async with db.transaction() as session:
        await session.execute(
            update(Product)
            .where(Product.id == product_id)
            .values(price_min_minor=price_minor, price_max_minor=price_minor)
        )
        await events.record(session, events.event("ProductChanged", product_id, version=1))


async def prices(node: Node) -> dict[UUID, int]:
    """What can be found at this moment, without making anything findable."""
    answer = await node.client.search(
        index=node.alias, size=10_000, source=["price_minor"], ignore_unavailable=True
    )
    return {UUID(hit["_id"]): hit["_source"]["price_minor"] for hit in answer["hits"]["hits"]}


async def until(is_so: Callable[[], Awaitable[bool]]) -> float:
    """How many seconds it took to become so."""
    began = time.monotonic()
    async with asyncio.timeout(60):
        while True:
            if await is_so():
                return time.monotonic() - began
            await asyncio.sleep(0.02)


async def test_a_change_is_found_within_two_seconds(
    root: Path, tmp_path: Path, shop: tuple[Database, Node]
) -> None:
    db, node = shop
    await note_all(db)
    async with worker(root, tmp_path, node.settings):

        async def all_found() -> bool:
            return len(await prices(node)) == PRODUCTS

        await until(all_found)
        found, seconds = [*await prices(node)], []
        for price, product in enumerate(found[:5], start=100):
            await change(db, product, price)

            async def is_found(product: UUID = product, price: int = price) -> bool:
                return (await prices(node))[product] == price

            seconds.append(await until(is_found))

    assert statistics.median(seconds) < 2


async def test_a_worker_killed_again_and_again_loses_nothing(
    root: Path, tmp_path: Path, shop: tuple[Database, Node]
) -> None:
    db, node = shop
    async with db.transaction() as session:
        products = list(await session.scalars(select(Product.id)))
    await note_all(db)
    for life in range(4):
        async with worker(root, tmp_path, node.settings):
            await asyncio.sleep(1.0 + 0.4 * life)  # from before its first round to its last
            for product in products[life * 20 : life * 20 + 40]:
                await change(db, product, 1_000 + life)

    async def nothing_waits() -> bool:
        """Events neither: what a killed worker was at is another's when its lease has ended."""
        read = select(OutboxCursor.position).where(OutboxCursor.consumer == "search")
        is_new = OutboxEvent.position > func.coalesce(read.scalar_subquery(), 0)
        unread = select(OutboxEvent.id).where(or_(OutboxEvent.position.is_(None), is_new)).exists()
        waiting = select(SearchChange.product_id).exists()
        unpushed = select(SearchPush.product_id).exists()
        async with db.transaction() as session:
            return not await session.scalar(select(or_(unread, waiting, unpushed)))

    async with worker(root, tmp_path, node.settings):
        await until(nothing_waits)

    async with db.transaction() as session:
        found = await session.execute(select(Product.id, Product.price_min_minor))
        truth = {row.id: row.price_min_minor for row in found}
    await node.client.indices.refresh(index=node.alias)
    assert await prices(node) == truth
