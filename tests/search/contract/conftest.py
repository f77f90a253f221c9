"""Both engines, filled with whatever a test wants them to have."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta

import pytest
from elasticsearch import AsyncElasticsearch

from core.db import Database, Reader
from core.settings import Settings
from search.documents import Document
from search.elastic import shape
from search.elastic.client import connected
from search.elastic.engine import Elastic
from search.standin.engine import Standin
from search.standin.rows import write
from tests.search.contract.shelf import Shelf

Fill = Callable[[Sequence[Document]], Awaitable[Shelf]]

ENGINES = ("elasticsearch", "postgresql")


class Index:
    """The one index of this worker's contract tests, with the documents of the test that runs.

    It is made anew for others: what is deleted from an index counts in its scores for a while.
    """

    def __init__(self, client: AsyncElasticsearch, settings: Settings) -> None:
        self._client, self._settings = client, settings
        self._name = shape.alias(settings.elasticsearch_index)
        self._documents: Sequence[Document] | None = None

    async def fill(self, documents: Sequence[Document]) -> Shelf:
        if documents != self._documents:
            await self._make(documents)
        return Shelf(Elastic(self._client, self._settings), documents)

    async def _make(self, documents: Sequence[Document]) -> None:
        patient = self._client.options(request_timeout=60)
        await patient.indices.delete(index=self._name, ignore_unavailable=True)
        await patient.indices.create(index=self._name, **shape.body())
        lines: list[object] = []
        for document in documents:
            lines += [{"index": {"_id": shape.id_of(document.product_id)}}]
            lines += [shape.source_of(document)]
        if lines:
            answer = await patient.bulk(index=self._name, operations=lines, refresh=True)
            assert not answer["errors"], answer["items"]
        self._documents = documents


@pytest.fixture(scope="session")
async def contract_index(
    elasticsearch_server: str, elasticsearch_prefix: str, settings: Settings
) -> AsyncIterator[Index]:
    own = settings.model_copy(
        update={
            "elasticsearch_url": elasticsearch_server,
            "elasticsearch_index": f"{elasticsearch_prefix}-contract",
            "search_deadline": timedelta(seconds=10),
        }
    )
    async with connected(own) as client:
        yield Index(client, own)


@pytest.fixture
def fill_standin(db: Database, reader: Reader) -> Fill:

    there: list[Document] = []

    async def fill(documents: Sequence[Document]) -> Shelf:
        kept = {document.product_id for document in documents}
        gone = [each.product_id for each in there if each.product_id not in kept]
        async with db.transaction() as session:
            await write(session, documents, gone, push=False)
        there[:] = documents
        return Shelf(Standin(reader), documents)

    return fill


@pytest.fixture(params=ENGINES)
def fill(request: pytest.FixtureRequest) -> Fill:
    """Puts documents, and no others, into one of the engines."""
    if request.param == "postgresql":
        filled: Fill = request.getfixturevalue("fill_standin")
        return filled
    index: Index = request.getfixturevalue("contract_index")
    return index.fill


@pytest.fixture
def fills(contract_index: Index, fill_standin: Fill) -> tuple[Fill, Fill]:
    """Elasticsearch and PostgreSQL side by side."""
    return contract_index.fill, fill_standin
