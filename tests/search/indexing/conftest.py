"""What the tests of indexing work with: real PostgreSQL, and an Elasticsearch where it is asked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from core.db import Database, Reader
from core.settings import Settings
from search import indexing
from search.elastic.client import connected
from tests.search.indexing.keeping import Node, Shelf
from tests.search_nodes import OwnElasticsearch


@pytest.fixture
def shelf(db: Database, reader: Reader) -> Shelf:
    return Shelf(db, reader)


@pytest.fixture
async def node(
    settings: Settings,
    db: Database,
    reader: Reader,
    elasticsearch_server: str,
    elasticsearch_prefix: str,
) -> AsyncIterator[Node]:
    """The run's own Elasticsearch, without an index."""
    async with opened(settings, db, reader, elasticsearch_server, elasticsearch_prefix) as node:
        await node.forget_indices()
        yield node
        await node.forget_indices()


@pytest.fixture
async def own_node(
    settings: Settings, db: Database, reader: Reader, own_elasticsearch: OwnElasticsearch
) -> AsyncIterator[Node]:
    """A node that may be killed, paused and so on: `own_elasticsearch`."""
    async with opened(settings, db, reader, own_elasticsearch.url, "own") as node:
        yield node


@asynccontextmanager
async def opened(
    settings: Settings, db: Database, reader: Reader, url: str, prefix: str
) -> AsyncIterator[Node]:
    there = {"elasticsearch_url": url, "elasticsearch_index": prefix}
    told = settings.model_copy(update=there)
    async with indexing.opened(told, db, reader) as tools, connected(told) as client:
        assert tools is not None
        yield Node(told, tools, client.options(request_timeout=60))
