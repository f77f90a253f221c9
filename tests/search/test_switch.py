"""Who answers while Elasticsearch is killed, stands still, or has no index."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from core.db import Database, Reader
from core.settings import Settings
from search.elastic.client import connected
from search.opening import opened
from search.question import Question
from search.standin.rows import write
from search.switch import FAILURES, Search
from search.words import parse
from tests.search.catalogue import DOCUMENTS
from tests.search.elastic.filling import empty, fill
from tests.search_nodes import OwnElasticsearch

LAMPS = Question(parse("lamp"))


async def become(condition: Callable[[], Awaitable[bool]], *, seconds: float = 20) -> bool:
    for _ in range(round(seconds * 10)):
        if await condition():
            return True
        await asyncio.sleep(0.1)
    return False


async def make_index(settings: Settings) -> None:
    async with connected(settings) as client:
        patient = client.options(request_timeout=60)
        await fill(patient, settings.elasticsearch_index, DOCUMENTS)


@pytest.fixture
def own(own_elasticsearch: OwnElasticsearch, settings: Settings) -> Settings:
    return settings.model_copy(
        update={
            "elasticsearch_url": own_elasticsearch.url,
            "search_deadline": timedelta(seconds=2),
        }
    )


@pytest.fixture
async def search(own: Settings, db: Database, reader: Reader) -> AsyncIterator[Search]:
    """Both engines know the same products."""
    async with db.transaction() as session:
        await write(session, DOCUMENTS, [], push=False)
    await make_index(own)
    async with opened(own, reader) as switched:
        assert await become(lambda: answered_by(switched, "elasticsearch"))
        yield switched


async def answered_by(search: Search, engine: str) -> bool:
    answer = await search.search(LAMPS)
    assert answer.hits, "whoever answers finds lamps"
    return answer.engine == engine


async def test_a_killed_elasticsearch_is_stood_in_for_until_it_is_back(
    search: Search, own_elasticsearch: OwnElasticsearch
) -> None:
    await asyncio.to_thread(own_elasticsearch.kill)

    engines = [(await search.search(LAMPS)).engine for _ in range(FAILURES + 2)]

    assert engines == ["postgresql"] * (FAILURES + 2)
    assert search.is_degraded
    assert await search.counts([LAMPS]) == [len((await search.search(LAMPS)).hits)]
    assert await search.corrected(parse("lanp"), "en") is not None

    await asyncio.to_thread(own_elasticsearch.start)

    assert await become(lambda: answered_by(search, "elasticsearch"))
    assert not search.is_degraded


async def test_a_node_that_stands_still_is_waited_for_only_so_often(
    search: Search, own_elasticsearch: OwnElasticsearch
) -> None:
    own_elasticsearch.pause()
    try:
        for _ in range(FAILURES):
            assert await answered_by(search, "postgresql")
        waiting = asyncio.create_task(search.search(LAMPS))
        is_done = (await asyncio.wait([waiting], timeout=1.5))[0]

        assert is_done, "nobody waits for the deadline any more"
        assert (await waiting).engine == "postgresql"
    finally:
        own_elasticsearch.resume()

    assert await become(lambda: answered_by(search, "elasticsearch"))


async def test_many_searches_at_once_while_it_dies_are_all_answered(
    search: Search, own_elasticsearch: OwnElasticsearch
) -> None:
    searches = [asyncio.create_task(search.search(LAMPS)) for _ in range(40)]
    await asyncio.to_thread(own_elasticsearch.kill)
    searches += [asyncio.create_task(search.search(LAMPS)) for _ in range(40)]

    answers = await asyncio.gather(*searches)

    assert all(answer.hits for answer in answers)
    assert answers[-1].engine == "postgresql"


async def test_an_index_that_was_deleted_by_hand_is_stood_in_for_until_it_is_there_again(
    search: Search, own: Settings
) -> None:
    async with connected(own) as client:
        await empty(client.options(request_timeout=60), own.elasticsearch_index)

    for _ in range(FAILURES):
        assert await answered_by(search, "postgresql")
    assert search.is_degraded

    await make_index(own)
    assert await become(lambda: answered_by(search, "elasticsearch"))


async def test_a_shop_that_ends_while_elasticsearch_is_down_ends_at_once(
    search: Search, own_elasticsearch: OwnElasticsearch
) -> None:
    await asyncio.to_thread(own_elasticsearch.kill)
    for _ in range(FAILURES):
        await search.search(LAMPS)

    await asyncio.wait_for(search.close(), 1)

    assert [task for task in asyncio.all_tasks() if task.get_name() == "search: look again"] == []
