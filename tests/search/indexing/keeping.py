"""Looking at documents, at indices, and letting the loops of indexing do one round."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from elasticsearch import AsyncElasticsearch
from sqlalchemy import func, select

from core.db import Database, Reader
from core.settings import Settings
from models.search import SearchChange, SearchDeadLetter, SearchDocument, SearchPush
from search import indexing
from search.documents import Document, from_json
from search.elastic import shape
from search.indexing.following import note
from search.indexing.indices import Index
from workers.consumers import Event, consume
from workers.outbox import sequence


class Shelf:
    """What search knows, in PostgreSQL."""

    def __init__(self, db: Database, reader: Reader) -> None:
        self.db, self.reader = db, reader

    async def follow(self) -> None:
        """Let the events until now be heard of."""
        while await sequence(self.db, self.reader):
            pass

        async def handler(events: Sequence[Event]) -> None:
            await indexing.follow(self.db, events)

        while await consume(self.db, self.reader, name="search", handler=handler):
            pass

    async def make(self, *, is_pushed: bool = False) -> int:
        """Make everything that waits; how many that was."""
        made = 0
        while done := await indexing.make(self.db, self.reader, is_pushed=is_pushed):
            made += done
        return made

    async def keep(self, *, is_pushed: bool = False) -> int:
        await self.follow()
        return await self.make(is_pushed=is_pushed)

    async def note(self, *product_ids: UUID) -> None:
        async with self.db.transaction() as session:
            await note(session, product_ids)

    async def waiting(self) -> set[UUID]:
        return set(await self._ids(SearchChange.product_id))

    async def unpushed(self) -> set[UUID]:
        return set(await self._ids(SearchPush.product_id))

    async def dead_letters(self) -> dict[UUID, str]:
        async with self.db.transaction() as session:
            found = await session.execute(
                select(SearchDeadLetter.product_id, SearchDeadLetter.reason)
            )
            return {row.product_id: row.reason for row in found}

    async def listed(self) -> int:
        async with self.db.transaction() as session:
            listed = select(func.count()).where(SearchDocument.is_listed)
            return int(await session.scalar(listed) or 0)

    async def document(self, product_id: UUID) -> Document:
        found = await self.find(product_id)
        assert found is not None
        return found

    async def find(self, product_id: UUID) -> Document | None:
        """None for a product that nobody may find."""
        async with self.db.transaction() as session:
            row = await session.get(SearchDocument, product_id)
            return from_json(row.document) if row and row.is_listed else None

    async def version(self, product_id: UUID) -> int:
        async with self.db.transaction() as session:
            return int((await session.get_one(SearchDocument, product_id)).version)

    async def _ids(self, column: Any) -> Sequence[UUID]:
        async with self.db.transaction() as session:
            return list(await session.scalars(select(column)))


@dataclass
class Node:
    """What search knows, in Elasticsearch."""

    settings: Settings
    tools: indexing.Indexing
    client: AsyncElasticsearch

    @property
    def alias(self) -> str:
        return shape.alias(self.settings.elasticsearch_index)

    async def push(self) -> int:
        """Until nothing is left; how many documents came. A busy node is waited for."""
        pushed, pusher = 0, self.tools.pusher
        async with asyncio.timeout(60):
            while (done := await pusher.push()) or pusher.is_waiting:
                pushed += done
                await asyncio.sleep(0 if done else 0.1)
        return pushed

    async def rebuild(self) -> Index:
        async with indexing.alone(self.settings.database_url) as alone:
            return await self.tools.rebuilder.rebuild(alone)

    async def roll_back(self) -> Index:
        async with indexing.alone(self.settings.database_url) as alone:
            return await self.tools.rebuilder.roll_back(alone)

    async def indices(self) -> dict[str, Any]:
        """Name -> aliases and mappings."""
        found = await self.client.indices.get(index=f"{self.settings.elasticsearch_index}-*")
        return dict(found)

    async def serving(self) -> str:
        found = await self.client.indices.get_alias(name=self.alias)
        (name,) = found
        return str(name)

    async def ids(self, index: str = "") -> set[UUID]:
        """Of the products that can be found."""
        found = await self.hits(index)
        return {UUID(hit["_id"]) for hit in found}

    async def hits(self, index: str = "") -> list[dict[str, Any]]:
        index = index or self.alias
        await self.client.indices.refresh(index=index)
        answer = await self.client.search(
            index=index, size=10_000, version=True, query={"match_all": {}}
        )
        return list(answer["hits"]["hits"])

    async def source(self, product_id: UUID) -> dict[str, Any]:
        found = await self.client.get(index=self.alias, id=shape.id_of(product_id))
        return dict(found["_source"])

    async def forget_indices(self) -> None:
        for name in await self.indices():
            await self.client.indices.delete(index=name)
