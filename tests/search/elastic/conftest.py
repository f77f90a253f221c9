"""The small shop in an index of its own, and the engine that searches it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from elasticsearch import AsyncElasticsearch

from core.settings import Settings
from search.elastic.client import connected
from search.elastic.engine import Elastic
from tests.search.catalogue import DOCUMENTS
from tests.search.elastic.filling import fill


@pytest.fixture(scope="session")
def elastic_settings(
    settings: Settings, elasticsearch_server: str, elasticsearch_prefix: str
) -> Settings:
    """A machine that runs many tests at once may be slow."""
    told = {
        "elasticsearch_url": elasticsearch_server,
        "elasticsearch_index": f"{elasticsearch_prefix}-elastic",
        "search_deadline": timedelta(seconds=10),
    }
    return settings.model_copy(update=told)


@pytest.fixture(scope="session")
async def elasticsearch(elastic_settings: Settings) -> AsyncIterator[AsyncElasticsearch]:
    async with connected(elastic_settings) as client:
        yield client


@pytest.fixture(scope="session")
async def elastic(elasticsearch: AsyncElasticsearch, elastic_settings: Settings) -> Elastic:
    await fill(elasticsearch, elastic_settings.elasticsearch_index, DOCUMENTS)
    return Elastic(elasticsearch, elastic_settings)
