"""The stand-in with the products of the catalogue, and its rows."""

from collections.abc import Awaitable, Callable, Sequence

import pytest

from core.db import Database, Reader
from search.documents import Document
from search.standin import Standin
from search.standin.rows import write
from tests.search import catalogue

Put = Callable[[Sequence[Document]], Awaitable[Standin]]


@pytest.fixture
def put(db: Database, reader: Reader) -> Put:
    """Writes documents beside those that are there."""

    async def write_all(documents: Sequence[Document]) -> Standin:
        async with db.transaction() as session:
            await write(session, documents, [], push=False)
        return Standin(reader)

    return write_all


@pytest.fixture
async def standin(put: Put) -> Standin:
    return await put(catalogue.DOCUMENTS)
