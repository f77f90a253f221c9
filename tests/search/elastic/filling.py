"""An index with documents in it, as the pusher leaves one."""

from collections.abc import Sequence

from elasticsearch import AsyncElasticsearch

from search.documents import Document
from search.elastic import shape


async def fill(client: AsyncElasticsearch, prefix: str, documents: Sequence[Document]) -> str:
    """Makes the index and its alias; returns when searches find the documents."""
    alias = shape.alias(prefix)
    index = f"{alias}-first"
    await client.indices.create(index=index, aliases={alias: {}}, **shape.body())
    lines: list[object] = []
    for document in documents:
        lines += (
            {"index": {"_id": shape.id_of(document.product_id)}},
            shape.source_of(document),
        )
    answered = await client.bulk(index=alias, operations=lines, refresh=True)
    assert not answered["errors"], answered
    return index


async def empty(client: AsyncElasticsearch, prefix: str) -> None:
    await client.indices.delete(index=f"{shape.alias(prefix)}-first", ignore_unavailable=True)
