"""Search as one process of the web has it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from core.db import Reader
from core.settings import Settings
from search.elastic.client import connected
from search.elastic.engine import Elastic
from search.standin.engine import Standin
from search.switch import Search


@asynccontextmanager
async def opened(settings: Settings, reader: Reader) -> AsyncIterator[Search]:
    """Both engines, or PostgreSQL alone. Asks neither: they may come later than we do."""
    async with AsyncExitStack() as closing:
        elastic: Elastic | None = None
        if settings.elasticsearch_url:
            client = connected(settings)
            closing.push_async_callback(client.close)
            elastic = Elastic(client, settings)
        search = Search(Standin(reader), elastic)
        closing.push_async_callback(search.close)
        yield search
