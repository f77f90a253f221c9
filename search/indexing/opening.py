"""What keeps Elasticsearch up to date, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple

from core.db import Database, Reader
from core.settings import Settings
from search.elastic.client import connected
from search.indexing.bulk import SECONDS
from search.indexing.indices import Indices
from search.indexing.locks import alone
from search.indexing.pushing import Pusher
from search.indexing.rebuilding import Progress, Rebuilder, quiet


class Indexing(NamedTuple):
    pusher: Pusher
    rebuilder: Rebuilder


@asynccontextmanager
async def opened(
    settings: Settings, db: Database, reader: Reader, *, progress: Progress = quiet
) -> AsyncIterator[Indexing | None]:
    """None when there is no Elasticsearch in the settings."""
    if not settings.elasticsearch_url:
        yield None
        return
    async with connected(settings) as client:
        patient = client.options(request_timeout=SECONDS)
        indices = Indices(patient, settings.elasticsearch_index)
        rebuilder = Rebuilder(db, reader, indices, patient, progress=progress)
        claim = partial(alone, settings.database_url)
        yield Indexing(Pusher(db, reader, patient, indices, rebuilder, claim), rebuilder)
